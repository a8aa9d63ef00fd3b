import { describe, expect, it } from 'vitest';
import { ProbeSchedule } from './probe-schedule.js';
import type { ProbeTarget } from './probe-targets.js';

const target = (state: string, address = '10.1.0.2'): ProbeTarget => ({ address, device: 'east', state });

/** Seconds at which a target of always the same state is probed, up to `endSec`. */
function probeTimes(state: string, endSec: number): number[] {
  const schedule = new ProbeSchedule();
  const times: number[] = [];
  for (let ms = 0; ms <= endSec * 1000; ms += 250) {
    schedule.update([target(state)], ms);
    if (schedule.take(ms, 10).length > 0) times.push(ms / 1000);
  }
  return times;
}

describe('ProbeSchedule', () => {
  it.each(['NONE', 'FAILED', 'INCOMPLETE'])('asks for a neighbour that stays %s ever more rarely', (state) => {
    expect(probeTimes(state, 130)).toEqual([0, 1, 3, 7, 15, 31, 61, 91, 121]);
  });

  it('refreshes a stale neighbour at once, and not over and over', () => {
    expect(probeTimes('STALE', 35)).toEqual([0, 10, 20, 30]);
  });

  it.each(['REACHABLE', 'DELAY', 'PROBE', 'PERMANENT', 'NOARP'])('leaves a neighbour that is %s alone', (state) => {
    expect(probeTimes(state, 100)).toEqual([]);
  });

  it('asks at once when a resolved neighbour is lost, and starts its pauses anew', () => {
    const schedule = new ProbeSchedule();
    const probed = (state: string, ms: number) => {
      schedule.update([target(state)], ms);
      return schedule.take(ms, 10).length > 0;
    };
    expect(probed('NONE', 0)).toBe(true);
    expect(probed('FAILED', 3000)).toBe(true);
    expect(probed('FAILED', 4000)).toBe(false);
    expect(probed('REACHABLE', 4100)).toBe(false);
    expect(probed('FAILED', 4200)).toBe(true);
    expect(probed('FAILED', 5200)).toBe(true);
    expect(probed('STALE', 5300)).toBe(true);
  });

  it('gives a limited number at a time, the longest overdue first', () => {
    const schedule = new ProbeSchedule();
    const some = ['10.1.0.5', '10.1.0.6'].map((address) => target('NONE', address));
    schedule.update(some, 100);
    schedule.update([...some, target('NONE', '10.1.0.4')], 200);
    const taken = (ms: number) => schedule.take(ms, 2).map(({ address }) => address);
    expect(taken(300)).toEqual(['10.1.0.5', '10.1.0.6']);
    expect(schedule.nextDueMs()).toBe(200);
    expect(taken(300)).toEqual(['10.1.0.4']);
    expect(taken(300)).toEqual([]);
    expect(schedule.nextDueMs()).toBe(1300);
  });

  it('forgets what is no longer wanted', () => {
    const schedule = new ProbeSchedule();
    schedule.update([target('NONE')], 0);
    schedule.update([], 10);
    expect(schedule.take(100_000, 10)).toEqual([]);
    expect(schedule.nextDueMs()).toBe(Number.POSITIVE_INFINITY);
  });
});
