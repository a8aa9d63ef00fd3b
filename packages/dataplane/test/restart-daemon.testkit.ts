import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { parsePrefix } from '@lb/core';
import { ImageCompiler } from '../src/image/compiler.js';
import { FlowFiles, Supervisor } from '../src/worker/index.js';
import { spec, vip } from './specs.testkit.js';

/** What a process of {@link run} is given. */
export interface DaemonPlan {
  readonly dir: string;
  /** Module of the worker threads. */
  readonly entry: string;
  readonly flowTableLines: number;
  readonly servers: readonly string[];
  /** Of the traffic of each worker. */
  readonly seeds: readonly number[];
  readonly flows: number;
  /** From these, images with any three servers are made when told to. */
  readonly pool: readonly string[];
}

/** What it says, a line of JSON each. */
export type DaemonSays =
  | { readonly event: 'opened'; readonly flows: number; readonly findings: readonly string[] }
  | { readonly event: 'refused'; readonly code: string }
  | { readonly event: 'served'; readonly first: number; readonly untracked: number; readonly lingering: number }
  | { readonly event: 'image'; readonly number: number };

/**
 * A daemon in small: opens flow files, serves traffic until every flow was seen, then on a line of input either `churn`:
 * publishes images until it is killed; or `stop`: ends in good order.
 */
async function run(plan: DaemonPlan): Promise<void> {
  const { dir, flowTableLines, seeds, servers } = plan;
  const say = (says: DaemonSays) => process.stdout.write(`${JSON.stringify(says)}\n`);
  let flowFiles: FlowFiles;
  try {
    flowFiles = FlowFiles.open({ dir, workers: seeds.length, flowTableLines });
  } catch (error) {
    say({ event: 'refused', code: (error as { code: string }).code });
    return;
  }
  say({ event: 'opened', flows: flowFiles.flows, findings: flowFiles.findings.map(({ code }) => code) });
  const compiler = new ImageCompiler(flowFiles);
  let revision = 0;
  const imageOf = (some: readonly string[]) =>
    compiler.compile(spec([vip('90.0.0.0/8', 'gre4', some)], { timeoutSec: 3600 }), { revision: ++revision });
  const image = imageOf(servers);
  const targets = [{ prefix: parsePrefix('90.0.0.0/8'), protocol: 17, port: 0 } as const];
  const supervisor = new Supervisor({
    workers: seeds.map((seed) => ({
      kind: 'memory',
      traffic: { targets, flows: plan.flows, packetSize: 64, seed },
      rate: 50_000,
    })),
    flowTableLines,
    flowFiles,
    entry: new URL(plan.entry),
  });
  await supervisor.start(image);
  const { group } = supervisor;
  await until(() => group.counters.every((counters) => counters.worker().forwarded > 2 * plan.flows));
  const { first, untracked } = group.vip(0);
  say({ event: 'served', first, untracked, lingering: compiler.lingeringSlots().length });
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'stop') break;
    for (let since = revision; ; ) {
      if (group.hasCountedSince(since) && compiler.reclaim((slot) => group.flows(slot)) > 0) since = revision + 1;
      const some = [...plan.pool].sort(() => Math.random() - 0.5).slice(0, 3);
      supervisor.publish(imageOf(some));
      say({ event: 'image', number: revision });
      await delay(1);
    }
  }
  process.stdin.destroy();
  await supervisor.stop();
  flowFiles.close();
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(5);
}

if (process.argv[2] !== undefined) await run(JSON.parse(process.argv[2]));
