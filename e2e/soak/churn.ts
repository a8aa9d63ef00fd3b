import type { QueueKind } from '../support/daemon.js';
import { HttpLoad, type Incident } from '../support/http-load.js';
import { type Done, explanations } from './blame.js';
import { DaemonRuns } from './daemon-runs.js';
import { FoundFailing } from './found-failing.js';
import { type Holdings, holdings, residentBytes } from './holdings.js';
import type { Operation } from './operation.js';
import { Operations } from './operations.js';
import { PacketRings } from './packet-rings.js';
import { Random } from './random.js';
import { loadedVips, type Site, siteConfig } from './site.js';

export interface ChurnOptions {
  readonly kind: QueueKind;
  readonly seed: number;
  /** Connections to each VIP. */
  readonly connections: number;
  /** Whether to go on after so many operations. */
  readonly goesOn: (operations: number) => boolean;
  /** Names of the kinds of operations; all if there are none. */
  readonly only?: readonly string[];
}

export interface ChurnReport {
  readonly operations: number;
  readonly daemons: number;
  readonly requests: number;
  readonly broken: number;
  readonly longestWaitMs: number;
  /** Most resident memory that a daemon had after an operation. */
  readonly mostResidentMb: number;
  /** Each connection that broke without a reason, with what was recorded of it; then all operations. Empty if there is none. */
  readonly unexplained: string;
  readonly before: Holdings;
  readonly after: Holdings;
}

const LONGEST_PAUSE_MS = 300;
const INTERVAL_MS = 50;
const ANSWER_WITHIN_MS = 15_000;
/** Recordings are a few hundred million bytes each. */
const MOST_RECORDINGS = 5;

/** Draws operations from a seed and carries them out one after the other, under the traffic of all VIPs. */
export async function churn(site: Site, options: ChurnOptions): Promise<ChurnReport> {
  const { kind, seed, connections, goesOn, only } = options;
  const { topology, longestPauseMs } = site;
  const random = new Random(seed);
  const pauses = new Random(-seed);
  const links = [topology.client, ...topology.servers].map(({ ns }) => ({ ns, device: 'eth0' }));
  // AF_XDP takes packets before a recording on the balancer's own interface would see them.
  const rings = new PacketRings([...links, { ns: topology.router.ns, device: 'lb0' }], topology.folder);
  const runs = await DaemonRuns.start(topology.lb.ns, { kind, config: siteConfig(topology), workers: 2 });
  try {
    const operations = new Operations({ ...site, runs, random }, only);
    await operations.checkAll();
    const before = holdings(runs.daemon.pid);
    await rings.start();
    const loads = await Promise.all(
      loadedVips.map(async ({ name, address }) => {
        const pace = { connections, intervalMs: INTERVAL_MS, timeoutMs: ANSWER_WITHIN_MS };
        const load = await HttpLoad.start(topology.client.ns, { host: address, port: 80, ...pace });
        const judged: Incident[] = [];
        return { vip: name, load, judged };
      }),
    );

    const done: Done[] = [];
    let carriedOut = 0;
    const failing = new FoundFailing(runs, topology.servers);
    const notOver = new Map<number, Operation>();
    const unexplained: string[] = [];
    let recordings = 0;
    let mostResidentBytes = 0;

    const carryOut = async (operation: Operation) => {
      const { what, mayBreak, mayLose, run, isOver } = operation;
      const fromMs = operation.sinceMs ?? Date.now();
      try {
        await run();
        const { ending, output } = runs.daemon;
        if (ending !== undefined)
          throw new Error(`the daemon ended: ${JSON.stringify(ending)}\n${output.slice(-4000)}`);
      } catch (error) {
        throw new Error(`seed ${seed}: ${what} failed: ${explain(error)}\n${lines(done)}`, { cause: error });
      }
      const toMs = isOver === undefined ? Date.now() : Number.POSITIVE_INFINITY;
      done.push({ what, fromMs, toMs, ...(mayBreak && { mayBreak }), ...(mayLose && { mayLose }) });
      if (isOver !== undefined) notOver.set(done.length - 1, operation);
      carriedOut++;
      for (const [index, { isOver: over }] of notOver) {
        if (!(await over!())) continue;
        done[index] = { ...done[index]!, toMs: Date.now() };
        notOver.delete(index);
      }
    };
    /** Looks at what broke, once all that may explain it is known: the operations so far, and that a dead server is back. */
    const judge = async () => {
      const { ended, going } = await failing.read();
      done.push(...ended);
      const causes = [...done, ...going];
      const without: string[] = [];
      for (const { vip, load, judged } of loads) {
        for (const incident of load.incidents.slice(judged.length)) {
          judged.push(incident);
          const explained = explanations(vip, incident, causes, { longestPauseMs }).length > 0;
          if (!explained) without.push(`${vip} ${JSON.stringify(incident)}`);
        }
      }
      if (without.length === 0) return;
      if (recordings++ < MOST_RECORDINGS) without.push(`packets: ${await rings.keep(`${seed}-${kind}`)}`);
      process.stdout.write(`seed ${seed}, ${kind}: broken without a reason\n${without.join('\n')}\n`);
      unexplained.push(...without);
    };

    while (goesOn(carriedOut)) {
      await carryOut(operations.draw());
      mostResidentBytes = Math.max(mostResidentBytes, residentBytes(runs.daemon.pid));
      if (!operations.serverIsDead) await judge();
      await new Promise((resolve) => setTimeout(resolve, pauses.below(LONGEST_PAUSE_MS)));
    }
    const last = operations.last();
    if (last !== undefined) await carryOut(last);

    const reports = await Promise.all(loads.map(({ load }) => load.finish()));
    await judge();
    await rings.stop();
    await operations.restore();
    return {
      operations: carriedOut,
      daemons: runs.started,
      requests: reports.reduce((sum, { requests }) => sum + requests, 0),
      broken: loads.reduce((sum, { judged }) => sum + judged.length, 0),
      longestWaitMs: Math.max(...reports.map(({ longestWaitMs }) => longestWaitMs)),
      mostResidentMb: Math.round(mostResidentBytes / 1e6),
      unexplained: unexplained.length === 0 ? '' : `${unexplained.join('\n')}\n${lines(done)}`,
      before,
      after: holdings(runs.daemon.pid),
    };
  } finally {
    await rings.stop();
    await runs.stop();
  }
}

function explain(error: unknown): string {
  const { message, cause } = error as Error;
  return cause === undefined ? message : `${message} (${explain(cause)})`;
}

function lines(done: readonly Done[]): string {
  return done
    .map(({ what, fromMs, toMs, mayBreak, mayLose }) => {
      const may = [mayBreak && `breaks ${JSON.stringify(mayBreak)}`, mayLose && `loses ${JSON.stringify(mayLose)}`];
      return `${fromMs}–${toMs} ${what}: ${may.filter(Boolean).join(', ') || 'nothing'}`;
    })
    .join('\n');
}
