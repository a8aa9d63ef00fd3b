import { errorText, type Problem } from '@lb/control';
import { LbError } from '@lb/core';
import { ControlServer } from '../daemon/control-server.js';
import { Daemon, type DaemonOptions } from '../daemon/daemon.js';
import { serviceNotifier } from '../daemon/notify.js';
import { cliError } from '../errors.js';
import { abortOnSignals } from '../signals.js';
import { countText, plural } from '../text.js';
import type { Display } from './display.js';
import { type Sample, type Snapshot, takeSample } from './snapshot.js';

export interface ServeOptions extends DaemonOptions {
  /** What the configuration is called, as in `sample configuration`. */
  readonly title: string;
  readonly warnings: readonly Problem[];
  /** Path of the control socket. */
  readonly socket: string;
  /** Whether the daemon does without its control socket when it cannot be made. */
  readonly socketOptional: boolean;
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
 * Runs the daemon until a signal, the display's `quit` or the duration ends it.
 * @throws LbError LB_CLI_NO_TRAFFIC, LB_DAEMON_*, LB_NATIVE_*, LB_NET_*, LB_WORKER_*
 */
export async function serve(options: ServeOptions, createDisplay: (quit: () => void) => Display): Promise<Served> {
  const { config, duration, log } = options;
  if (config.vips.length === 0 && options.interfaces.length === 0) {
    throw cliError('LB_CLI_NO_TRAFFIC', 'the configuration has no VIP to generate traffic for');
  }
  const end = new AbortController();
  const quit = (): void => end.abort();
  const signals = abortOnSignals();
  signals.signal.addEventListener('abort', quit);
  const notifier = serviceNotifier(process.env, (text) => log.warn({}, text));
  let display: Display | undefined;
  let control: ControlServer | undefined;
  let daemon: Daemon | undefined;
  const timers: NodeJS.Timeout[] = [];
  const ended = new Promise<void>((resolve) => end.signal.addEventListener('abort', () => resolve()));
  try {
    let starting: (daemon: Promise<Daemon>) => void = () => {};
    const whenReady = new Promise<Daemon>((resolve) => {
      starting = resolve;
    });
    // Before anything else: what another daemon serves is not touched.
    control = await openControl(options, whenReady);
    const start = Daemon.start(options);
    starting(start);
    daemon = await start;
    const started = performance.now();
    for (const { code, message } of daemon.startWarnings(options.warnings)) log.warn({ code }, message);
    display = createDisplay(quit);
    const ready = readyText(options, daemon);
    if (!end.signal.aborted) {
      display.begin(ready);
      await notifier.ready(ready);
    }
    if (duration !== undefined) timers.push(setTimeout(quit, duration * 1000));
    timers.push(showRegularly(options, daemon, display, started));
    await ended;
    const { snapshot } = takeSample(daemon);
    return { seconds: (performance.now() - started) / 1000, last: snapshot };
  } finally {
    for (const timer of timers) clearInterval(timer);
    display?.end();
    await notifier.stopping();
    await control?.close();
    await daemon?.stop();
    signals.release();
  }
}

async function openControl(options: ServeOptions, daemon: Promise<Daemon>): Promise<ControlServer | undefined> {
  daemon.catch(() => {});
  try {
    return await ControlServer.listen(options.socket, daemon, options.log);
  } catch (error) {
    if (!options.socketOptional || !(error instanceof LbError)) throw error;
    options.log.warn({ code: error.code }, `commands do not reach this daemon: ${errorText(error)}`);
    return undefined;
  }
}

function showRegularly(options: ServeOptions, daemon: Daemon, display: Display, started: number): NodeJS.Timeout {
  let history: Sample[] = [takeSample(daemon)];
  return setInterval(() => {
    const { title, workers } = options;
    const sample = takeSample(daemon);
    const now = sample.snapshot;
    // Rates of VIPs that have just come are not known.
    if (history.at(-1)?.config !== sample.config) history = [sample];
    // The latest one that is old enough, or the first.
    while (history.length > 1 && now.atMs - history[1]!.snapshot.atMs >= RATE_MS) history.shift();
    const encaps = sample.config.vips.map(({ encap }) => encap);
    const uptimeSec = (now.atMs - started) / 1000;
    display.show({ title, workers, uptimeSec, encaps, now, before: history[0]!.snapshot });
    history.push(sample);
  }, display.intervalMs);
}

function readyText({ workers, traffic, title }: ServeOptions, { config, native }: Daemon): string {
  const ass = config.vips.reduce((count, vip) => count + vip.ass.length, 0);
  const counts = [
    plural(config.vips.length, 'VIP'),
    plural(ass, 'AS', 'ASs'),
    plural(workers, 'worker'),
    native === undefined
      ? `generated traffic of ${countText(traffic.rate)} packets/s`
      : native.interfaces.list.map(({ name, kind }) => `${name}=${kind}`).join(' '),
  ];
  return `lb serve: ready: ${title}, ${counts.join(', ')}`;
}
