import fs from 'node:fs';
import path from 'node:path';
import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { createCapture } from './capture-writer.js';
import { openCapture } from './open-capture.js';
import { createPcapng } from './pcapng-writer.js';
import { temporaryFolder } from './sample-files.testkit.js';

const PACKETS = 200_000;
const folder = temporaryFolder();
afterAll(() => fs.rmSync(folder, { recursive: true }));

/** How many garbage collections happen while `action` runs. */
async function collectionsDuring(action: () => void): Promise<number> {
  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length;
  });
  observer.observe({ entryTypes: ['gc'] });
  action();
  await setImmediate();
  collections += observer.takeRecords().length;
  observer.disconnect();
  return collections;
}

function readAll(file: string): void {
  const reader = openCapture(file);
  let sum = 0;
  while (reader.next()) {
    sum = (sum + reader.data[reader.dataOffset] + reader.timestampSec + reader.timestampNsec + reader.linkType) | 0;
  }
  reader.close();
  expect(sum).not.toBe(0);
  expect(reader.recordNumber).toBe(PACKETS);
}

it.each([
  ['pcap', createCapture],
  ['pcapng', createPcapng],
] as const)('reads and writes %s without garbage per packet', async (name, create) => {
  const file = path.join(folder, name);
  const packet = Uint8Array.from({ length: 80 }, (_, i) => i);
  const writeAll = () => {
    const writer = create(file);
    for (let i = 0; i < PACKETS; i++)
      writer.write(packet, 2, 60 + (i & 3), 1_700_000_000 + (i >>> 8), (i * 4999) % 1_000_000_000);
    writer.close();
  };
  writeAll();
  readAll(file);
  // 16 bytes for every second packet, which is one number above 2^31 on the heap, would be 8 collections or more.
  const allowed = 2;
  expect(await collectionsDuring(() => Array.from({ length: 5 }, writeAll))).toBeLessThanOrEqual(allowed);
  expect(await collectionsDuring(() => Array.from({ length: 10 }, () => readAll(file)))).toBeLessThanOrEqual(allowed);
});
