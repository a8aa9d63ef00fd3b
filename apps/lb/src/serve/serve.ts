import { type Config, errorText, type Problem } from '@lb/control';
import type { ListenerOptions } from '@lb/control/api';
import type { LbError } from '@lb/core';
import { openConfigFile, type WatchedFile } from '../daemon/config-file.js';
import { Daemon, type DaemonOptions } from '../daemon/daemon.js';
import { serviceNotifier } from '../daemon/notify.js';
import { openApi, type ServedApi } from '../daemon/served-api.js';
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
  /** Where else the API is served. */
  readonly listeners: readonly ListenerOptions[];
  /** Folder of revisions, tokens and the audit log; without it nothing outlives the daemon. */
  readonly stateDir?: string;
  /** Whether the configuration was given, by files. */
  readonly fromFile: boolean;
  /** Why the files could not be used, where a revision of the state is served instead; and how to read them again. */
  readonly refused?: { readonly error: Error; readonly again: () => Promise<Config> };
  /** File whose edits are taken over. */
  readonly watch?: string;
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
 * @throws LbError LB_CLI_NO_TRAFFIC, LB_API_*, LB_STATE_*, LB_DAEMON_*, LB_NATIVE_*, LB_NET_*, LB_WORKER_*
 */
export async function serve(options: ServeOptions, createDisplay: (quit: () => void) => Display): Promise<Served> {
  const { config, duration, log, store } = options;
  const served = store?.latest()?.config ?? config;
  if (served.vips.length === 0 && options.interfaces.length === 0) {
    await store?.close();
    throw cliError('LB_CLI_NO_TRAFFIC', 'the configuration has no VIP to generate traffic for');
  }
  const end = new AbortController();
  const quit = (): void => end.abort();
  const signals = abortOnSignals();
  signals.signal.addEventListener('abort', quit);
  const notifier = serviceNotifier(process.env, (text) => log.warn({}, text));
  let display: Display | undefined;
  let api: ServedApi | undefined;
  let daemon: Daemon | undefined;
  let watched: WatchedFile | undefined;
  const timers: NodeJS.Timeout[] = [];
  const ended = new Promise<void>((resolve) => end.signal.addEventListener('abort', () => resolve()));
  try {
    let starting: (daemon: Promise<Daemon>) => void = () => {};
    const whenReady = new Promise<Daemon>((resolve) => {
      starting = resolve;
    });
    // Before anything else: what another daemon serves is not touched.
    api = await openApi(options, whenReady);
    const kept = store?.latest();
    if (options.refused !== undefined) {
      const why = errorText(options.refused.error as LbError);
      const message = `revision ${kept?.number} of ${options.stateDir} is served, as the configuration that was given cannot be: ${why}`;
      log.warn({ code: 'LB_LIVE_WARN_CONFIG_REFUSED' }, message);
    } else if (kept !== undefined && options.fromFile && options.watch === undefined) {
      const message = `${options.title} is not used: ${options.stateDir} has revision ${kept.number}; --watch follows a file`;
      log.warn({ code: 'LB_LIVE_WARN_CONFIG_UNUSED' }, message);
    }
    // Before the file that was loaded is acted upon: an edit meanwhile is not missed.
    watched = options.watch === undefined ? undefined : openConfigFile(options.watch);
    const start = Daemon.start(options);
    starting(start);
    daemon = await start;
    const started = performance.now();
    for (const { code, message } of daemon.freshWarnings(options.warnings)) log.warn({ code }, message);
    // It may have been finished before it was watched.
    const loaded = await options.refused?.again().catch((error: Error) => error);
    await watched?.follow(daemon, loaded ?? config, store, log);
    display = createDisplay(quit);
    const ready = readyText(options, daemon, api.urls);
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
    watched?.close();
    display?.end();
    await notifier.stopping();
    await api?.close();
    // A daemon that has started closes its store.
    if (daemon === undefined) await store?.close();
    await daemon?.stop();
    signals.release();
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

function readyText(
  { workers, traffic, title }: ServeOptions,
  { config, dataplane }: Daemon,
  urls: readonly string[],
): string {
  const { native } = dataplane;
  const ass = config.vips.reduce((count, vip) => count + vip.ass.length, 0);
  const counts = [
    plural(config.vips.length, 'VIP'),
    plural(ass, 'AS', 'ASs'),
    plural(workers, 'worker'),
    native === undefined
      ? `generated traffic of ${countText(traffic.rate)} packets/s`
      : native.interfaces.list.map(({ name, kind }) => `${name}=${kind}`).join(' '),
    `${dataplane.stages.native ? 'native' : 'TypeScript'} stages`,
    ...urls.map((url) => `API at ${url}`),
  ];
  return `lb serve: ready: ${title}, ${counts.join(', ')}`;
}
