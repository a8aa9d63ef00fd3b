import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { parseAddress, parsePrefix } from '@lb/core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { FlowEntry } from '../src/flows/index.js';
import { ImageCompiler } from '../src/image/compiler.js';
import type { TapRecord } from '../src/tap/index.js';
import { type MemoryQueueSetup, Supervisor } from '../src/worker/index.js';
import { type Bundle, bundle } from './bundle.testkit.js';
import { spec, vip } from './specs.testkit.js';

const FLOWS = 300;
const names = { vip: (slot: number) => (slot === 0 ? '90.0.0.0/8' : undefined) };
const image = new ImageCompiler().compile(
  spec([vip('90.0.0.0/8', 'gre4', ['10.0.0.1', '10.0.0.2', '10.0.0.3'], { newLen: 128 })]),
  { revision: 1 },
);

let thread: Bundle;
let supervisor: Supervisor | undefined;

beforeAll(async () => {
  thread = await bundle('worker/worker-thread.ts');
});
afterAll(() => thread.remove());
afterEach(async () => {
  await supervisor?.stop();
  supervisor = undefined;
});

function traffic(seed: number): MemoryQueueSetup {
  const targets = [{ prefix: parsePrefix('90.0.0.0/8'), protocol: 17, port: 0 } as const];
  return { kind: 'memory', traffic: { targets, flows: FLOWS, packetSize: 64, seed }, rate: 20_000 };
}

/** Two workers that have seen all their flows. */
async function running(flowDetails = true): Promise<Supervisor> {
  supervisor = new Supervisor({
    workers: [traffic(1), traffic(2)],
    flowTableLines: 1024,
    flowDetails,
    entry: thread.url,
  });
  await supervisor.start(image);
  while (supervisor.group.vip(0).first < 2 * FLOWS) await delay(5);
  return supervisor;
}

async function allFlows({ flows }: Supervisor): Promise<FlowEntry[]> {
  const all: FlowEntry[] = [];
  let cursor: string | undefined;
  do {
    const page = await flows.page(image, { limit: 250, ...(cursor !== undefined && { cursor }) }, names);
    all.push(...page.flows);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return all;
}

it('flows of running workers are listed with all there is to know, found, and counted by bucket', async () => {
  const { flows } = await running();
  const all = await allFlows(supervisor!);
  expect(all).toHaveLength(2 * FLOWS);
  expect(all.filter(({ worker }) => worker === 0)).toHaveLength(FLOWS);
  const buckets = new Uint32Array(128);
  for (const entry of all) {
    buckets[entry.bucket!]++;
    expect(entry).toMatchObject({ vip: '90.0.0.0/8', protocol: 'udp', as: expect.stringMatching(/^10\.0\.0\.[123]$/) });
    const { client, clientPort, destination, destinationPort, identity, as } = entry;
    const found = flows.find(
      image,
      {
        source: parseAddress(client!),
        sourcePort: clientPort!,
        destination: parseAddress(destination!),
        destinationPort: destinationPort!,
        protocol: 'udp',
      },
      names,
    );
    expect(found).toMatchObject({ client, clientPort, destination, destinationPort, identity, as });
  }
  expect(await flows.vipFlows(image, 0)).toMatchObject({ buckets, flows: 2 * FLOWS, unknownBucket: 0, unknownAge: 0 });
  await supervisor!.stop();
  expect(await allFlows(supervisor!)).toEqual([]);
});

it('details are not kept unless asked for', async () => {
  await running(false);
  const all = await allFlows(supervisor!);
  expect(all).toHaveLength(2 * FLOWS);
  expect(new Set(all.map(({ client }) => client))).toEqual(new Set([null]));
});

it('a tap tells what becomes of packets, and goes on at the successor of a worker', async () => {
  const { flows } = await running();
  const tap = supervisor!.tap({ as: parseAddress('10.0.0.2') });
  const records: TapRecord[] = [];
  const readUntil = async (worker: number): Promise<void> => {
    const from = records.length;
    while (!records.slice(from).some((record) => record.worker === worker)) {
      await delay(5);
      records.push(...tap.read());
    }
  };
  await readUntil(0);
  await readUntil(1);
  supervisor!.kill(0);
  await once(supervisor!, 'worker-restarted');
  // What the one before has left. From here on, what worker 0 says comes from its successor.
  records.push(...tap.read(Number.POSITIVE_INFINITY));
  await readUntil(0);
  for (const record of records) {
    expect(record).toMatchObject({ verdict: 'forward', tracking: 'existing', vipSlot: 0, protocol: 'udp' });
    const [before, after] = [record.before!, record.after!];
    expect([before.length, after.length]).toEqual([60, 84]);
    // Outer destination: the AS; what is inside, as it came.
    expect([...after.bytes.subarray(30, 34)]).toEqual([10, 0, 0, 2]);
    expect(Buffer.from(after.bytes.subarray(38)).equals(before.bytes.subarray(14))).toBe(true);
  }
  tap.close();
  const all = await flows.page(image, { limit: 1000, as: parseAddress('10.0.0.2') }, names);
  const known = new Set(all.flows.map(({ identity }) => identity));
  expect(records.filter(({ identity }) => !known.has(identity!))).toEqual([]);
});

it('a tap ends with the workers', async () => {
  await running();
  const tap = supervisor!.tap();
  await supervisor!.stop();
  expect([tap.isOpen, tap.read()]).toEqual([false, []]);
});
