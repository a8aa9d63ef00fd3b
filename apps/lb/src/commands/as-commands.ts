import { type AsConfig, describeVip, type VipConfig, vipId, vipRefOf } from '@lb/control';
import type { AsSample, LbClient } from '@lb/control/client';
import type { Command } from 'commander';
import { asLine, asText } from '../client/as-line.js';
import { placing, withoutPlace } from '../client/command-lines.js';
import { addClientOptions, type ClientOptions, withClient } from '../client/connect.js';
import { assNamed, vipNamed } from '../client/find-ass.js';
import { waitForDrain } from '../client/wait-for-drain.js';
import { writeWarnings } from '../configuration.js';
import { cliError } from '../errors.js';
import { choice, readWholeNumber, wholeNumber } from '../options.js';
import { type Streams, writeJson, writeLines } from '../streams.js';

interface Options extends ClientOptions {
  readonly port?: number;
  readonly protocol?: 'tcp' | 'udp';
  readonly note?: string;
  readonly json?: true;
  /** Of `drain`. */
  readonly deadline?: number;
  readonly wait?: true;
  readonly all?: true;
  /** Of `weight`. */
  readonly over?: number;
}

/** What is done to which ASs. */
interface Doing {
  readonly name: string;
  readonly vip: string;
  readonly addresses: readonly string[];
  /** Words of the grammar. */
  readonly words: readonly string[];
}

const MAX_SECONDS = 86_400;

/** Adds `drain`, `enable`, `disable` and `weight`: what an operator does to single servers. */
export function addAsCommands(program: Command, streams: Streams): void {
  const drain = asCommand(program, 'drain', '[as...]')
    .summary('take servers out gently: no new flows, those there are go on')
    .description(
      'Takes servers out gently: they get no new flows, and keep those they have until these end or the deadline has come.',
    )
    .addOption(wholeNumber('--deadline <seconds>', 'cut the flows that are left after this time', 0, MAX_SECONDS))
    .option('--all', 'all servers of the VIP: it takes no new flows')
    .option('--wait', 'return when they have no flow left')
    .addHelpText(
      'after',
      '\nExample:\n  lb drain 90.0.0.0/8 10.0.0.1 10.0.0.2 --deadline 300 --wait\n  lb drain 90.0.0.0/8 --all',
    );
  drain.action((vip: string, addresses: string[], options: Options) => {
    const deadline = options.deadline === undefined ? [] : ['deadline', String(options.deadline)];
    return run({ name: 'drain', vip, addresses, words: ['drain', ...deadline] }, options, streams);
  });

  asCommand(program, 'enable', '<as...>')
    .summary('let servers take new flows again')
    .description('Lets servers that were drained or disabled take new flows again.')
    .addHelpText('after', '\nExample:\n  lb enable 90.0.0.0/8 10.0.0.1')
    .action((vip: string, addresses: string[], options: Options) =>
      run({ name: 'enable', vip, addresses, words: ['enable'] }, options, streams),
    );

  asCommand(program, 'disable', '<as...>')
    .summary('take servers out at once: their flows go elsewhere')
    .description('Takes servers out at once: they get no new flows, and those they have are cut and balanced anew.')
    .addHelpText('after', '\nExample:\n  lb disable 90.0.0.0/8 10.0.0.1')
    .action((vip: string, addresses: string[], options: Options) =>
      run({ name: 'disable', vip, addresses, words: ['disable'] }, options, streams),
    );

  asCommand(program, 'weight', '<as>')
    .argument('<weight>', 'share of new flows relative to the others, 0 to 100; 0 takes none')
    .summary('change the weight of a server, at once or gradually')
    .description('Changes the weight of a server, at once or gradually. Flows that it has stay.')
    .addOption(wholeNumber('--over <seconds>', 'reach the weight gradually, within this time', 1, MAX_SECONDS))
    .addHelpText('after', '\nExample:\n  lb weight 90.0.0.0/8 10.0.0.1 50 --over 60')
    .action((vip: string, address: string, text: string, options: Options) => {
      const weight = readWholeNumber('the weight', text, 0, 100);
      const over = options.over === undefined ? [] : ['over', String(options.over)];
      return run(
        { name: 'weight', vip, addresses: [address], words: ['weight', `${weight}`, ...over] },
        options,
        streams,
      );
    });
}

function asCommand(program: Command, name: string, ass: string): Command {
  const command = program
    .command(name)
    .argument('<vip>', 'its prefix, as in 90.0.0.0/8, or with port as in 90.1.2.1/32,tcp,80')
    .argument(ass, 'address of an application server')
    .addOption(wholeNumber('--port <n>', 'the VIP with this port, when the prefix has several', 1, 65535))
    .addOption(choice('--protocol <name>', 'the VIP for this protocol, likewise', ['tcp', 'udp']))
    .option('--note <text>', 'why, for the history');
  return addClientOptions(command).option('--json', 'print revision, servers and warnings as JSON');
}

/** All of them, or none; only servers that there are. */
async function run(doing: Doing, options: Options, { stdout, stderr }: Streams): Promise<void> {
  const { name, words } = doing;
  await withClient(options, async (client) => {
    const { config, revision: ifMatch } = await client.config();
    const vip = vipNamed(config, { ...options, vip: doing.vip });
    const addresses = assChosen(vip, doing.addresses, options).map(({ address }) => address);
    const line = asLine(vipRefOf(vip), addresses, words);
    // The line would make an AS that somebody else has removed meanwhile.
    const change = { ifMatch, ...(options.note !== undefined && { note: options.note }) };
    const { revision, warnings } = await placing(withoutPlace, () => client.exec([line], change));
    if (options.wait) await waitForDrain(client, vipRefOf(vip), addresses, stderr);
    const ass = await samplesOf(client, vip, addresses);
    if (options.json) {
      writeJson(stdout, { revision, vip: vipId(vipRefOf(vip)), ass, warnings });
      return;
    }
    writeLines(stdout, [...ass.map((as) => asText(describeVip(vip), as)), `revision ${revision}`]);
    writeWarnings(stderr, name, warnings.map(withoutPlace));
  });
}

/** @throws LbError LB_CLI_USAGE, LB_CLI_AS */
function assChosen(vip: VipConfig, addresses: readonly string[], { all }: Options): readonly AsConfig[] {
  if (all === true && addresses.length === 0) return vip.ass;
  if (all !== true && addresses.length > 0) return assNamed(vip, addresses);
  throw cliError('LB_CLI_USAGE', 'name the servers, or give --all for those of the VIP');
}

async function samplesOf(client: LbClient, vip: VipConfig, addresses: readonly string[]): Promise<AsSample[]> {
  const sample = (await client.counters()).vips.find(({ id }) => id === vipId(vipRefOf(vip)));
  return (sample?.ass ?? []).filter(({ address }) => addresses.includes(address));
}
