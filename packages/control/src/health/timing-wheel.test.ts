import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClock } from './fake-clock.testkit.js';
import { TimingWheel } from './timing-wheel.js';

const TICK_MS = 5;

describe('TimingWheel', () => {
  it('calls each timer once, never early and at most a tick late, unless it was cancelled', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('set' as const), delayMs: fc.double({ min: 0, max: 40_000, noNaN: true }) }),
      fc.record({ kind: fc.constant('cancel' as const), which: fc.nat() }),
      fc.record({ kind: fc.constant('advance' as const), ms: fc.double({ min: 0, max: 15_000, noNaN: true }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const clock = new FakeClock();
        const wheel = new TimingWheel(clock);
        const timers: { atMs: number; calledMs: number[]; cancelledMs?: number; cancel(): void }[] = [];
        for (const each of steps) {
          if (each.kind === 'advance') clock.advance(each.ms);
          else if (each.kind === 'set') {
            const timer = { atMs: clock.now() + each.delayMs, calledMs: [] as number[], cancel: () => {} };
            const inWheel = wheel.set(timer.atMs, () => timer.calledMs.push(clock.now()));
            timer.cancel = () => wheel.cancel(inWheel);
            timers.push(timer);
          } else if (timers.length > 0) {
            const timer = timers[each.which % timers.length]!;
            timer.cancel();
            timer.cancelledMs ??= clock.now();
          }
          expect(clock.pending).toBeLessThanOrEqual(1);
        }
        clock.advance(60_000);
        for (const { atMs, calledMs, cancelledMs = Number.POSITIVE_INFINITY } of timers) {
          if (cancelledMs < atMs) expect(calledMs).toEqual([]);
          else if (cancelledMs > atMs + TICK_MS) expect(calledMs).toHaveLength(1);
          for (const ms of calledMs) {
            expect(ms).toBeGreaterThanOrEqual(atMs);
            expect(ms).toBeLessThanOrEqual(atMs + TICK_MS + 1e-6);
          }
        }
        expect(clock.pending).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it('lets a callback cancel another that is due at the same time, and set new ones', () => {
    const clock = new FakeClock();
    const wheel = new TimingWheel(clock);
    const called: string[] = [];
    wheel.set(10, () => {
      called.push('first');
      wheel.cancel(second);
      wheel.set(clock.now(), () => called.push('third'));
    });
    const second = wheel.set(10, () => called.push('second'));
    clock.advance(10);
    expect(called).toEqual(['first']);
    clock.advance(5);
    expect(called).toEqual(['first', 'third']);
  });

  it('has no timer of the system while nothing waits', () => {
    const clock = new FakeClock();
    const wheel = new TimingWheel(clock);
    const timer = wheel.set(1_000, () => undefined);
    expect(clock.pending).toBe(1);
    wheel.cancel(timer);
    expect(clock.pending).toBe(0);
  });

  it('calls in order of time after a pause of the process, and measures the pause', () => {
    const clock = new FakeClock();
    const wheel = new TimingWheel(clock);
    const called: number[] = [];
    for (const ms of [700, 100, 30_000, 400]) wheel.set(ms, () => called.push(ms));
    clock.stall(20_000);
    clock.advance(0);
    expect(called).toEqual([100, 400, 700]);
    expect(wheel.stalledMs).toBe(19_900);
    clock.advance(10_000);
    expect(called).toEqual([100, 400, 700, 30_000]);
    expect(wheel.stalledMs).toBe(19_900);
  });
});
