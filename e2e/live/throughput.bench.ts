import { afterEach, expect, it } from 'vitest';
import { type Bare, BenchPair, type Blast, type Encap, processorNs, type Subject } from '../support/bench-pair.js';
import { type QueueKind, queueKinds } from '../support/daemon.js';
import { Figures, median } from '../support/figures.js';

/**
 * The balancer against a bare reflector in C on the same queue: the most minimum-size packets per second that come back, processor
 * time for each, and the round trip at a tenth of the reflector's load. They take turns, each with one thread on CPU 1 and the
 * generator on CPU 0; quotients and differences are between neighbours of one round. Then two workers against one. Root, two CPUs:
 *
 *     npx vitest run --config e2e/vitest.bench.config.ts e2e/live/throughput
 */
const rounds = 5;
const seconds = 1;
/** Until the balancer's code is compiled and nearly every flow is in its table. */
const warmUpSeconds = 6;
const flowCounts = [1, 1_024, 1_000_000];
const generatorCpu = 0;
const subjectCpu = 1;
/** The reflectors between the others, so that each of them is next to one. */
const subjects: Record<QueueKind, readonly (Encap | Bare)[]> = {
  af_xdp: ['gre4', 'bare', 'l3dsr'],
  af_packet: ['gre4', 'bare', 'alike', 'l3dsr'],
  tap: [],
};

/** What one subject did in its turn. */
interface Turn {
  /** By number of flows. */
  readonly loads: readonly { readonly flows: number; readonly mpps: readonly number[]; readonly ns: number }[];
  readonly us: { readonly p50: number; readonly p99: number };
}

let pair: BenchPair | undefined;
afterEach(() => pair?.close());

it.each(queueKinds)(
  '%s: the balancer against a bare reflector',
  async (kind) => {
    pair = await BenchPair.create(1);
    const figures = new Figures();
    const tenth = await tenthOfTheLoad(pair, kind);
    for (let round = 0; round < rounds; round++) {
      const turns = new Map<Encap | Bare, Turn>();
      for (const name of subjects[kind]) turns.set(name, await turn(pair, kind, name, tenth));
      const bare = subjects[kind].filter((name) => !isEncap(name));
      for (const [name, result] of turns) {
        report(figures, `${kind} ${name}`, result);
        if (!isEncap(name)) continue;
        for (const other of bare) compare(figures, `${kind} ${name}`, other, result, turns.get(other)!);
      }
    }
    figures.print();
  },
  900_000,
);

it.each(queueKinds)(
  '%s: native stages against those in TypeScript',
  async (kind) => {
    pair = await BenchPair.create(1);
    const figures = new Figures();
    for (let round = 0; round < rounds; round++) {
      const [native, typescript] = await inTurn(['native', 'typescript'] as const, async (stages) => {
        const subject = await pair!.balancer(kind, 'gre4', [subjectCpu], stages);
        await pair!.blast(kind, generatorCpu, warmUpSeconds, Math.max(...flowCounts));
        const loads = await inTurn(flowCounts, (flows) => blasted(pair!, kind, subject, [generatorCpu], flows));
        await subject.stop();
        flowCounts.forEach((flows, i) => {
          figures.add(`${kind} ${stages}, ${flows} flows`, 'Mpps', ...loads[i]!.mpps);
          figures.add(`${kind} ${stages}, ${flows} flows, processor time per packet`, 'ns', loads[i]!.ns);
        });
        return loads;
      });
      flowCounts.forEach((flows, i) => {
        const name = `${kind} native, ${flows} flows, of those in TypeScript, by processor time`;
        figures.add(name, 'quotient', typescript![i]!.ns / native![i]!.ns);
      });
    }
    figures.print();
  },
  900_000,
);

it('two workers on two queues against one', async () => {
  pair = await BenchPair.create(2);
  const figures = new Figures();
  const workers = await pair.balancer('af_xdp', 'gre4', [0, 1]);
  // Each CPU has a generator, whose packets go to that CPU's queue, and the worker of that queue.
  const cpus = [[0], [1], [0, 1]];
  await Promise.all([0, 1].map((cpu) => pair!.blast('af_xdp', cpu, warmUpSeconds, 1_024)));
  for (let round = 0; round < rounds; round++) {
    const [first, second, both] = await inTurn(cpus, (chosen) => blasted(pair!, 'af_xdp', workers, chosen, 1_024));
    figures.add('worker 0 alone', 'Mpps', median(first!.mpps));
    figures.add('worker 1 alone', 'Mpps', median(second!.mpps));
    figures.add('two workers', 'Mpps', median(both!.mpps));
    figures.add(
      'two workers, of their sum',
      'quotient',
      median(both!.mpps) / (median(first!.mpps) + median(second!.mpps)),
    );
    figures.add('one worker, processor time per packet', 'ns', first!.ns, second!.ns);
    figures.add('two workers, processor time per packet', 'ns', both!.ns);
  }
  await workers.stop();
  figures.print();
}, 900_000);

function isEncap(name: Encap | Bare): name is Encap {
  return name !== 'bare' && name !== 'alike';
}

/** Packets per second. */
async function tenthOfTheLoad(pair: BenchPair, kind: QueueKind): Promise<number> {
  const subject = await pair.bare(kind, subjectCpu);
  const { mpps } = await blasted(pair, kind, subject, [generatorCpu], 1_024);
  await subject.stop();
  return median(mpps) * 1e5;
}

async function turn(pair: BenchPair, kind: QueueKind, name: Encap | Bare, tenth: number): Promise<Turn> {
  const subject = await (isEncap(name) ? pair.balancer(kind, name, [subjectCpu]) : pair.bare(kind, subjectCpu, name));
  if (isEncap(name)) await pair.blast(kind, generatorCpu, warmUpSeconds, Math.max(...flowCounts));
  const loads = await inTurn(flowCounts, async (flows) => ({
    flows,
    ...(await blasted(pair, kind, subject, [generatorCpu], flows)),
  }));
  const { value, p99, n } = await pair.paced(generatorCpu, seconds, tenth);
  expect(n, 'packets that came back at a tenth of the load').toBeGreaterThan(0);
  await subject.stop();
  return { loads, us: { p50: value, p99 } };
}

/** As many packets as these CPUs can send: what came back in each slice of time, and the subject's processor time for each. */
async function blasted(
  pair: BenchPair,
  kind: QueueKind,
  subject: Subject,
  cpus: readonly number[],
  flows: number,
): Promise<{ mpps: readonly number[]; ns: number }> {
  const before = processorNs(subject);
  // The generators count what comes back to all of them.
  const [blast] = (await Promise.all(cpus.map((cpu) => pair.blast(kind, cpu, seconds, flows)))) as [Blast, ...Blast[]];
  expect(blast.returned, 'packets that came back').toBeGreaterThan(0);
  return { mpps: blast.returnedMpps, ns: (processorNs(subject) - before) / blast.returned };
}

function report(figures: Figures, title: string, { loads, us }: Turn): void {
  for (const { flows, mpps, ns } of loads) {
    figures.add(`${title}, ${flows} flows`, 'Mpps', ...mpps);
    figures.add(`${title}, ${flows} flows, processor time per packet`, 'ns', ns);
  }
  for (const which of ['p50', 'p99'] as const) {
    figures.add(`${title}, round trip at a tenth of the load, ${which}`, 'us', us[which]);
  }
}

function compare(figures: Figures, title: string, other: Bare, { loads, us }: Turn, bare: Turn): void {
  loads.forEach(({ flows, mpps, ns }, i) => {
    const name = `${title}, ${flows} flows, of the reflector's (${other})`;
    figures.add(name, 'quotient', median(mpps) / median(bare.loads[i]!.mpps));
    figures.add(`${name}, by processor time`, 'quotient', bare.loads[i]!.ns / ns);
  });
  for (const which of ['p50', 'p99'] as const) {
    const name = `${title}, round trip at a tenth of the load, ${which}, more than the reflector's (${other})`;
    figures.add(name, 'us', us[which] - bare.us[which]);
  }
}

async function inTurn<T, R>(items: readonly T[], one: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await one(item));
  return results;
}
