import type { CountersSample, LbClient, Status } from '@lb/control/client';
import type { Command } from 'commander';
import { addClientOptions, type ClientOptions, withClient } from '../client/connect.js';
import { seconds } from '../options.js';
import { LiveScreen } from '../serve/live-screen.js';
import { abortOnSignals } from '../signals.js';
import { colorsFor, type Streams, writeJson, writeLines } from '../streams.js';
import { renderTop, type TopModel } from '../top/top-view.js';

interface Options extends ClientOptions {
  readonly interval: number;
  readonly json?: true;
}

/** How often the age of figures is shown anew while the daemon does not answer. */
const AGE_MS = 1000;
/** Figures that are later than this are old, whatever keeps them. */
const LATE_INTERVALS = 3;
/** Without a terminal there is room for everything. */
const ALL_ROWS = 1_000_000;

export function addTop(program: Command, streams: Streams): void {
  const top = program
    .command('top')
    .summary('watch VIPs and servers: rates, flows, weights, health')
    .description(
      'Shows the VIPs and servers of a running balancer with rates, flows, weights and health, again and again. q quits. Where there is no terminal, it prints them once, after one interval.',
    )
    .addOption(seconds('--interval <seconds>', 'time between two looks', 0.1, 60).default(1));
  addClientOptions(top)
    .option('--json', 'print the counters as a line of JSON at each look, until Ctrl-C')
    .addHelpText('after', '\nExample:\n  lb top --interval 2')
    .action((options: Options) => runTop(options, streams));
}

async function runTop(options: Options, streams: Streams): Promise<void> {
  const { stdout } = streams;
  const signals = abortOnSignals();
  const end = new AbortController();
  signals.signal.addEventListener('abort', () => end.abort());
  try {
    await withClient(options, async (client) => {
      // Says at once when there is no daemon.
      const status = await client.status();
      const interval = options.interval * 1000;
      if (options.json) await lines(client, interval, end, streams);
      else if (stdout.isTTY && process.env.TERM !== 'dumb') await watch(client, status, interval, end, streams);
      else await once(client, status, interval, end, streams);
    });
  } finally {
    signals.release();
  }
}

async function lines(client: LbClient, interval: number, end: AbortController, { stdout, stderr }: Streams) {
  for await (const item of client.stream({ interval, events: false, signal: end.signal })) {
    if (item.type === 'counters') writeJson(stdout, item.counters);
    else if (item.type === 'lost') stderr.write(`lb top: the daemon is out of reach: ${item.reason}\n`);
  }
}

async function once(client: LbClient, status: Status, interval: number, end: AbortController, { stdout }: Streams) {
  let before: CountersSample | undefined;
  for await (const item of client.stream({ interval, events: false, signal: end.signal })) {
    if (item.type !== 'counters') continue;
    const now = item.counters;
    if (before !== undefined) {
      const size = { columns: stdout.columns || 200, rows: ALL_ROWS };
      writeLines(stdout, renderTop({ status, now, before, once: true }, size, colorsFor(stdout)));
      return;
    }
    before = now;
  }
}

async function watch(
  client: LbClient,
  first: Status,
  interval: number,
  end: AbortController,
  { stdout }: Streams,
): Promise<void> {
  const screen = new LiveScreen(stdout, process.stdin, () => end.abort());
  let model: TopModel | undefined;
  let status = first;
  let came = performance.now();
  let lost = false;
  const show = (): void => {
    if (model === undefined) return;
    const silentMs = performance.now() - came;
    const old = lost || silentMs > LATE_INTERVALS * interval + AGE_MS;
    const shown = old ? { ...model, silentSec: silentMs / 1000 } : model;
    screen.show((size, colors) => renderTop(shown, size, colors));
  };
  const age = setInterval(show, AGE_MS);
  screen.begin();
  try {
    for await (const item of client.stream({ interval, events: false, signal: end.signal })) {
      if (item.type === 'lost') lost = true;
      // Another process may answer there now.
      if (item.type === 'connected' && lost) status = await client.status().catch(() => status);
      if (item.type === 'counters') {
        lost = false;
        came = performance.now();
        model = { status, now: item.counters, ...(model && { before: model.now }) };
      }
      show();
    }
  } finally {
    clearInterval(age);
    screen.end();
  }
}
