import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Rereader } from './rereader.js';
import type { KernelTable } from './snapshot.js';

/** A reader whose reads take `costMs`, with the time and the tables of each. */
function harness(costMs: number) {
  const reads: { at: number; tables: KernelTable[] }[] = [];
  let running = 0;
  const rereader = new Rereader({
    collectMs: 50,
    read: async (tables) => {
      running += 1;
      expect(running).toBe(1);
      reads.push({ at: performance.now(), tables: [...tables].sort() });
      await new Promise((resolve) => setTimeout(resolve, costMs));
      running -= 1;
    },
  });
  return { rereader, reads };
}

describe('Rereader', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('makes one read of a burst of requests, 50 ms after the first', async () => {
    const { rereader, reads } = harness(5);
    const start = performance.now();
    for (let i = 0; i < 1000; i++) rereader.request(i % 2 === 0 ? ['routes'] : ['neighbours']);
    await vi.advanceTimersByTimeAsync(30);
    rereader.request(['routes']);
    await vi.advanceTimersByTimeAsync(1000);
    expect(reads).toEqual([{ at: start + 50, tables: ['neighbours', 'routes'] }]);
  });

  it('reads again what was asked for while it read', async () => {
    const { rereader, reads } = harness(20);
    rereader.request(['links']);
    await vi.advanceTimersByTimeAsync(60);
    rereader.request(['routes']);
    await vi.advanceTimersByTimeAsync(1000);
    expect(reads.map(({ tables }) => tables)).toEqual([['links'], ['routes']]);
  });

  it.each([5, 50, 300])(
    'spends a share of its time on reads of %d ms, and leaves nothing unread for long',
    async (cost) => {
      const { rereader, reads } = harness(cost);
      const endless = setInterval(() => rereader.request(['neighbours']), 1);
      await vi.advanceTimersByTimeAsync(10_000);
      clearInterval(endless);
      const gaps = reads.slice(1).map(({ at }, i) => at - reads[i].at - cost);
      const rest = Math.min(400, Math.max(50, cost * 4));
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(rest);
      expect(Math.max(...gaps)).toBeLessThan(rest + 3);
    },
  );

  it('starts no read after it was stopped, and waits for the one under way', async () => {
    const { rereader, reads } = harness(100);
    rereader.request();
    await vi.advanceTimersByTimeAsync(60);
    rereader.request();
    let stopped = false;
    const stop = rereader.stop().then(() => {
      stopped = true;
    });
    await vi.advanceTimersByTimeAsync(50);
    expect(stopped).toBe(false);
    await vi.advanceTimersByTimeAsync(10_000);
    await stop;
    rereader.request();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(reads).toHaveLength(1);
  });
});
