import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { it as always, beforeAll, describe, expect } from 'vitest';
import { libraryPath } from '../src/native/index.js';

const PACKETS = 10_000_000;

/** What a stretch of packets left behind. */
interface Stretch {
  readonly packets: number;
  readonly collections: number;
  /** Growth of the heap; says something only when nothing was collected. */
  readonly heapBytes: number;
}

interface Measured {
  readonly clean: Stretch;
  /** A tenth as many packets, with an array made for each burst. */
  readonly littered: Stretch;
  readonly verdicts: Readonly<Record<string, number>>;
}

const hasLibrary = existsSync(libraryPath());
const stages = [
  ['typescript', true],
  [hasLibrary ? 'native' : 'native (skipped: the native library is not built)', hasLibrary],
] as const;

describe.each(stages)('ten million packets of every VIP type through the built engine, stages: %s', (kind, canRun) => {
  const it = always.skipIf(!canRun);
  let measured: Measured;

  beforeAll(() => {
    if (!canRun) return;
    if (!existsSync(new URL('../dist/index.js', import.meta.url))) {
      throw new Error('packages/dataplane is not built: run `npm run setup` first');
    }
    const script = fileURLToPath(new URL('garbage.mjs', import.meta.url));
    // A small young generation: every megabyte or so of garbage is a collection.
    const argv = ['--max-semi-space-size=1', script, String(PACKETS), kind];
    measured = JSON.parse(execFileSync(process.execPath, argv, { encoding: 'utf8' }));
  }, 120_000);

  it('meet every verdict, known flows, new ones, and a full flow table', () => {
    expect(measured.clean.packets).toBeGreaterThanOrEqual(PACKETS);
    const { forwarded, punted, dropped, first, untracked } = measured.verdicts;
    for (const packets of [forwarded, punted, dropped, untracked]) expect(packets).toBeGreaterThan(1_000_000);
    expect(first).toBeGreaterThan(30_000);
  });

  it('leave no garbage behind, neither per packet nor per burst', () => {
    expect(measured.clean.collections).toBe(0);
    // One number on the heap for each burst would be more than 600 KB.
    expect(measured.clean.heapBytes).toBeLessThan(300_000);
  });

  it('and garbage would be noticed', () => {
    expect(measured.littered.collections).toBeGreaterThanOrEqual(1);
  });
});
