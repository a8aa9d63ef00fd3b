import { parsePrefix } from '@lb/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { BURST_PACKETS, Burst } from '../burst.js';
import { MemoryQueue } from './memory-queue.js';
import { HEADROOM } from './queue.js';
import { TrafficGenerator } from './traffic-generator.js';

const generator = () =>
  new TrafficGenerator({ targets: [{ prefix: parsePrefix('90.0.0.0/8'), protocol: 17, port: 0 }], flows: 1000 });

afterEach(() => {
  vi.restoreAllMocks();
});

describe('memory queue', () => {
  it('fills bursts with frames aligned for 32-bit IP headers, and recycles them', () => {
    const queue = new MemoryQueue({ generator: generator(), frames: 512 });
    const burst = new Burst();
    const seen = new Set<number>();
    for (let round = 0; round < 4; round++) {
      expect(queue.rx(burst)).toBe(BURST_PACKETS);
      for (let i = 0; i < burst.count; i++) {
        expect(burst.offset[i] % 4).toBe(2);
        expect(burst.offset[i] % 2048).toBe(HEADROOM);
        seen.add(burst.offset[i]);
      }
      queue.tx(burst);
    }
    expect(seen.size).toBe(512);
  });

  it('hands out no more than its rate, and does not catch up after a pause', () => {
    let now = 1000;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const queue = new MemoryQueue({ generator: generator(), rate: 10_000 });
    const burst = new Burst();
    expect(queue.rx(burst)).toBe(0);
    now += 5;
    expect(queue.rx(burst)).toBe(50);
    now += 60_000;
    let packets = 0;
    for (let k = 0; k < 20; k++) packets += queue.rx(burst);
    expect(packets).toBe(1000);
  });

  it('has no frame for what does not fit', () => {
    const queue = new MemoryQueue({ generator: generator() });
    expect(queue.allocate(1500)).toBeGreaterThanOrEqual(0);
    expect(queue.allocate(2048)).toBe(-1);
  });
});
