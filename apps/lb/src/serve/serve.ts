import type { Config } from '@lb/control';
import { type Compiled, compileConfig } from '../compiled.js';
import { cliError } from '../errors.js';
import { abortOnSignals } from '../signals.js';
import { countText, plural } from '../text.js';
import type { Display } from './display.js';
import { type Snapshot, takeSnapshot } from './snapshot.js';
import { Workers } from './workers.js';

export interface ServeOptions {
  readonly config: Config;
  /** What the configuration is called, as in `sample configuration`. */
  readonly title: string;
  readonly workers: number;
  readonly flows: number;
  readonly packetSize: number;
  /** Packets per second. */
  readonly rate: number;
  /** Ends by itself after this many seconds. */
  readonly duration?: number;
}

export interface Served {
  readonly seconds: number;
  readonly last: Snapshot;
}

/** Rates are over this much time at least. */
const RATE_MS = 950;

/**
 * Runs the daemon on the embedded queue until a signal, the display's `quit` or the duration ends it.
 * @throws LbError LB_CLI_NO_TRAFFIC, LB_CLI_WORKER
 */
export async function serve(options: ServeOptions, createDisplay: (quit: () => void) => Display): Promise<Served> {
  const { config, duration } = options;
  if (config.vips.length === 0) {
    throw cliError('LB_CLI_NO_TRAFFIC', 'the configuration has no VIP to generate traffic for');
  }
  const compiled = compileConfig(config);
  const end = new AbortController();
  const quit = (): void => end.abort();
  const signals = abortOnSignals();
  signals.signal.addEventListener('abort', quit);
  let failure: Error | undefined;
  const workers = new Workers({ ...options, compiled }, (error) => {
    failure ??= error;
    quit();
  });
  const display = createDisplay(quit);
  const ended = new Promise<void>((resolve) => end.signal.addEventListener('abort', () => resolve()));
  const timers: NodeJS.Timeout[] = [];
  let started = performance.now();
  try {
    await Promise.race([workers.ready(), ended]);
    started = performance.now();
    if (!end.signal.aborted) display.begin(readyText(options, compiled));
    if (duration !== undefined) timers.push(setTimeout(quit, duration * 1000));
    timers.push(showRegularly(options, compiled, workers, display, started));
    await ended;
  } finally {
    for (const timer of timers) clearInterval(timer);
    display.end();
    await workers.stop();
    signals.release();
  }
  if (failure !== undefined) throw failure;
  return { seconds: (performance.now() - started) / 1000, last: takeSnapshot(compiled, workers) };
}

function showRegularly(
  { title, workers: count }: ServeOptions,
  compiled: Compiled,
  workers: Workers,
  display: Display,
  started: number,
): NodeJS.Timeout {
  const encaps = compiled.config.vips.map(({ encap }) => encap);
  const history = [takeSnapshot(compiled, workers)];
  return setInterval(() => {
    const now = takeSnapshot(compiled, workers);
    // The latest one that is old enough, or the first.
    while (history.length > 1 && now.atMs - history[1]!.atMs >= RATE_MS) history.shift();
    const uptimeSec = (now.atMs - started) / 1000;
    display.show({ title, workers: count, uptimeSec, encaps, now, before: history[0]! });
    history.push(now);
  }, display.intervalMs);
}

function readyText({ workers, rate, title }: ServeOptions, { vips }: Compiled): string {
  const ass = vips.reduce((count, vip) => count + vip.ass.length, 0);
  const what = `${plural(vips.length, 'VIP')}, ${plural(ass, 'AS', 'ASs')}, ${plural(workers, 'worker')}`;
  return `lb serve: ready: ${title}, ${what}, generated traffic of ${countText(rate)} packets/s`;
}
