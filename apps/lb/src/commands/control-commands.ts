import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { ConfigError, type Problem } from '@lb/control';
import type { Command } from 'commander';
import { writeWarnings } from '../configuration.js';
import { ControlClient } from '../daemon/control-client.js';
import type { ExecAnswer } from '../daemon/control-messages.js';
import { defaultSocketPath } from '../daemon/socket-path.js';
import { cliError } from '../errors.js';
import { type Streams, writeJson } from '../streams.js';

interface Options {
  readonly socket?: string;
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
    summary: 'change a setting of the running balancer',
    usage: '[ip4-src-address <addr>] [ip6-src-address <addr>] [buckets <n>] [timeout <n>]',
    example: 'lb conf ip4-src-address 10.0.0.100 timeout 60',
  },
  {
    name: 'vip',
    summary: 'add a VIP to the running balancer, or remove it',
    usage:
      '<prefix> [protocol (tcp|udp) port <n>] [target_port <n>] [node_port <n>] [encap (gre4|gre6|l3dsr|nat4|nat6)] [dscp <n>] [type (clusterip|nodeport)] [new_len <n>] [src_ip_sticky] [del]',
    example: 'lb vip 90.0.0.0/8 encap gre4',
  },
  {
    name: 'as',
    summary: 'add application servers to a VIP of the running balancer, or remove them',
    usage: '<vip-prefix> [protocol (tcp|udp) port <n>] <address>... [weight <n>] [del] [flush]',
    example: 'lb as 90.0.0.0/8 10.0.0.1 10.0.0.2 weight 50',
  },
  {
    name: 'set',
    summary: 'name the interfaces of NAT return traffic to the running balancer',
    usage: 'interface (nat4|nat6) in <interface> [del]',
    example: 'lb set interface nat4 in eth0',
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
    socketCommand(program, grammar.name)
      .summary(grammar.summary)
      .description(`${sentence(grammar.summary)}.`)
      .usage(`${grammar.usage} [--socket <path>]`)
      .argument('[words...]', 'a command line of the grammar')
      .option('--json', grammar.name === 'show' ? 'print the answer as JSON' : 'print the warnings as JSON')
      .addHelpText('after', `\nExample:\n  ${grammar.example}`)
      .action((words: string[], options: Options) => runGrammar(grammar.name, words, options, streams));
  }
  socketCommand(program, 'exec')
    .summary('carry out the command lines of a file in the running balancer')
    .description(
      'Carries out the command lines of a file in the running balancer: all of them, or none if one is wrong.',
    )
    .argument('<file>', 'command lines, - for standard input')
    .option('--json', 'print the answers to show lines as JSON, a list')
    .addHelpText('after', '\nExample:\n  lb exec changes.lb')
    .action((file: string, options: Options) => runFile(file, options, streams));
  socketCommand(program, 'debug', { hidden: true })
    .argument('<words...>', 'worker <n> kill')
    .action((words: string[], options: Options) => runDebug(words, options));
}

function socketCommand(program: Command, name: string, options: { hidden?: boolean } = {}): Command {
  return program
    .command(name, options)
    .option('--socket <path>', `control socket of the daemon (default: $LB_SOCKET, or ${defaultSocketPath({})})`);
}

function clientOf({ socket }: Options): ControlClient {
  return new ControlClient(socket ?? defaultSocketPath());
}

async function runGrammar(name: string, words: readonly string[], options: Options, streams: Streams): Promise<void> {
  const line = [name === 'show' ? '' : 'lb', name, ...words].join(' ').trimStart();
  let answer: ExecAnswer;
  try {
    answer = await clientOf(options).exec([line]);
  } catch (error) {
    // In one line on a command line there is no place to point to.
    throw placed(error, withoutPlace);
  }
  if (options.json) {
    writeJson(streams.stdout, name === 'show' ? answer.json[0] : { warnings: answer.warnings });
    return;
  }
  streams.stdout.write(answer.output);
  writeWarnings(streams.stderr, name, answer.warnings.map(withoutPlace));
}

async function runFile(file: string, options: Options, streams: Streams): Promise<void> {
  const text = await readText(file);
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const name = file === '-' ? 'standard input' : file;
  let answer: ExecAnswer;
  try {
    answer = await clientOf(options).exec(lines);
  } catch (error) {
    throw placed(error, (problem) => ({ file: name, ...problem }));
  }
  if (options.json) writeJson(streams.stdout, answer.json);
  else streams.stdout.write(answer.output);
  writeWarnings(
    streams.stderr,
    'exec',
    answer.warnings.map((warning) => ({ file: name, ...warning })),
  );
}

async function readText(file: string): Promise<string> {
  try {
    return file === '-' ? readFileSync(0, 'utf8') : await readFile(file, 'utf8');
  } catch (error) {
    throw cliError('LB_CLI_USAGE', `cannot read ${file}: ${(error as Error).message}`);
  }
}

async function runDebug(words: readonly string[], options: Options): Promise<void> {
  const [, index] = /^worker (\d{1,4}) kill$/.exec(words.join(' ')) ?? [];
  if (index === undefined) throw cliError('LB_CLI_USAGE', `expected 'worker <n> kill', got '${words.join(' ')}'`);
  await clientOf(options).killWorker(Number(index));
}

/** The same error with other places. */
function placed(error: unknown, place: (problem: Problem) => Problem): unknown {
  if (!(error instanceof ConfigError)) return error;
  return new ConfigError(error.problems.map(place) as [Problem, ...Problem[]]);
}

function withoutPlace<P extends { readonly line?: number; readonly column?: number }>(problem: P) {
  const { line: _, column: __, ...rest } = problem;
  return rest;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
