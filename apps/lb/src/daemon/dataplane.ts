import { EventEmitter } from 'node:events';
import { type Config, type EffectiveAs, resolveConfig } from '@lb/control';
import type { LbError } from '@lb/core';
import { type FlowFiles, type Image, ImageCompiler, type ImageSpec, keepOffCpus, Supervisor } from '@lb/dataplane';
import { type PlacedVip, placeVips } from '../compiled.js';
import { cutKeys } from './cut-keys.js';
import { daemonError, type LiveWarning } from './errors.js';
import { openFlowTables } from './flow-tables.js';
import { embeddedQueue, type GeneratedTraffic } from './generated-traffic.js';
import type { InterfaceOption } from './interface-option.js';
import type { Interfaces } from './interfaces.js';
import type { ServedLink } from './live-network.js';
import type { Log } from './log.js';
import { closeParts, type NativeParts, openNative } from './native-parts.js';
import { SlotCounters } from './slot-counters.js';
import { chooseStages, type Stages, type StagesOption } from './stages.js';

export interface DataplaneOptions {
  readonly workers: number;
  /** None: generated traffic. */
  readonly interfaces: readonly InterfaceOption[];
  readonly traffic: GeneratedTraffic;
  readonly cpus?: readonly number[];
  /** Default: auto. */
  readonly stages?: StagesOption;
  /** With real interfaces: flows outlive this process for the next that has this folder of state. */
  readonly stateDir?: string;
  readonly log: Log;
}

/** What the workers are to serve. */
export interface Wanted {
  readonly config: Config;
  /** By asId; an AS that is not in it has its configured weight. */
  readonly effective: ReadonlyMap<string, EffectiveAs>;
}

export interface DataplaneEvents {
  'worker-died': [index: number, reason: string];
  'worker-restarted': [index: number, downMs: number];
  /** An interface that is served has vanished, or is back. */
  link: [name: string, isThere: boolean];
  /** An interface that is served has another name. */
  renamed: [text: string];
  /** Workers follow a change of the network. */
  network: [];
}

/** Network changes that come together are one image; and building images takes at most a fifth of the time. */
const COALESCE_MS = 30;
const BUILD_SHARE = 4;
const LONGEST_PAUSE_MS = 700;
const WORKERS_MS = 1000;
const HOUSEKEEPING_MS = 500;
const NO_FLUSH: ReadonlySet<string> = new Set();

/**
 * The workers on their queues, and the image they follow: of what is wanted, and of the network as it is. Changes are
 * made one at a time on this thread, so that none meets half of another.
 */
export class Dataplane extends EventEmitter<DataplaneEvents> {
  /** Whose stages the workers run. */
  readonly stages: Stages;
  private readonly compiler: ImageCompiler;
  private readonly slots: SlotCounters;
  private wanted: Wanted;
  private image: Image;
  private spec: ImageSpec;
  private placed: readonly PlacedVip[] | undefined;
  /** Since which image ASs linger that are not reclaimed yet. */
  private lingersSince: number;
  private readonly flowFiles: FlowFiles | undefined;
  private recompileTimer: NodeJS.Timeout | undefined;
  private buildMs = 0;
  private readonly housekeeping: NodeJS.Timeout;
  private readonly startedBuckets: number;
  private stopping = false;

  private constructor(
    readonly options: DataplaneOptions,
    readonly supervisor: Supervisor,
    readonly native: NativeParts | undefined,
    first: {
      compiler: ImageCompiler;
      image: Image;
      spec: ImageSpec;
      wanted: Wanted;
      flowFiles: FlowFiles | undefined;
      stages: Stages;
    },
  ) {
    super();
    this.compiler = first.compiler;
    this.stages = first.stages;
    this.wanted = first.wanted;
    this.startedBuckets = first.wanted.config.buckets;
    this.slots = new SlotCounters(supervisor.group);
    this.image = first.image;
    // ASs of the process before may linger in the first image already.
    this.lingersSince = first.image.revision;
    this.flowFiles = first.flowFiles;
    this.spec = first.spec;
    this.slots.assignVips(this.vipOwners(), first.image.revision);
    this.housekeeping = setInterval(() => this.reclaim(), HOUSEKEEPING_MS);
  }

  /**
   * Opens everything and returns when all workers serve their queues.
   * @throws LbError LB_DAEMON_*, LB_NATIVE_*, LB_NET_*, LB_WORKER_*; then nothing is left open
   */
  static async start(options: DataplaneOptions, wanted: Wanted): Promise<Dataplane> {
    const { workers, cpus, log } = options;
    if (cpus !== undefined && cpus.length < workers) {
      throw daemonError('LB_DAEMON_CPUS', `--cpu names ${cpus.length} CPUs for ${workers} workers`);
    }
    const { interfaces: names } = options;
    const stages = chooseStages(options.stages ?? 'auto');
    log.info({ stages: stages.native ? 'native' : 'typescript' }, stages.text);
    const native = names.length === 0 ? undefined : await openNative(names, workers, log);
    if (native !== undefined && cpus !== undefined) keepOffCpus(cpus.slice(0, workers));
    let dataplane: Dataplane | undefined;
    let supervisor: Supervisor | undefined;
    let flowFiles: FlowFiles | undefined;
    try {
      const { buckets } = wanted.config;
      if (native !== undefined && options.stateDir !== undefined) {
        flowFiles = openFlowTables(options.stateDir, workers, buckets, log);
      }
      const compiler = new ImageCompiler(flowFiles);
      const spec = specFor(wanted, native?.interfaces);
      // What is cut now may have flows that the process before has left.
      const flush = new Set(cutKeys({ config: wanted.config, effective: new Map() }, wanted));
      const image = compiler.compile(spec, { revision: 1, flush, ...(native && { network: native.network.spec }) });
      supervisor = new Supervisor({
        workers: Array.from({ length: workers }, (_, index) => () => {
          if (native !== undefined) return native.interfaces.portsOf(index);
          return embeddedQueue(index, workers, options.traffic, dataplane?.config ?? wanted.config);
        }),
        flowTableLines: buckets,
        flowDetails: true,
        hugePages: native !== undefined,
        nativeStages: stages.native,
        ...(flowFiles && { flowFiles }),
        ...(cpus && { cpus }),
      });
      if (supervisor.lacksHugePages) {
        const text =
          'flow tables are in small pages, as the system gives no huge ones: packets of many flows take longer';
        log.warn({ code: 'LB_LIVE_WARN_PAGES' }, text);
      }
      native?.guard?.apply(spec, native.network.hosts, image);
      dataplane = new Dataplane(options, supervisor, native, { compiler, image, spec, wanted, flowFiles, stages });
      dataplane.watchWorkers();
      await supervisor.start(image);
      native?.interfaces.apply(spec, native.network.hosts, image);
      dataplane.follow();
      return dataplane;
    } catch (error) {
      if (dataplane !== undefined) await dataplane.stop();
      else {
        await closeParts(supervisor, native);
        flowFiles?.close();
      }
      throw error;
    }
  }

  get config(): Config {
    return this.wanted.config;
  }

  get effective(): Wanted['effective'] {
    return this.wanted.effective;
  }

  /** Of each worker; fixed as long as the daemon runs. */
  get flowTableLines(): number {
    return this.startedBuckets;
  }

  /** Number of the latest image. */
  get imageNumber(): number {
    return this.image.revision;
  }

  /** The latest image. */
  get currentImage(): Image {
    return this.image;
  }

  /** Counters of VIPs and ASs by slot. */
  get counters(): SlotCounters {
    return this.slots;
  }

  /** Who has which slot in the image that is served. */
  get vips(): readonly PlacedVip[] {
    this.placed ??= placeVips(this.wanted.config, this.spec, this.compiler, this.image);
    return this.placed;
  }

  /** Slots of everything that has one, by {@link vipKey} and {@link asKey} of the dataplane. */
  get slotMaps(): Pick<ImageCompiler, 'vipSlots' | 'asSlots'> {
    return this.compiler;
  }

  /** @throws LbError LB_IMAGE_SLOTS if there is no room for so many VIPs and ASs */
  check({ config, effective }: Wanted): void {
    this.compiler.check(resolveConfig(config, effective));
  }

  /**
   * Hand the workers what is wanted now; returns when they use it.
   * @param flush keys of ASs whose flows are balanced anew
   * @throws LbError LB_IMAGE_SLOTS; nothing has changed then
   */
  async apply(wanted: Wanted, flush: ReadonlySet<string> = NO_FLUSH): Promise<void> {
    const vipsBefore = this.config.vips;
    this.publish(wanted, new Set([...flush, ...cutKeys(this.wanted, wanted)]));
    await this.acknowledged();
    if (this.native === undefined && vipNames(vipsBefore) !== vipNames(this.config.vips)) await this.renewTraffic();
  }

  /** End a worker's thread, to show that another takes over. */
  killWorker(index: number): void {
    if (index >= this.options.workers) {
      throw daemonError('LB_DAEMON_REQUEST', `there is no worker ${index}: they are 0 to ${this.options.workers - 1}`);
    }
    this.supervisor.kill(index);
  }

  /** Give interfaces back to the kernel and end the workers. Repeating it does nothing. */
  async stop(): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    clearTimeout(this.recompileTimer);
    clearInterval(this.housekeeping);
    await closeParts(this.supervisor, this.native);
    // Workers look at the tables until they have ended.
    this.flowFiles?.close();
  }

  private follow(): void {
    const { native, options } = this;
    if (native === undefined) return;
    native.network.follow(
      {
        changed: () => this.scheduleRecompile(),
        appeared: (name, isThere) => this.interfaceAppeared(name, isThere),
        renamed: (served, before) => this.interfaceRenamed(served, before),
      },
      options.log,
    );
    this.probe();
    this.recompile();
  }

  private publish(wanted: Wanted, flush: ReadonlySet<string>): void {
    clearTimeout(this.recompileTimer);
    this.recompileTimer = undefined;
    const { native } = this;
    const begun = performance.now();
    const spec = specFor(wanted, native?.interfaces);
    const revision = this.image.revision + 1;
    const image = this.compiler.compile(spec, {
      revision,
      ...(native && { network: native.network.spec }),
      ...(flush.size > 0 && { flush }),
    });
    if (wanted !== this.wanted) this.lingersSince = revision;
    this.wanted = wanted;
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
      options.log.error({ image: image.revision }, `the XDP filter could not be changed: ${(error as Error).message}`);
    }
    native.guard?.apply(spec, native.network.hosts, image);
  }

  private recompile(): void {
    this.recompileTimer = undefined;
    if (this.stopping) return;
    try {
      this.publish(this.wanted, NO_FLUSH);
      void this.acknowledged().then(() => this.emit('network'));
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
    const { revision } = this.image;
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
    if (compiler.reclaim((slot) => supervisor.group.flows(slot), supervisor.acknowledged()) === 0) return;
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
    this.emit('link', name, isThere);
    if (!isThere) {
      options.log.warn({ interface: name, code: 'LB_LIVE_WARN_LINK' }, `${name} is gone`);
      return;
    }
    const warn = ({ code, message }: LiveWarning) => options.log.warn({ code }, message);
    try {
      native!.interfaces.reclaim(served, native!.network.linkOf(served)!, warn);
    } catch (error) {
      const { code, message } = error as LbError;
      options.log.error({ interface: name, code }, `${name} is back, and not served: ${message}`);
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

  /** Its queues go on: they are the interface's, whatever it is called. */
  private interfaceRenamed({ name, device }: ServedLink, before: string): void {
    const { options, native } = this;
    const now =
      device === name ? 'has its name again' : 'is served until the daemon ends; the next looks for it by its old name';
    const text = `${before} is called ${device} now: it ${now}`;
    options.log.warn({ interface: name, code: 'LB_LIVE_WARN_RENAMED' }, text);
    this.emit('renamed', text);
    native?.guard?.apply(this.spec, native.network.hosts, this.image);
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

  private watchWorkers(): void {
    const { supervisor, options } = this;
    const { log } = options;
    supervisor.on('worker-died', (worker, reason) => {
      log.error({ worker, reason }, `worker ${worker} ended`);
      this.emit('worker-died', worker, reason);
    });
    supervisor.on('worker-restarted', (worker, downMs) => {
      log.warn({ worker, downMs: Math.round(downMs) }, `worker ${worker} is back`);
      this.emit('worker-restarted', worker, downMs);
    });
    supervisor.on('queues-failed', (worker, reason) => {
      log.error({ worker, reason }, `the queues of worker ${worker} cannot be opened again`);
    });
  }

  private vipOwners(): Map<number, string> {
    return new Map([...this.compiler.vipSlots.keys()].map((key) => [this.compiler.vipSlots.get(key)!, key]));
  }
}

function specFor({ config, effective }: Wanted, interfaces: Interfaces | undefined): ImageSpec {
  const spec = resolveConfig(config, effective);
  if (interfaces === undefined) return spec;
  const queues = (names: readonly string[]) => names.flatMap((name) => interfaces.find(name)?.inputs ?? []);
  return {
    ...spec,
    nat4InQueues: queues(config.natInterfaces.nat4),
    nat6InQueues: queues(config.natInterfaces.nat6),
  };
}

function vipNames(vips: Config['vips']): string {
  return JSON.stringify(vips.map(({ prefix, protocol, port }) => [prefix, protocol, port]));
}
