import type { Command } from 'commander';
import { addClientOptions, type ClientOptions, withClient } from '../client/connect.js';
import { addTapOptions, type TapOptions, tapFilter } from '../client/tap-options.js';
import { seconds, wholeNumber } from '../options.js';
import { type Streams, writeJson } from '../streams.js';
import { plural } from '../text.js';

interface Options extends ClientOptions, TapOptions {
  readonly count: number;
  readonly seconds: number;
  readonly json?: true;
}

export function addTrace(program: Command, streams: Streams): void {
  const trace = program
    .command('trace')
    .summary('show what becomes of the next packets, stage by stage')
    .description(
      'Shows what becomes of the next packets in the workers of a running balancer, stage by stage. It ends with the last of them, or when the time is up.',
    )
    .addOption(wholeNumber('-n, --count <n>', 'how many packets', 1, 1000).default(20))
    .addOption(seconds('--seconds <seconds>', 'how long to wait for them', 0.1, 300).default(10));
  addClientOptions(addTapOptions(trace))
    .option('--json', 'print everything as JSON, packets in hex included')
    .addHelpText(
      'after',
      '\nExample:\n  lb trace -n 5 --client 198.51.100.0/24\n  lb trace --verdict drop --seconds 60',
    )
    .action((options: Options) => runTrace(options, streams));
}

async function runTrace(options: Options, { stdout, stderr }: Streams): Promise<void> {
  const { count, json } = options;
  const { records, missed } = await withClient(options, async (client) =>
    client.trace({ ...(await tapFilter(client, options)), count, seconds: options.seconds }),
  );
  if (json) writeJson(stdout, { records, missed });
  else stdout.write(records.length === 0 ? 'no packets\n' : records.map(({ text }) => text).join('\n'));
  if (missed > 0) stderr.write(`lb trace: ${plural(missed, 'more packet')} came too fast to be shown\n`);
}
