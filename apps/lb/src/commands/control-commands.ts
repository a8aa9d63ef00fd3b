import type { Command } from 'commander';
import { placing, readCommandLines, withoutPlace } from '../client/command-lines.js';
import { addClientOptions, type ClientOptions, withClient } from '../client/connect.js';
import { writeWarnings } from '../configuration.js';
import { cliError } from '../errors.js';
import { type Streams, writeJson } from '../streams.js';

interface Options extends ClientOptions {
  readonly note?: string;
  readonly json?: true;
}

interface GrammarCommand {
  readonly name: string;
  readonly summary: string;
  readonly usage: string;
  readonly example: string;
}

/** Commands that are lines of the grammar. */
const GRAMMAR: readonly GrammarCommand[] = [
  {
    name: 'conf',
    summary: 'change settings of the running balancer',
    usage:
      '[ip4-src-address <addr>] [ip6-src-address <addr>] [buckets <n>] [timeout <s>] [tcp-timeout <s>] [udp-timeout <s>] [<setting> <value>]... [no <setting>]...',
    example: 'lb conf ip4-src-address 10.0.0.100 timeout 60',
  },
  {
    name: 'vip',
    summary: 'add a VIP to the running balancer, or remove it',
    usage:
      '<prefix> [protocol (tcp|udp) port <n>] [target_port <n>] [node_port <n>] [encap (gre4|gre6|l3dsr|nat4|nat6)] [dscp <n>] [type (clusterip|nodeport)] [new_len <n>] [src_ip_sticky] [mss_clamp <bytes>] [last_as (drop|keep)] [panic <percent>] [check (tcp|http|https|udp|icmp) ...] [del]',
    example: 'lb vip 90.0.0.0/8 encap gre4',
  },
  {
    name: 'as',
    summary: 'add application servers to a VIP of the running balancer, or remove them',
    usage:
      '<vip-prefix> [protocol (tcp|udp) port <n>] <address>... [weight <n> [over <s>]] [enable | drain [deadline <s>] | disable] [del] [flush]',
    example: 'lb as 90.0.0.0/8 10.0.0.1 10.0.0.2 weight 50',
  },
  {
    name: 'set',
    summary: 'change settings of a VIP of the running balancer, or name the interfaces of NAT return traffic',
    usage:
      '(vip <prefix> [protocol (tcp|udp) port <n>] [<setting> <value>]... [no <setting>]... | interface (nat4|nat6) in <interface> [del])',
    example: 'lb set vip 90.0.0.0/8 new_len 4096 no check',
  },
  {
    name: 'flush',
    summary: 'have the established flows of a VIP balanced anew',
    usage: 'vip <prefix> [protocol (tcp|udp) port <n>]',
    example: 'lb flush vip 90.0.0.0/8',
  },
  {
    name: 'show',
    summary: 'show the state of the running balancer',
    usage: '(lb | lb vip [verbose] | node counters)',
    example: 'lb show lb vip verbose',
  },
];

/** Adds the commands that talk to a running daemon. */
export function addControlCommands(program: Command, streams: Streams): void {
  for (const grammar of GRAMMAR) {
    const command = program.command(grammar.name);
    if (grammar.name !== 'show') command.option('--note <text>', 'why, for the history');
    addClientOptions(command)
      .summary(grammar.summary)
      .description(`${sentence(grammar.summary)}.`)
      .usage(`${grammar.usage} [--socket <path>]`)
      .argument('[words...]', 'a command line of the grammar')
      .option('--json', grammar.name === 'show' ? 'print the answer as JSON' : 'print the warnings as JSON')
      .addHelpText('after', `\nExample:\n  ${grammar.example}`)
      .action((words: string[], options: Options) => runGrammar(grammar.name, words, options, streams));
  }
  addClientOptions(program.command('exec').option('--note <text>', 'why, for the history'))
    .summary('carry out the command lines of a file in the running balancer')
    .description(
      'Carries out the command lines of a file in the running balancer: all of them, or none if one is wrong.',
    )
    .argument('<file>', 'command lines, - for standard input')
    .option('--json', 'print the answers to show lines as JSON, a list')
    .addHelpText('after', '\nExample:\n  lb exec changes.lb')
    .action((file: string, options: Options) => runFile(file, options, streams));
  addClientOptions(program.command('debug', { hidden: true }))
    .argument('<words...>', 'worker <n> kill')
    .action((words: string[], options: Options) => runDebug(words, options));
}

async function runGrammar(name: string, words: readonly string[], options: Options, streams: Streams): Promise<void> {
  const line = [name === 'show' ? '' : 'lb', name, ...words].join(' ').trimStart();
  const answer = await placing(withoutPlace, () =>
    withClient(options, (client) => client.exec([line], noteOf(options))),
  );
  if (options.json) {
    writeJson(streams.stdout, name === 'show' ? answer.json[0] : { warnings: answer.warnings });
    return;
  }
  streams.stdout.write(answer.output);
  writeWarnings(streams.stderr, name, answer.warnings.map(withoutPlace));
}

async function runFile(path: string, options: Options, streams: Streams): Promise<void> {
  const { name: file, lines } = await readCommandLines(path);
  const exec = () => withClient(options, (client) => client.exec(lines, noteOf(options)));
  const answer = await placing((problem) => ({ file, ...problem }), exec);
  if (options.json) writeJson(streams.stdout, answer.json);
  else streams.stdout.write(answer.output);
  writeWarnings(
    streams.stderr,
    'exec',
    answer.warnings.map((warning) => ({ file, ...warning })),
  );
}

async function runDebug(words: readonly string[], options: Options): Promise<void> {
  const [, worker] = /^worker (\d{1,4}) kill$/.exec(words.join(' ')) ?? [];
  if (worker === undefined) throw cliError('LB_CLI_USAGE', `expected 'worker <n> kill', got '${words.join(' ')}'`);
  await withClient(options, (client) => client.call('killWorker', { params: { worker } }));
}

function noteOf({ note }: Options): { note?: string } {
  return note === undefined ? {} : { note };
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
