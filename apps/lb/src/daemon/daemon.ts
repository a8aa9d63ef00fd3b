import {
  type Applied,
  applyCommands,
  type Config,
  type Effect,
  type Problem,
  parseCommands,
  resolveConfig,
  type VipRef,
} from '@lb/control';
import { parseAddress, parsePrefix } from '@lb/core';
import { asKey, type Image, ImageCompiler, type ImageSpec, Supervisor, vipKey } from '@lb/dataplane';
import { type PlacedVip, placeVips } from '../compiled.js';
import { daemonError, type LiveWarning } from './errors.js';
import { embeddedQueue, type GeneratedTraffic } from './generated-traffic.js';
import type { InterfaceOption } from './interface-option.js';
import { Interfaces } from './interfaces.js';
import { KernelGuard } from './kernel-guard.js';
import { LiveNetwork } from './live-network.js';
import { liveWarnings } from './live-warnings.js';
import type { Log } from './log.js';
import { SlotCounters } from './slot-counters.js';

export interface DaemonOptions {
  readonly config: Config;
  readonly workers: number;
  /** None: generated traffic. */
  readonly interfaces: readonly InterfaceOption[];
  readonly traffic: GeneratedTraffic;
  readonly cpus?: readonly number[];
  readonly log: Log;
}

/** What command lines came to. */
export interface Executed {
  readonly effects: readonly Effect[];
  readonly warnings: readonly (Problem | LiveWarning)[];
}

/** The parts that exist only where real interfaces are served. */
interface Native {
  readonly network: LiveNetwork;
  readonly interfaces: Interfaces;
  readonly guard: KernelGuard | undefined;
}

/** Network changes that come together are one image; and building images takes at most a fifth of the time. */
const COALESCE_MS = 30;
const BUILD_SHARE = 4;
const LONGEST_PAUSE_MS = 700;
const WORKERS_MS = 1000;
const HOUSEKEEPING_MS = 500;

/**
 * The live balancer: workers on their queues, the configuration they serve, and everything that follows from a change
 * of either it or the network. Changes are made one at a time on this thread, so that none meets half of another.
 */
export class Daemon {
  readonly startedAt = performance.now();
  private readonly compiler = new ImageCompiler();
  private readonly slots: SlotCounters;
  private current: Config;
  private image: Image;
  private spec: ImageSpec;
  private placed: readonly PlacedVip[] | undefined;
  private revisionNow = 0;
  /** Since which revision ASs linger that are not reclaimed yet. */
  private lingersSince = 0;
  private known = new Set<string>();
  private recompileTimer: NodeJS.Timeout | undefined;
  private buildMs = 0;
  private readonly housekeeping: NodeJS.Timeout;
  private readonly startedBuckets: number;
  private stopping = false;

  private constructor(
    readonly options: DaemonOptions,
    readonly supervisor: Supervisor,
    readonly native: Native | undefined,
    first: { compiler: ImageCompiler; image: Image; spec: ImageSpec },
  ) {
    this.compiler = first.compiler;
    this.current = options.config;
    this.startedBuckets = options.config.buckets;
    this.slots = new SlotCounters(supervisor.group);
    this.image = first.image;
    this.spec = first.spec;
    this.revisionNow = first.image.revision;
    this.slots.assignVips(this.vipOwners(), this.revisionNow);
    this.housekeeping = setInterval(() => this.reclaim(), HOUSEKEEPING_MS);
  }

  /**
   * Opens everything and returns when all workers serve their queues.
   * @throws LbError LB_DAEMON_*, LB_NATIVE_*, LB_NET_*, LB_WORKER_*; then nothing is left open
   */
  static async start(options: DaemonOptions): Promise<Daemon> {
    const { config, workers, cpus, log } = options;
    if (cpus !== undefined && cpus.length < workers) {
      throw daemonError('LB_DAEMON_CPUS', `--cpu names ${cpus.length} CPUs for ${workers} workers`);
    }
    const native = options.interfaces.length === 0 ? undefined : await openNative(options);
    let daemon: Daemon | undefined;
    let supervisor: Supervisor | undefined;
    try {
      const compiler = new ImageCompiler();
      const spec = specFor(config, native?.interfaces);
      const image = compiler.compile(spec, { revision: 1, ...(native && { network: native.network.spec }) });
      supervisor = new Supervisor({
        workers: Array.from({ length: workers }, (_, index) => () => {
          if (native !== undefined) return native.interfaces.portsOf(index);
          return embeddedQueue(index, workers, options.traffic, daemon?.config ?? config);
        }),
        flowTableLines: config.buckets,
        hugePages: native !== undefined,
        ...(cpus && { cpus }),
      });
      watchWorkers(supervisor, log);
      native?.guard?.apply(spec, native.network.hosts, image);
      daemon = new Daemon(options, supervisor, native, { compiler, image, spec });
      await supervisor.start(image);
      native?.interfaces.apply(spec, native.network.hosts, image);
      daemon.follow();
      return daemon;
    } catch (error) {
      await (daemon === undefined ? closeParts(supervisor, native) : daemon.stop());
      throw error;
    }
  }

  get config(): Config {
    return this.current;
  }

  get revision(): number {
    return this.revisionNow;
  }

  /** Counters of VIPs and ASs by slot. */
  get counters(): SlotCounters {
    return this.slots;
  }

  /** Who has which slot in the image that is served. */
  get vips(): readonly PlacedVip[] {
    this.placed ??= placeVips(this.current, this.spec, this.compiler, this.image);
    return this.placed;
  }

  /**
   * Apply command lines, all or none; returns when the workers use the result.
   * @throws ConfigError with line and column; LB_IMAGE_SLOTS. Nothing has changed then.
   */
  async exec(lines: readonly string[]): Promise<Executed> {
    const applied = applyCommands(this.current, parseCommands(lines.join('\n')));
    const flush = this.flushKeys(applied);
    const changed = applied.config !== this.current && !sameConfig(applied.config, this.current);
    if (changed || flush.size > 0) {
      const vipsBefore = this.current.vips;
      this.publish(applied.config, flush);
      await this.acknowledged();
      if (this.native === undefined && vipNames(vipsBefore) !== vipNames(this.current.vips)) await this.renewTraffic();
    }
    const warnings = this.newWarnings(applied.warnings);
    return { effects: applied.effects, warnings };
  }

  /** End a worker's thread, to show that another takes over. */
  killWorker(index: number): void {
    if (index >= this.options.workers) {
      throw daemonError('LB_DAEMON_REQUEST', `there is no worker ${index}: they are 0 to ${this.options.workers - 1}`);
    }
    this.supervisor.kill(index);
  }

  /** All warnings about the configuration as it is now, in the order of their importance for the start. */
  startWarnings(warnings: readonly Problem[]): readonly (Problem | LiveWarning)[] {
    return this.newWarnings(warnings);
  }

  /** Give interfaces back to the kernel and end the workers. Repeating it does nothing. */
  async stop(): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    clearTimeout(this.recompileTimer);
    clearInterval(this.housekeeping);
    await closeParts(this.supervisor, this.native);
  }

  private follow(): void {
    const { native, options } = this;
    if (native === undefined) return;
    native.network.follow(
      {
        changed: () => this.scheduleRecompile(),
        appeared: (name, isThere) => this.interfaceAppeared(name, isThere),
      },
      options.log,
    );
    this.probe();
    this.recompile();
  }

  private publish(config: Config, flush: ReadonlySet<string>): void {
    clearTimeout(this.recompileTimer);
    this.recompileTimer = undefined;
    const { native } = this;
    const begun = performance.now();
    const spec = specFor(config, native?.interfaces);
    const revision = this.revisionNow + 1;
    const image = this.compiler.compile(spec, {
      revision,
      ...(native && { network: native.network.spec }),
      ...(flush.size > 0 && { flush }),
    });
    this.revisionNow = revision;
    if (config !== this.current) this.lingersSince = revision;
    this.current = config;
    this.spec = spec;
    this.image = image;
    this.placed = undefined;
    this.slots.assignVips(this.vipOwners(), revision);
    this.supervisor.publish(image);
    this.applyFilters();
    this.probe();
    this.buildMs = performance.now() - begun;
  }

  private applyFilters(): void {
    const { native, spec, image, options } = this;
    if (native === undefined) return;
    try {
      native.interfaces.apply(spec, native.network.hosts, image);
    } catch (error) {
      options.log.error(
        { revision: image.revision },
        `the XDP filter could not be changed: ${(error as Error).message}`,
      );
    }
    native.guard?.apply(spec, native.network.hosts, image);
  }

  private recompile(): void {
    this.recompileTimer = undefined;
    if (this.stopping) return;
    try {
      this.publish(this.current, new Set());
      void this.acknowledged();
      for (const { code, message } of this.newWarnings([])) this.options.log.warn({ code }, message);
    } catch (error) {
      this.options.log.error({}, `a change of the network could not be taken over: ${(error as Error).message}`);
    }
  }

  private scheduleRecompile(): void {
    const pause = Math.min(Math.max(COALESCE_MS, this.buildMs * BUILD_SHARE), LONGEST_PAUSE_MS);
    this.recompileTimer ??= setTimeout(() => this.recompile(), pause);
  }

  /** Resolves when all workers use the latest image, or after a while without. */
  private async acknowledged(): Promise<void> {
    const { supervisor } = this;
    const revision = this.revisionNow;
    await this.workersTo(() => supervisor.acknowledged() >= revision);
    this.slots.acknowledged(supervisor.acknowledged());
  }

  /** Resolves when workers have done something, or after a while without: one that just died must not hold up a command. */
  private async workersTo(done: () => boolean): Promise<void> {
    const deadline = performance.now() + WORKERS_MS;
    while (!done() && performance.now() < deadline && !this.stopping) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  /** Free the slots of ASs that are gone and whose last flow is over. */
  private reclaim(): void {
    const { compiler, supervisor } = this;
    this.slots.acknowledged(supervisor.acknowledged());
    const lingering = compiler.lingeringSlots();
    if (lingering.length === 0 || !supervisor.group.hasCountedSince(this.lingersSince)) return;
    if (compiler.reclaim((slot) => supervisor.group.flows(slot)) === 0) return;
    const left = new Set(compiler.lingeringSlots());
    for (const slot of lingering) if (!left.has(slot)) this.slots.releaseAs(slot);
    // So that their answers (NAT) are not looked for any more.
    this.scheduleRecompile();
  }

  private probe(): void {
    this.native?.network.setAddresses(this.spec.vips.flatMap(({ ass }) => ass.map(({ address }) => address)));
  }

  private interfaceAppeared(name: string, isThere: boolean): void {
    const { native, supervisor, options } = this;
    const served = native?.interfaces.find(name);
    if (served === undefined || served.kind === 'tap') return;
    if (!isThere) {
      options.log.warn({ interface: name, code: 'LB_LIVE_WARN_LINK' }, `${name} is gone`);
      return;
    }
    options.log.info({ interface: name }, `${name} is back: opening its queues again`);
    try {
      native!.interfaces.reattach(served);
    } catch (error) {
      options.log.error({ interface: name }, (error as Error).message);
    }
    for (let index = 0; index < options.workers; index++) supervisor.reopen(index);
  }

  /** Generated traffic is for the VIPs there are when a worker's thread starts. */
  private async renewTraffic(): Promise<void> {
    const { supervisor, options } = this;
    const starts = supervisor.group.load().map((load) => load.starts);
    for (let index = 0; index < options.workers; index++) supervisor.reopen(index);
    await this.workersTo(() =>
      supervisor.group.load().every((load, i) => load.starts > starts[i]! && load.state === 'running'),
    );
  }

  private flushKeys({ effects }: Applied): Set<string> {
    const keys = new Set<string>();
    for (const effect of effects) {
      if (effect.kind === 'flush-as') keys.add(asKey(specOf(effect.vip), parseAddress(effect.address)));
      if (effect.kind !== 'flush-vip') continue;
      // Also of ASs that have left it.
      const own = `${vipKey(specOf(effect.vip))} `;
      for (const key of this.compiler.asSlots.keys()) if (key.startsWith(own)) keys.add(key);
    }
    return keys;
  }

  private vipOwners(): Map<number, string> {
    return new Map([...this.compiler.vipSlots.keys()].map((key) => [this.compiler.vipSlots.get(key)!, key]));
  }

  /** Those that were not there before. */
  private newWarnings(ofConfig: readonly Problem[]): (Problem | LiveWarning)[] {
    const { native, current, startedBuckets } = this;
    const all: (Problem | LiveWarning)[] = [...ofConfig];
    if (native !== undefined) all.push(...liveWarnings(current, native.interfaces, native.network.spec));
    if (current.buckets !== startedBuckets) {
      const message = `buckets ${current.buckets} is the size of the flow table from the next start on; it is ${startedBuckets} now`;
      all.push({ code: 'LB_LIVE_WARN_BUCKETS', message });
    }
    const fresh = all.filter((warning) => !this.known.has(warningKey(warning)));
    for (const warning of all) this.known.add(warningKey(warning));
    return fresh;
  }
}

function warningKey({ code, message }: Problem | LiveWarning): string {
  return `${code} ${message}`;
}

async function openNative(options: DaemonOptions): Promise<Native> {
  const { log, workers } = options;
  const network = await LiveNetwork.open(log);
  try {
    const warn = ({ code, message }: LiveWarning) => log.warn({ code }, message);
    const interfaces = Interfaces.open(options.interfaces, network.state.snapshot.links, workers, warn);
    network.bind(interfaces.list.map(({ name, queue }) => ({ name, queue })));
    const packet = interfaces.list.filter(({ kind }) => kind === 'af_packet');
    const guard = packet.length === 0 ? undefined : await KernelGuard.open(packet, log);
    return { network, interfaces, guard };
  } catch (error) {
    await network.stop();
    throw error;
  }
}

/** Detaches the filters first: from then on the kernel gets all packets, and none waits for a worker that is gone. */
async function closeParts(supervisor: Supervisor | undefined, native: Native | undefined): Promise<void> {
  native?.interfaces.detach();
  await supervisor?.stop();
  await native?.guard?.close();
  await native?.network.stop();
}

function watchWorkers(supervisor: Supervisor, log: Log): void {
  supervisor.on('worker-died', (worker, reason) => log.error({ worker, reason }, `worker ${worker} ended`));
  supervisor.on('worker-restarted', (worker, downMs) => {
    log.warn({ worker, downMs: Math.round(downMs) }, `worker ${worker} is back`);
  });
  supervisor.on('queues-failed', (worker, reason) => {
    log.error({ worker, reason }, `the queues of worker ${worker} cannot be opened again`);
  });
}

function specFor(config: Config, interfaces: Interfaces | undefined): ImageSpec {
  const spec = resolveConfig(config);
  if (interfaces === undefined) return spec;
  const queues = (names: readonly string[]) => names.flatMap((name) => interfaces.find(name)?.inputs ?? []);
  return {
    ...spec,
    nat4InQueues: queues(config.natInterfaces.nat4),
    nat6InQueues: queues(config.natInterfaces.nat6),
  };
}

function specOf({ prefix, protocol, port = 0 }: VipRef) {
  const number = port === 0 || protocol === undefined ? 0 : protocol === 'tcp' ? 6 : 17;
  return { prefix: parsePrefix(prefix), protocol: number, port } as const;
}

function sameConfig(a: Config, b: Config): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function vipNames(vips: Config['vips']): string {
  return JSON.stringify(vips.map(({ prefix, protocol, port }) => [prefix, protocol, port]));
}
