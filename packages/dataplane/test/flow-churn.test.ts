import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { alignedWords, DEFAULT_FLOW_HASH_SEED, FlowTable, flowHash4, parseAddress, rawWord } from '@lb/core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type FlowEntry, FlowReader } from '../src/flows/index.js';
import { ImageCompiler } from '../src/image/compiler.js';
import type { Secret } from '../src/pipeline/engine.js';
import { FLOW_SIDE_WORDS } from '../src/pipeline/flow-details.js';
import { type Bundle, bundle } from './bundle.testkit.js';
import { spec, vip } from './specs.testkit.js';

/** What the thread of churn-thread.ts is started with. */
export interface ChurnSetup {
  readonly image: Uint32Array;
  readonly lines: number;
  readonly secret: Secret;
  readonly flows: Int32Array;
  readonly flowDetails?: Int32Array;
  /** Its clock, and whether to end. */
  readonly shared: Int32Array;
}

/** About three quarters full: entries are moved all the time to make room. */
const LINES = 1024;
const TICKS = 12;
const ENTRIES = 50_000;
/** On a busy machine. */
const LONGEST_MS = 60_000;

const image = new ImageCompiler().compile(
  spec([vip('90.0.0.0/8', 'gre4', ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'])], { timeoutSec: TICKS / 16 }),
  { revision: 1 },
);
const table = image.table(0);
const names = { vip: () => 'it' };

let thread: Bundle;
let worker: Worker | undefined;
let shared: Int32Array;

beforeAll(async () => {
  thread = await bundle('../test/churn-thread.ts');
});
afterAll(() => thread.remove());
afterEach(async () => {
  if (worker === undefined) return;
  const gone = once(worker, 'exit');
  Atomics.store(shared, 1, 1);
  await gone;
  worker = undefined;
});

it.each([true, false])(
  'no entry is read half old and half new while a worker writes: details %s',
  async (details) => {
    shared = new Int32Array(new SharedArrayBuffer(8));
    const secret: Secret = [1, 2, 3, 4];
    const flows = alignedWords(LINES * 16);
    const flowDetails = alignedWords(LINES * 4 * FLOW_SIDE_WORDS);
    const workerData: ChurnSetup = {
      image: image.unsigned,
      lines: LINES,
      secret,
      flows,
      shared,
      ...(details && { flowDetails }),
    };
    worker = new Worker(thread.url, { workerData });
    const side = details ? { sideWords: FLOW_SIDE_WORDS, side: flowDetails } : {};
    const reader = new FlowReader([new FlowTable({ lines: LINES, secret, memory: flows, ...side })], () => shared[0]);
    let seen = 0;
    let detailed = 0;
    const wrong: FlowEntry[] = [];
    const identities = new Set<string>();
    while (seen < ENTRIES) {
      const page = await reader.page(image, { limit: LINES }, names);
      for (const entry of page.flows) {
        const { asSlot, bucket, client, identity } = entry;
        seen++;
        if (identities.size < ENTRIES) identities.add(identity);
        // Nothing but the bucket has ever decided: another AS is that of another flow.
        if (asSlot !== table[bucket!]) wrong.push(entry);
        if (client === null) continue;
        detailed++;
        if (identityOf(entry) !== identity) wrong.push(entry);
      }
    }
    expect(wrong).toEqual([]);
    // It was read while it changed, and details are missing only where they were just being written.
    expect(identities.size).toBeGreaterThan(10 * LINES);
    expect(detailed).toBeGreaterThan(details ? 0.9 * seen : -1);
  },
  LONGEST_MS,
);

/** What the flow that an entry says it is would be known by. */
function identityOf({ client, clientPort, destination, destinationPort }: FlowEntry): string {
  const raw = (address: string | null) => rawWord(parseAddress(address!).bytes, 0);
  const rawPort = (port: number | null) => ((port! & 0xff) << 8) | (port! >>> 8);
  const ports = rawPort(clientPort) | (rawPort(destinationPort) << 16);
  const out = new Int32Array(2);
  flowHash4(...DEFAULT_FLOW_HASH_SEED, raw(client), raw(destination), ports, 17, out, 0, 1);
  return `0x${[out[1], out[0]].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')}`;
}
