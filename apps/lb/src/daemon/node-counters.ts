import { tableLines } from '@lb/control';
import type { FilterStats, QueueStats, WorkerLoad } from '@lb/dataplane';
import { meaningOf, reportVerdicts, sumOf, type VerdictReport } from '../verdict-report.js';
import type { QueueName } from './interfaces.js';
import type { Serving } from './serving.js';

/** What one worker has counted. */
export interface WorkerReport extends VerdictReport, Omit<WorkerLoad, 'waits'> {
  readonly worker: number;
  /** Part of its time that it spent on packets, 0 to 1, since its start. */
  readonly busyShare: number;
  /** Packets held until the first fragment comes. */
  readonly held: number;
  readonly queues: readonly (QueueName & QueueStats)[];
}

export interface InterfaceReport {
  readonly interface: string;
  readonly kind: string;
  readonly receiveQueues: number;
  /** Packets by what the XDP filter decided; null where there is none. */
  readonly filter: FilterStats | null;
}

/** The JSON of `show node counters`. */
export interface NodeCounters extends VerdictReport {
  /** Of the configuration. */
  readonly revision: number;
  /** Number of the latest image of tables: changes of the network and of weights make new ones, too. */
  readonly image: number;
  /** The image that all workers use. */
  readonly acknowledged: number;
  readonly uptimeSec: number;
  readonly unsent: number;
  readonly unpunted: number;
  readonly workers: readonly WorkerReport[];
  readonly interfaces: readonly InterfaceReport[];
}

export function nodeCounters(daemon: Serving): NodeCounters {
  const { dataplane, revision, uptimeSec } = daemon;
  const { supervisor, native, imageNumber } = dataplane;
  const { group } = supervisor;
  const loads = group.load();
  const workers = loads.map(({ waits: _, ...load }, worker): WorkerReport => {
    const counters = group.counters[worker]!;
    const names = native?.interfaces.queuesOf(worker) ?? [];
    const queues = supervisor.nativeQueues(worker);
    return {
      worker,
      ...load,
      busyShare: load.aliveMs > 0 ? load.busyMs / load.aliveMs : 0,
      ...reportVerdicts([counters]),
      held: counters.worker().held,
      queues: names.flatMap((name, i) => (queues[i] === undefined ? [] : [{ ...name, ...queues[i].stats() }])),
    };
  });
  return {
    revision,
    image: imageNumber,
    acknowledged: supervisor.acknowledged(),
    uptimeSec: Math.round(uptimeSec),
    ...reportVerdicts(group.counters),
    unsent: loads.reduce((sum, { unsent }) => sum + unsent, 0),
    unpunted: loads.reduce((sum, { unpunted }) => sum + unpunted, 0),
    workers,
    interfaces: (native?.interfaces.list ?? []).map((served) => ({
      interface: served.name,
      kind: served.kind,
      receiveQueues: served.receiveQueues,
      filter: served.filter?.stats() ?? null,
    })),
  };
}

type Part = VerdictReport & { readonly unsent: number; readonly unpunted: number };

function reasonParts(all: VerdictReport['dropped'], read: (part: Part) => VerdictReport['dropped']) {
  return Object.keys(all).map((reason) => [`  ${reason}`, (part: Part) => read(part)[reason] ?? 0] as const);
}

/** The text of `show node counters`: each counter with its sum and each worker's part. */
export function nodeCountersText(report: NodeCounters): string {
  const parts: readonly (readonly [string, (part: Part) => number])[] = [
    ['packets', ({ packets }) => packets],
    ['forwarded', ({ forwarded }) => forwarded],
    ['  of them back from a server', ({ natReturn }) => natReturn],
    ['replied', ({ replied }) => replied],
    ['punted', ({ punted }) => punted],
    ...reasonParts(report.puntedBy, ({ puntedBy }) => puntedBy),
    ['dropped', ({ dropped }) => sumOf(dropped)],
    ...reasonParts(report.dropped, ({ dropped }) => dropped),
    ['not sent', ({ unsent }) => unsent],
    ['not handed to the kernel', ({ unpunted }) => unpunted],
  ];
  const several = report.workers.length > 1;
  const columns = [
    { title: 'COUNTER', align: 'left' as const },
    ...(several ? report.workers.map(({ worker }) => `WORKER ${worker}`) : []).map(right),
    right(several ? 'ALL' : 'PACKETS'),
    { title: 'MEANING', align: 'left' as const },
  ];
  const rows = parts.map(([name, read]) => [
    name,
    ...(several ? report.workers.map((worker) => String(read(worker))) : []),
    String(read(report)),
    meaningOf(name.trim()),
  ]);
  return `${[
    `revision ${report.revision}, image ${report.image}, up ${report.uptimeSec} s`,
    '',
    ...tableLines(columns, rows),
    '',
    ...workerLines(report),
    ...queueLines(report),
    ...filterLines(report),
  ].join('\n')}\n`;
}

function workerLines({ workers }: NodeCounters): string[] {
  const columns = [right('WORKER'), { title: 'STATE', align: 'left' as const }, right('BUSY'), right('STARTS')];
  const rows = workers.map(({ worker, state, busyShare, starts }) => [
    String(worker),
    state,
    `${(busyShare * 100).toFixed(1)} %`,
    String(starts),
  ]);
  return tableLines(columns, rows);
}

/** Counters of queues that are not zero. */
function queueLines({ workers }: NodeCounters): string[] {
  const rows = workers.flatMap(({ worker, queues }) =>
    queues.map(({ interface: name, kind, receiveQueue, ...stats }) => [
      name,
      kind,
      String(receiveQueue),
      String(worker),
      nonZero(stats),
    ]),
  );
  if (rows.length === 0) return [];
  const columns = [left('INTERFACE'), left('KIND'), right('QUEUE'), right('WORKER'), left('COUNTERS')];
  return ['', ...tableLines(columns, rows)];
}

function filterLines({ interfaces }: NodeCounters): string[] {
  const rows = interfaces.flatMap(({ interface: name, filter }) => (filter === null ? [] : [[name, nonZero(filter)]]));
  return rows.length === 0 ? [] : ['', ...tableLines([left('FILTER OF'), left('PACKETS')], rows)];
}

function nonZero(stats: object): string {
  const parts = Object.entries(stats as Record<string, number>).filter(([, value]) => value !== 0);
  return parts.map(([name, value]) => `${name} ${value}`).join(', ') || 'none';
}

function left(title: string) {
  return { title, align: 'left' as const };
}

function right(title: string) {
  return { title, align: 'right' as const };
}
