import { hostname } from 'node:os';
import { asId, type Config, type EffectiveAs, type HealthOf, type VipConfig, vipId } from '@lb/control';
import type { CountersSample, Status, WorkerView } from '@lb/control/api';
import type { PlacedVip } from '../compiled.js';
import { reportVerdicts } from '../verdict-report.js';
import { version } from '../version.js';
import type { Dataplane } from './dataplane.js';

/** What the views are made of. */
export interface Sampled {
  readonly dataplane: Dataplane;
  readonly config: Config;
  readonly effective: ReadonlyMap<string, EffectiveAs>;
  readonly healthOf: HealthOf;
  readonly revision: number;
  readonly startedAt: Date;
  readonly uptimeSec: number;
  readonly stateDir: string | null;
  readonly findings: readonly { readonly code: string; readonly message: string }[];
}

type VipSample = CountersSample['vips'][number];
type AsSample = VipSample['ass'][number];

/** Entries of a line of the flow table. */
const ENTRIES_PER_LINE = 4;
const NOTHING = { packets: 0, bytes: 0, first: 0, untracked: 0 };

export function takeStatus(sampled: Sampled): Status {
  const { dataplane, config, revision, startedAt, uptimeSec, stateDir, findings, healthOf } = sampled;
  const { native, options, supervisor } = dataplane;
  const ass = config.vips.flatMap((vip) => vip.ass.map(({ address }) => ({ vip, address })));
  return {
    version: version(),
    pid: process.pid,
    hostname: hostname(),
    startedAt: startedAt.toISOString(),
    uptimeSec,
    mode: native === undefined ? 'embedded' : 'live',
    interfaces: (native?.interfaces.list ?? []).map(({ name, kind }) => ({ name, kind })),
    workers: options.workers,
    revision,
    image: { revision: dataplane.imageNumber, acknowledged: supervisor.acknowledged() },
    stateDir,
    findings: findings.map(({ code, message }) => ({ code, message })),
    vips: config.vips.length,
    ass: ass.length,
    flows: dataplane.vips.reduce((sum, vip) => sum + flowsOfPlaced(dataplane, vip), 0),
    failing: ass.filter(({ vip, address }) => healthOf(vip, address) === 'failing').length,
  };
}

export function takeWorkers({ supervisor, native }: Dataplane): WorkerView[] {
  const { group } = supervisor;
  return group.load().map((load, worker) => {
    const { received, bursts, held } = group.counters[worker]!.worker();
    const names = native?.interfaces.queuesOf(worker) ?? [];
    const queues = supervisor.nativeQueues(worker);
    return {
      worker,
      ...load,
      received,
      bursts,
      held,
      queues: names.flatMap((name, i) => {
        const queue = queues[i];
        return queue === undefined ? [] : [{ ...name, counters: { ...queue.stats() } }];
      }),
    };
  });
}

export function takeCounters(sampled: Sampled): CountersSample {
  const { dataplane, revision, uptimeSec } = sampled;
  const { group } = dataplane.supervisor;
  const verdicts = reportVerdicts(group.counters);
  const workers = takeWorkers(dataplane);
  const vips = dataplane.vips.map((vip) => vipSample(sampled, vip));
  const sum = (read: (worker: WorkerView) => number) => workers.reduce((total, worker) => total + read(worker), 0);
  const dropped = Object.values(verdicts.dropped).reduce((total, count) => total + count, 0);
  return {
    at: new Date().toISOString(),
    uptimeSec,
    revision,
    received: sum(({ received }) => received),
    forwarded: verdicts.forwarded,
    replied: verdicts.replied,
    punted: verdicts.punted,
    dropped,
    natReturn: verdicts.natReturn,
    unsent: sum(({ unsent }) => unsent),
    unpunted: sum(({ unpunted }) => unpunted),
    puntedBy: { ...verdicts.puntedBy },
    droppedBy: { ...verdicts.dropped },
    flows: vips.reduce((total, { ass }) => total + ass.reduce((flows, as) => flows + as.flows, 0), 0),
    flowStates: group.flowStates(),
    flowCapacity: dataplane.flowTableLines * ENTRIES_PER_LINE * dataplane.options.workers,
    image: { revision: dataplane.imageNumber, acknowledged: dataplane.supervisor.acknowledged() },
    workers,
    vips,
  };
}

function vipSample(sampled: Sampled, placed: PlacedVip): VipSample {
  const { config } = placed;
  const { existing, first, untracked, noServer, natReturn } = sampled.dataplane.counters.vip(placed.slot);
  const ass = config.ass.map((as) => asSample(sampled, placed, as));
  return {
    id: vipId(config),
    prefix: config.prefix,
    protocol: config.protocol ?? null,
    port: config.port ?? null,
    encap: config.encap,
    newLen: config.newLen,
    imbalance: imbalanceOf(ass),
    ...{ existing, first, untracked, noServer, natReturn },
    ass,
  };
}

function asSample(
  { dataplane, effective, healthOf }: Sampled,
  { config, ass }: PlacedVip,
  as: VipConfig['ass'][number],
): AsSample {
  const { address, weight, state } = as;
  const placed = ass.find((one) => one.config.address === address);
  const counted = placed === undefined ? NOTHING : dataplane.counters.as(placed.slot);
  const now = effective.get(asId(config, address));
  return {
    address,
    weight,
    effectiveWeight: now?.weight ?? weight,
    reason: now?.reason ?? 'configured',
    state,
    health: healthOf(config, address),
    ...counted,
    flows: placed === undefined ? 0 : dataplane.supervisor.group.flows(placed.slot),
    buckets: placed?.buckets ?? 0,
  };
}

function imbalanceOf(ass: readonly AsSample[]): number {
  const taking = ass.filter(({ effectiveWeight }) => effectiveWeight > 0);
  const weights = taking.reduce((sum, { effectiveWeight }) => sum + effectiveWeight, 0);
  const buckets = taking.reduce((sum, as) => sum + as.buckets, 0);
  if (weights === 0 || buckets === 0) return 0;
  return Math.max(...taking.map((as) => (as.buckets * weights) / (as.effectiveWeight * buckets)));
}

export function flowsOfPlaced({ supervisor }: Dataplane, { ass }: PlacedVip): number {
  return ass.reduce((sum, { slot }) => sum + supervisor.group.flows(slot), 0);
}
