import { beforeEach, describe, expect, it } from 'vitest';
import { checkedConfig, FakeCheckers, type HeldCheck } from './fake-checkers.testkit.js';
import { FakeClock } from './fake-clock.testkit.js';
import { type CheckResult, failed, passed } from './result.js';
import { CheckScheduler } from './scheduler.js';
import { targetsOf } from './target.js';

const TICK_MS = 5;

describe('CheckScheduler', () => {
  let clock: FakeClock;
  let checks: FakeCheckers;
  let results: { id: string; result: CheckResult; ms: number }[];
  let random: number;

  beforeEach(() => {
    clock = new FakeClock();
    checks = new FakeCheckers(() => clock.now());
    results = [];
    random = 0.5;
  });

  function scheduler(maxRunning = 1000): CheckScheduler {
    return new CheckScheduler({
      clock,
      random: () => random,
      maxRunning,
      start: ({ probe }, done) => checks.checkers.tcp.start(probe, done),
      result: (id, result, ms) => results.push({ id, result, ms }),
    });
  }
  const targets = (count: number, check: object = {}) => targetsOf(checkedConfig(count, { jitter: 0, ...check }));
  const starts = () => checks.started.map(({ atMs }) => atMs);

  /** From now on each check passes after so long. */
  const answerAfter = (ms: number) => {
    checks.onStart = (check) => void clock.after(ms, () => check.isStopped || check.end());
  };

  it('checks at the interval, however long a check takes', () => {
    answerAfter(700);
    scheduler().set(targets(1, { interval: 2 }));
    clock.advance(9_000);
    expect(starts().map((ms) => Math.round(ms / TICK_MS) * TICK_MS)).toEqual([5, 2000, 4000, 6000, 8000]);
    for (const { ms } of results) expect(ms).toBe(700);
  });

  it('spreads the first checks of many over the interval', () => {
    scheduler().set(targets(1000, { interval: 1 }));
    clock.advance(1_000);
    const perTenth = Array.from({ length: 10 }, (_, i) => starts().filter((ms) => Math.floor((ms - 1) / 100) === i));
    for (const some of perTenth) expect(Math.abs(some.length - 100)).toBeLessThanOrEqual(5);
  });

  it('does not let new ones wait for long, whatever the interval', () => {
    scheduler().set(targets(100, { interval: 3600 }));
    clock.advance(10_000);
    expect(checks.started).toHaveLength(100);
  });

  it.each([
    [0, 1800],
    [0.5, 2000],
    [0.999, 2200],
  ])('varies the interval by the jitter: at %d it is %d ms', (value, expectedMs) => {
    random = value;
    answerAfter(0);
    scheduler().set(targets(1, { interval: 2, jitter: 0.1 }));
    clock.advance(2_300);
    expect(Math.abs(starts()[1]! - expectedMs)).toBeLessThanOrEqual(2 * TICK_MS);
  });

  it('ends a check when its time is up, with what it was waiting for', () => {
    scheduler().set(targets(1, { timeout: 0.25 }));
    clock.advance(TICK_MS);
    const check = checks.last;
    check.phase = 'waiting for the answer';
    clock.advance(249);
    expect(results).toEqual([]);
    clock.advance(1 + TICK_MS);
    expect(check.isStopped).toBe(true);
    expect(results.map(({ result }) => result)).toEqual([failed('timed out after 0.25 s, waiting for the answer')]);
    // Too late, and not to be counted.
    check.end();
    expect(results).toHaveLength(1);
  });

  it('takes the result that is known already when time is up', () => {
    scheduler().set(targets(1));
    clock.advance(TICK_MS);
    checks.last.early = passed('status 200');
    clock.advance(1_010);
    expect(results.map(({ result }) => result)).toEqual([passed('status 200')]);
  });

  it('holds nothing against a server whose check ran out while this process stood still', () => {
    scheduler().set(targets(1, { interval: 10 }));
    clock.advance(TICK_MS);
    clock.stall(3_000);
    clock.advance(TICK_MS);
    expect(results.map(({ result }) => result)).toEqual([
      { ok: false, local: true, reason: 'no check: this process stood still for 2 s' },
    ]);
    // Whereas a check that merely waits has failed.
    clock.advance(12_000);
    expect(results[1]?.result).toEqual(failed('timed out after 1 s, connecting'));
  });

  it('has never two checks of one target under way, also where the timeout is longer than the interval', () => {
    scheduler().set(targets(1, { interval: 1, timeout: 5 }));
    clock.advance(4_000);
    expect(checks.started).toHaveLength(1);
    clock.advance(1_010 + TICK_MS);
    expect(checks.started).toHaveLength(2);
    expect(checks.started[0]!.isStopped).toBe(true);
  });

  it('has no more checks under way than it may; the others wait for their turn', () => {
    const some = scheduler(3);
    some.set(targets(10, { interval: 1, timeout: 60 }));
    clock.advance(1_000);
    expect(some.running).toBe(3);
    const order = targets(10).map(({ address }) => address);
    for (let i = 0; i < 7; i++) checks.started[i]!.end();
    expect(checks.started.map(({ probe }) => probe.address)).toEqual(order);
    expect(some.running).toBe(3);
    for (let i = 7; i < 10; i++) checks.started[i]!.end();
    clock.advance(1_000);
    expect(some.running).toBe(3);
    expect(checks.started).toHaveLength(13);
  });

  it('stops the checks of targets that are gone, also of those that wait', () => {
    const some = scheduler(1);
    some.set(targets(3, { interval: 1, timeout: 60 }));
    clock.advance(1_000);
    some.set([]);
    expect(checks.started).toHaveLength(1);
    expect(checks.last.isStopped).toBe(true);
    expect(some.running).toBe(0);
    expect(clock.pending).toBe(0);
    clock.advance(10_000);
    expect(checks.started).toHaveLength(1);
    expect(results).toEqual([]);
  });

  it('leaves the times of others alone when a target is added', () => {
    answerAfter(0);
    const some = scheduler();
    some.set(targets(1, { interval: 10 }));
    clock.advance(3_000);
    some.set(targets(2, { interval: 10 }));
    clock.advance(18_000);
    const times = (address: string) => checks.of(address).map(({ atMs }) => Math.round(atMs / 1000));
    expect(times('10.0.0.1')).toEqual([0, 10, 20]);
    expect(times('10.0.0.2')).toEqual([3, 13]);
  });

  it('asks the new question soon, and does not count the answer to the old one', () => {
    const some = scheduler();
    some.set(targets(1, { interval: 10, timeout: 10 }));
    clock.advance(1_000);
    const old = checks.last;
    some.set(targets(1, { interval: 10, timeout: 10, port: 8080 }));
    expect(old.isStopped).toBe(true);
    clock.advance(5_000 + TICK_MS);
    expect(checks.last.probe.port).toBe(8080);
    checks.last.end();
    expect(results).toHaveLength(1);
  });

  it('follows a shorter interval at once', () => {
    answerAfter(0);
    const some = scheduler();
    some.set(targets(1, { interval: 3600 }));
    clock.advance(1_000);
    some.set(targets(1, { interval: 1 }));
    clock.advance(10_000);
    expect(checks.started).toHaveLength(11);
  });

  it('makes fewer checks at a time, rather than many that all run out, where this process cannot keep up', () => {
    // Each check takes the process 3 × 1 ms, with a turn of all others in between: all at a time would take 3 s each.
    const steps = new Map<HeldCheck, number>();
    checks.onStart = (check) => steps.set(check, 0);
    scheduler(4096).set(targets(1000, { interval: 1, timeout: 1 }));
    while (clock.now() < 60_000) {
      for (const [check, made] of [...steps]) {
        steps.delete(check);
        if (check.isStopped) continue;
        clock.stall(1);
        if (made === 2) check.end();
        else steps.set(check, made + 1);
      }
      clock.advance(1);
    }
    const last = results.slice(-1000).map(({ result }) => result);
    expect(last.filter(({ ok }) => ok).length).toBeGreaterThan(950);
    expect(results.filter(({ result }) => !result.ok && !result.local)).toEqual([]);
  });
});
