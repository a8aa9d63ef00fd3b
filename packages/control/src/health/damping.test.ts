import { describe, expect, it } from 'vitest';
import { DEFAULT_DAMPING, FlapPenalty } from './damping.js';
import { TargetState } from './target-state.js';

const OPTIONS = { halfLifeSec: 60, suppressAt: 2.5, reuseBelow: 1.5, most: 6 };
const ONCE = { rise: 1, fall: 1 };

describe('FlapPenalty', () => {
  it('halves in a half-life', () => {
    const penalty = new FlapPenalty(OPTIONS, 0, 4);
    expect([0, 60_000, 120_000, 600_000].map((ms) => penalty.at(ms))).toEqual([4, 2, 1, 4 / 1024]);
  });

  it('grows by one with each fall, to a bound', () => {
    const penalty = new FlapPenalty(OPTIONS, 0);
    for (let i = 0; i < 50; i++) penalty.add(0);
    expect(penalty.at(0)).toBe(6);
    expect(penalty.leftMs(0)).toBeCloseTo(120_000);
  });

  it('is over when little is left of it, not as soon as it is less than it took to begin', () => {
    const penalty = new FlapPenalty(OPTIONS, 0, 2);
    expect(penalty.isFlapping(0)).toBe(false);
    penalty.add(0);
    expect(penalty.isFlapping(0)).toBe(true);
    const endMs = penalty.leftMs(0);
    // 3 · 2^(-1) = 1.5
    expect(endMs).toBeCloseTo(60_000);
    expect(penalty.isFlapping(endMs - 1)).toBe(true);
    expect(penalty.isFlapping(endMs + 1)).toBe(false);
  });
});

describe('TargetState with damping', () => {
  /** Falls and rises again every `periodMs`; returns how often it was seen to fall within an hour. */
  function fallsOf(periodMs: number): number {
    const state = new TargetState(DEFAULT_DAMPING, 0);
    let falls = 0;
    for (let ms = 0; ms < 3_600_000; ms += periodMs) {
      state.take(true, 'connected', ONCE, ms);
      if (state.take(false, 'connection refused', ONCE, ms + periodMs / 2) !== undefined) falls++;
    }
    return falls;
  }

  it('stays failing while it flaps, and lets a rare failure pass as it is', () => {
    expect(fallsOf(4_000)).toBe(3);
    expect(fallsOf(300_000)).toBe(12);
  });

  it('says so, and is healthy again once the penalty is gone and its checks pass', () => {
    const state = new TargetState(OPTIONS, 0);
    const changes = [1, 2, 3].flatMap((i) => [
      state.take(true, 'connected', ONCE, i * 1000),
      state.take(false, 'connection refused', ONCE, i * 1000 + 500),
    ]);
    expect(changes.map((change) => change?.to)).toEqual([
      'healthy',
      'failing',
      'healthy',
      'failing',
      'healthy',
      'failing',
    ]);
    expect(changes[5]?.reason).toBe('a check failed: connection refused; flapping: held down for 60 s');
    expect(state.isFlapping(4_000)).toBe(true);
    expect(state.take(true, 'connected', ONCE, 10_000)).toBeUndefined();
    expect(state.health).toBe('failing');
    expect(state.take(true, 'connected', ONCE, 62_000)).toBeUndefined();
    expect(state.take(true, 'connected', ONCE, 63_000)).toEqual({
      from: 'failing',
      to: 'healthy',
      reason: '3 checks in a row passed: connected',
    });
    expect(state.isFlapping(63_000)).toBe(false);
  });

  it('can be switched off', () => {
    const state = new TargetState(undefined, 0);
    for (let i = 0; i < 20; i++) {
      expect(state.take(true, 'connected', ONCE, i)?.to).toBe('healthy');
      expect(state.take(false, 'refused', ONCE, i)?.to).toBe('failing');
    }
    expect(state.isFlapping(20)).toBe(false);
  });
});
