import type { Capture, CaptureBody, LbClient } from '@lb/control/client';
import { LbError } from '@lb/core';
import { OutputFile } from '@lb/dataplane';
import type { Command } from 'commander';
import { addClientOptions, type ClientOptions, withClient } from '../client/connect.js';
import { PcapngBlocks } from '../client/pcapng-blocks.js';
import { addTapOptions, type TapOptions, tapFilter } from '../client/tap-options.js';
import { cliError } from '../errors.js';
import { choice, seconds, wholeNumber } from '../options.js';
import { abortOnSignals } from '../signals.js';
import { type Streams, writeJson } from '../streams.js';
import { exactText, plural, sizeText } from '../text.js';

interface Options extends ClientOptions, TapOptions {
  readonly out: string;
  readonly side: NonNullable<CaptureBody['side']>;
  readonly count: number;
  readonly seconds: number;
  readonly json?: true;
}

/** What has been written. */
interface Report {
  readonly received: number;
  readonly sent: number;
  readonly bytes: number;
  /** Packets that were left out; null: the capture was ended before it could be known. */
  readonly missed: number | null;
}

export function addCapture(program: Command, streams: Streams): void {
  const capture = program
    .command('capture')
    .summary('write packets as received and as sent to a pcapng file')
    .description(
      'Writes packets as the workers of a running balancer receive and send them to a pcapng file with two interfaces, and what became of each as its comment. It ends with the last packet, when the time is up, or with Ctrl-C.',
    )
    .requiredOption(
      '--out <file>',
      'pcapng file to write, - for standard output (the report goes to standard error then)',
    )
    .addOption(
      choice('--side <word>', 'packets as received, as sent, or both', ['received', 'sent', 'both']).default('both'),
    )
    .addOption(
      wholeNumber('--count <n>', 'how many packets; one as received and as sent is one', 1, 10_000_000).default(10_000),
    )
    .addOption(seconds('--seconds <seconds>', 'for how long', 0.1, 3600).default(60));
  addClientOptions(addTapOptions(capture))
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  lb capture --vip 90.0.0.0/8 --count 100 --out x.pcapng\n  lb capture --client 198.51.100.7 --out - | wireshark -k -i -',
    )
    .action((options: Options) => runCapture(options, streams));
}

async function runCapture(options: Options, streams: Streams): Promise<void> {
  const toStdout = options.out === '-' || options.out === '/dev/stdout';
  const tell = (report: Report): void => {
    const { missed } = report;
    const output = toStdout ? streams.stderr : streams.stdout;
    if (options.json) writeJson(output, report);
    else output.write(reportText(options.out, report));
    if (missed) streams.stderr.write(`lb capture: ${plural(missed, 'more packet')} came too fast to be kept\n`);
  };
  const signals = abortOnSignals();
  try {
    await withClient(options, async (client) => {
      const capture = await begin(client, options, signals.signal);
      await write(capture, options.out, tell);
    });
  } catch (error) {
    // Whoever reads our output may stop when it likes: that is no failure.
    if (toStdout && error instanceof LbError && error.code === 'LB_CAP_PIPE_CLOSED') return;
    throw error;
  } finally {
    signals.release();
  }
}

async function begin(client: LbClient, options: Options, signal: AbortSignal): Promise<Capture> {
  const { side, count } = options;
  const filter = await tapFilter(client, options);
  try {
    return await client.capture({ ...filter, side, count, seconds: options.seconds }, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    throw cliError('LB_CLI_INTERRUPTED', 'a signal ended the capture before it had begun');
  }
}

/** Writes what comes. If the connection breaks, what has come is kept and told about nevertheless. */
async function write(capture: Capture, path: string, tell: (report: Report) => void): Promise<void> {
  const file = new OutputFile(path);
  const blocks = new PcapngBlocks();
  let failure: unknown;
  try {
    for await (const chunk of capture) append(file, blocks.add(chunk));
  } catch (error) {
    failure = error;
  }
  // After a failure to write this throws it again.
  file.close();
  const [received, sent] = blocks.packets;
  tell({ received, sent, bytes: blocks.bytes, missed: capture.missed ?? null });
  if (failure !== undefined) throw failure;
}

function append(file: OutputFile, bytes: Uint8Array): void {
  for (let from = 0; from < bytes.length; from += file.bytes.length) {
    const piece = bytes.subarray(from, from + file.bytes.length);
    file.bytes.set(piece, file.reserve(piece.length));
    file.commit(piece.length);
  }
  // Whoever reads a pipe wants to see packets as they come.
  file.flush();
}

function reportText(path: string, { received, sent, bytes }: Report): string {
  const name = path === '-' ? 'standard output' : path;
  return `${name}: ${plural(received, 'packet')} received, ${exactText(sent)} sent, ${sizeText(bytes)}\n`;
}
