import {
  type Applied,
  applyCommands,
  type Command,
  type Config,
  diffConfigs,
  type HealthOf,
  type Plan,
  type PlanChange,
  type Problem,
  parseCommands,
  plan as planChange,
  type VipRef,
} from '@lb/control';
import {
  type Balancer,
  type BucketTable,
  type CaptureQuery,
  type Changed,
  type ChangeMeta,
  type CountersSample,
  EventLog,
  type ExecAnswer,
  type Explanation,
  type FlowBuckets,
  type FlowLookup,
  type FlowPage,
  type FlowQuery,
  type HealthView,
  type PacketCapture,
  type Status,
  type TapQuery,
  type Trace,
  type WorkerView,
} from '@lb/control/api';
import { DesiredState, type StateStore } from '@lb/control/state';
import { answerShow } from './answers.js';
import { bucketsOf } from './buckets.js';
import { Dataplane, type DataplaneOptions } from './dataplane.js';
import { DrainWatch } from './drain-watch.js';
import { EffectiveWeights, sameEffective } from './effective-weights.js';
import { logDataplane, logHealth, logRevision, logWeights } from './event-texts.js';
import { flushKeys } from './flush-keys.js';
import { LiveFlows } from './live-flows.js';
import { LiveHealth } from './live-health.js';
import { LiveTaps } from './live-taps.js';
import { type Sampled, takeCounters, takeStatus, takeWorkers } from './samples.js';
import { ClockWatch } from './wall-clock.js';
import { WarningMemory } from './warning-memory.js';

export interface DaemonOptions extends DataplaneOptions {
  /** Served unless the store has a revision. */
  readonly config: Config;
  /** Where revisions are kept; in memory only if absent. */
  readonly store?: StateStore;
}

/** An AS of a VIP, or all its ASs. */
interface Flushed {
  readonly vip: VipRef;
  readonly address: string | undefined;
}

/**
 * The live balancer: the desired configuration in its revisions, the dataplane that serves it, and what changes weights
 * without anybody's hand: ramps, drains and health. Changes are made one at a time.
 */
export class Daemon implements Balancer {
  readonly startedAt = new Date();
  private readonly startedMs = performance.now();
  private readonly clock = new ClockWatch((byMs) => this.clockWasSet(byMs));
  private readonly warnings: WarningMemory;
  private readonly liveFlows: LiveFlows;
  private readonly liveTaps: LiveTaps;
  private readonly drains: DrainWatch;
  private turn: Promise<unknown> = Promise.resolve();
  private stopping = false;

  private constructor(
    private readonly store: StateStore | undefined,
    readonly revisions: DesiredState,
    readonly dataplane: Dataplane,
    readonly events: EventLog,
    private readonly liveHealth: LiveHealth,
    private readonly weights: EffectiveWeights,
  ) {
    this.warnings = new WarningMemory(dataplane);
    this.liveFlows = new LiveFlows(dataplane);
    this.liveTaps = new LiveTaps(dataplane);
    this.drains = new DrainWatch(events, (vip, address) => this.liveFlows.count(vip, address));
    this.drains.update(this.config, dataplane.effective);
    logDataplane(dataplane, events);
    logHealth(liveHealth.monitor, events, dataplane.options.log);
    liveHealth.monitor.on('transition', () => {
      weights.touch();
      void liveHealth.save();
    });
    dataplane.on('network', () => this.logWarnings());
  }

  /**
   * Opens everything and returns when all workers serve their queues.
   * @throws LbError LB_DAEMON_*, LB_NATIVE_*, LB_NET_*, LB_STATE_*, LB_WORKER_*; then nothing is left open
   */
  static async start(options: DaemonOptions): Promise<Daemon> {
    const { store } = options;
    const revisions = await DesiredState.open(store, options.config);
    const { config } = revisions.current;
    const health = await LiveHealth.open(store, options.log);
    const { monitor } = health;
    let daemon: Daemon | undefined;
    const weights = new EffectiveWeights(monitor.healthOf, () => void daemon?.reweigh());
    try {
      await health.follow(config);
      const dataplane = await Dataplane.start(options, { config, effective: weights.follow(config) });
      // Events of a daemon are later than those of the one before.
      const events = new EventLog(undefined, undefined, Date.now());
      daemon = new Daemon(store, revisions, dataplane, events, health, weights);
      monitor.start();
      return daemon;
    } catch (error) {
      weights.stop();
      await health.stop();
      throw error;
    }
  }

  get config(): Config {
    return this.revisions.current.config;
  }

  /** Number of the configuration's revision. */
  get revision(): number {
    return this.revisions.current.number;
  }

  /** Whatever the clock was set to meanwhile. */
  get uptimeSec(): number {
    return (performance.now() - this.startedMs) / 1000;
  }

  get healthOf(): HealthOf {
    return this.liveHealth.monitor.healthOf;
  }

  status(): Status {
    return takeStatus(this.sampled());
  }

  counters(): CountersSample {
    return takeCounters(this.sampled());
  }

  workers(): readonly WorkerView[] {
    return takeWorkers(this.dataplane);
  }

  health(): readonly HealthView[] {
    return this.liveHealth.monitor.view();
  }

  plan(after: Config): Plan {
    const before = { config: this.config, effective: this.dataplane.effective };
    const flowsOf = (vip: VipRef, address: string) => this.liveFlows.count(vip, address);
    return planChange(before, { config: after, effective: this.weights.of(after) }, flowsOf);
  }

  diff(before: Config, after: Config): readonly PlanChange[] {
    return diffConfigs(before, after);
  }

  change(make: (current: Config) => Config, meta: ChangeMeta): Promise<Changed> {
    return this.inTurn(async () => {
      await this.revise(make, meta);
      const { config, ...revision } = this.revisions.current;
      return { revision, warnings: this.warnings.fresh(this.warnings.of(config)) };
    });
  }

  async exec(lines: readonly string[], meta: ChangeMeta): Promise<ExecAnswer> {
    const commands = parseCommands(lines.join('\n'));
    const changes = commands.some(({ kind }) => kind !== 'show');
    const applied = changes ? await this.carryOut(commands, meta) : applyCommands(this.config, commands, new Date());
    const answers = applied.effects.flatMap((effect) => (effect.kind === 'show' ? [answerShow(this, effect)] : []));
    return {
      output: answers.map(({ text }) => text).join(''),
      json: answers.map(({ json }) => json),
      warnings: changes ? this.warnings.fresh(applied.warnings) : [],
      revision: this.revision,
    };
  }

  flush(vip: VipRef, address: string | undefined, meta: ChangeMeta): Promise<void> {
    return this.inTurn(() => this.flushNow([{ vip, address }], meta));
  }

  buckets(vip: VipRef): BucketTable {
    return bucketsOf(this.dataplane, vip);
  }

  flows(query: FlowQuery): Promise<FlowPage> {
    return this.liveFlows.page(query);
  }

  flow(flow: string): FlowLookup {
    return this.liveFlows.lookup(flow);
  }

  explain(flow: string): Explanation {
    return this.liveFlows.explain(flow);
  }

  explainPacket(frame: Uint8Array): Explanation {
    return this.liveFlows.explainPacket(frame);
  }

  flowBuckets(vip: VipRef): Promise<FlowBuckets> {
    return this.liveFlows.buckets(vip);
  }

  trace(query: TapQuery, signal: AbortSignal): Promise<Trace> {
    return this.liveTaps.trace(query, signal);
  }

  capture(query: CaptureQuery, signal: AbortSignal): PacketCapture {
    return this.liveTaps.capture(query, signal);
  }

  killWorker(worker: number): void {
    this.dataplane.killWorker(worker);
  }

  /** Those about the configuration that have not been told yet. */
  freshWarnings(ofConfig: readonly Problem[]) {
    return this.warnings.fresh(ofConfig);
  }

  /** Give interfaces back to the kernel and end the workers. Repeating it does nothing. */
  async stop(): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    this.clock.stop();
    this.weights.stop();
    this.drains.stop();
    await this.liveHealth.stop();
    await this.turn.catch(() => {});
    await this.dataplane.stop();
    await this.store?.close();
  }

  private carryOut(commands: readonly Command[], meta: ChangeMeta): Promise<Applied> {
    return this.inTurn(async () => {
      let applied: Applied | undefined;
      await this.revise((current) => {
        applied = applyCommands(current, commands, new Date());
        return applied.config;
      }, meta);
      const flushed: Flushed[] = [];
      for (const effect of applied!.effects) {
        if (effect.kind === 'flush-vip') flushed.push({ vip: effect.vip, address: undefined });
        if (effect.kind === 'flush-as') flushed.push({ vip: effect.vip, address: effect.address });
      }
      if (flushed.length > 0) await this.flushNow(flushed, meta);
      return applied!;
    });
  }

  /** A new revision, if there is anything new, and its service. */
  private async revise(make: (current: Config) => Config, meta: ChangeMeta): Promise<void> {
    const before = this.revision;
    const prepare = (next: Config) => this.dataplane.check({ config: next, effective: this.weights.of(next) });
    const revision = await this.revisions.change(make, { ...meta, prepare });
    if (revision.number === before) return;
    logRevision(revision, this.events, this.dataplane.options.log);
    await this.liveHealth.follow(revision.config);
    await this.serve();
  }

  private async flushNow(flushed: readonly Flushed[], { author }: ChangeMeta): Promise<void> {
    const keys = flushed.flatMap(({ vip, address }) => flushKeys(this.dataplane, vip, address));
    await this.serve(new Set(keys));
    for (const { vip, address } of flushed) {
      const what = address === undefined ? 'all flows' : `the flows of ${address}`;
      const text = `${author} had ${what} balanced anew`;
      this.events.add({ type: 'flush', level: 'info', text, vip, address: address ?? null, author });
    }
  }

  /** Time or health has changed what ASs weigh. */
  private async reweigh(): Promise<void> {
    if (this.stopping) return;
    try {
      if (!sameEffective(this.weights.of(this.config), this.dataplane.effective)) await this.serve();
      else this.weights.follow(this.config);
    } catch (error) {
      this.dataplane.options.log.error({}, `weights could not be changed: ${(error as Error).message}`);
    }
  }

  private async serve(flush?: ReadonlySet<string>): Promise<void> {
    const { config, weights, dataplane, events } = this;
    const before = dataplane.effective;
    const effective = weights.follow(config);
    const served = dataplane.apply({ config, effective }, flush);
    logWeights(config, before, effective, events);
    this.drains.update(config, effective);
    await served;
  }

  /** One change after the other. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.turn.then(work, work);
    this.turn = done.catch(() => {});
    return done;
  }

  private clockWasSet(byMs: number): void {
    const seconds = Math.round(Math.abs(byMs) / 1000);
    const text = `the clock of this machine was set ${byMs > 0 ? 'forward' : 'back'} by ${seconds} s: ramps and deadlines take as long as was ordered`;
    this.dataplane.options.log.warn({ code: 'LB_LIVE_WARN_CLOCK' }, text);
    this.events.add({ type: 'notice', level: 'warn', text, code: 'LB_LIVE_WARN_CLOCK' });
    this.weights.touch();
  }

  private logWarnings(): void {
    for (const { code, message } of this.warnings.fresh([])) this.dataplane.options.log.warn({ code }, message);
  }

  private sampled(): Sampled {
    const { dataplane, config, revision, startedAt, uptimeSec, store } = this;
    return {
      dataplane,
      config,
      effective: dataplane.effective,
      healthOf: this.healthOf,
      revision,
      startedAt,
      uptimeSec,
      stateDir: store?.folder ?? null,
      findings: store?.findings ?? [],
    };
  }
}
