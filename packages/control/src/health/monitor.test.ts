import { beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../schema.js';
import { parseConfig } from '../validate.js';
import { checkedConfig, FakeCheckers, VIP } from './fake-checkers.testkit.js';
import { FakeClock } from './fake-clock.testkit.js';
import { HealthMonitor, type HealthMonitorOptions } from './monitor.js';
import { failed, notMade, passed } from './result.js';
import { savedHealthSchema } from './saved.js';
import type { HealthEvent, LocalProblem } from './views.js';

const A = '10.0.0.1';
const B = '10.0.0.2';
const CHECK = { interval: 1, timeout: 0.5, jitter: 0, rise: 2, fall: 3 };

describe('HealthMonitor', () => {
  let clock: FakeClock;
  let checks: FakeCheckers;
  let events: HealthEvent[];
  let locals: LocalProblem[];
  /** How the servers are. */
  let results: Record<string, ReturnType<typeof passed>>;

  beforeEach(() => {
    clock = new FakeClock();
    checks = new FakeCheckers(() => clock.now());
    events = [];
    locals = [];
    results = {};
    checks.onStart = (check) => {
      clock.after(1, () => check.isStopped || check.end(results[check.probe.address] ?? passed('connected')));
    };
  });

  function started(config: Config, options: Partial<HealthMonitorOptions> = {}): HealthMonitor {
    const monitor = new HealthMonitor({ checkers: checks.checkers, clock, random: () => 0.5, ...options });
    monitor.on('transition', (event) => events.push(event));
    monitor.on('local', (problem) => locals.push(problem));
    monitor.setTargets(config);
    monitor.start();
    return monitor;
  }

  it('knows nothing at first, and tells of every change with its reason', () => {
    results[B] = failed('connection refused');
    const monitor = started(checkedConfig(2, CHECK));
    expect([monitor.healthOf(VIP, A), monitor.healthOf(VIP, B)]).toEqual(['unknown', 'unknown']);
    clock.advance(3_000);
    expect(events).toEqual([
      {
        time: '2030-01-01T00:00:01.001Z',
        vip: VIP,
        address: A,
        from: 'unknown',
        to: 'healthy',
        reason: '2 checks in a row passed: connected',
      },
      {
        time: '2030-01-01T00:00:02.501Z',
        vip: VIP,
        address: B,
        from: 'unknown',
        to: 'failing',
        reason: '3 checks in a row failed: connection refused',
      },
    ]);
    expect([monitor.healthOf(VIP, A), monitor.healthOf(VIP, B)]).toEqual(['healthy', 'failing']);
    results[A] = failed('timed out after 0.5 s, connecting');
    results[B] = passed('connected');
    clock.advance(3_000);
    expect(events.slice(2).map(({ address, from, to }) => [address, from, to])).toEqual([
      [B, 'failing', 'healthy'],
      [A, 'healthy', 'failing'],
    ]);
  });

  it('shows what it knows', () => {
    results[B] = failed('status 503, expected 200-399');
    const monitor = started(checkedConfig(2, { ...CHECK, type: 'http' }));
    expect(monitor.view()[0]).toEqual({
      vip: VIP,
      address: A,
      type: 'http',
      health: 'unknown',
      since: '2030-01-01T00:00:00.000Z',
      before: null,
      consecutive: 0,
      lastResult: null,
      checks: 0,
      failures: 0,
      flapping: false,
    });
    clock.advance(3_400);
    expect(monitor.view().map(({ address }) => address)).toEqual([A, B]);
    expect(monitor.view()[1]).toMatchObject({
      health: 'failing',
      since: '2030-01-01T00:00:02.501Z',
      consecutive: 3,
      lastResult: { at: '2030-01-01T00:00:02.501Z', ok: false, reason: 'status 503, expected 200-399', ms: 1 },
      checks: 3,
      failures: 3,
    });
  });

  it('counts checks that this machine could not make neither way, and tells of them once', () => {
    const monitor = started(checkedConfig(1, CHECK));
    clock.advance(2_900);
    results[A] = notMade('no check: no free local port');
    clock.advance(10_000);
    expect(monitor.healthOf(VIP, A)).toBe('healthy');
    expect(monitor.view()[0]).toMatchObject({ checks: 3, failures: 0, consecutive: 3, lastResult: { local: true } });
    expect(locals.map(({ address, reason }) => [address, reason])).toEqual([[A, 'no check: no free local port']]);
    results[A] = failed('connection refused');
    clock.advance(3_000);
    expect(monitor.healthOf(VIP, A)).toBe('failing');
    results[A] = notMade('no check: no free local port');
    clock.advance(2_000);
    expect(locals).toHaveLength(2);
  });

  it('detects a death no later than fall intervals and one timeout', () => {
    const monitor = started(checkedConfig(1, CHECK));
    // Dead right after a check that passed.
    clock.advanceTo(5_010);
    expect(monitor.view()[0]).toMatchObject({ health: 'healthy' });
    checks.onStart = undefined;
    clock.advance(3 * 1_000 + 500 + 10);
    expect(monitor.healthOf(VIP, A)).toBe('failing');
    expect(events.at(-1)?.reason).toBe('3 checks in a row failed: timed out after 0.5 s, connecting');
  });

  describe('when the configuration changes', () => {
    it('keeps what it knows of unchanged ASs, forgets removed ones and starts with new ones', () => {
      results[A] = failed('connection refused');
      const monitor = started(checkedConfig(2, CHECK));
      clock.advance(5_000);
      const before = monitor.view()[0]!;
      monitor.setTargets(checkedConfig(1, CHECK));
      expect(monitor.view()).toEqual([before]);
      monitor.setTargets(checkedConfig(3, CHECK));
      expect(monitor.view().map(({ health }) => health)).toEqual(['failing', 'unknown', 'unknown']);
      clock.advance(3_000);
      expect(monitor.view().map(({ health }) => health)).toEqual(['failing', 'healthy', 'healthy']);
      monitor.setTargets(parseConfig({ vips: [{ ...VIP, ass: [{ address: A }] }] }).config);
      expect(monitor.healthOf(VIP, A)).toBe('unknown');
      expect(monitor.view()).toEqual([]);
    });

    it('keeps the health but counts anew where something else is asked', () => {
      results[A] = failed('connection refused');
      const monitor = started(checkedConfig(1, CHECK));
      clock.advance(5_000);
      results[A] = passed('connected');
      monitor.setTargets(checkedConfig(1, { ...CHECK, port: 8080 }));
      expect(monitor.view()[0]).toMatchObject({ health: 'failing', consecutive: 0 });
      clock.advance(800);
      expect(monitor.view()[0]).toMatchObject({ health: 'failing', consecutive: 1 });
      clock.advance(1_000);
      expect(monitor.healthOf(VIP, A)).toBe('healthy');
    });

    it('applies new thresholds to the row at hand', () => {
      results[A] = failed('connection refused');
      const monitor = started(checkedConfig(1, { ...CHECK, fall: 100 }));
      clock.advance(9_100);
      expect(monitor.view()[0]).toMatchObject({ health: 'unknown', consecutive: 10 });
      monitor.setTargets(checkedConfig(1, { ...CHECK, fall: 5 }));
      clock.advance(1_000);
      expect(monitor.healthOf(VIP, A)).toBe('failing');
    });

    it('may be changed by whoever hears of a change', () => {
      const monitor = started(checkedConfig(50, { ...CHECK, rise: 1 }));
      monitor.on('transition', () => monitor.setTargets(checkedConfig(1, CHECK)));
      clock.advance(5_000);
      expect(monitor.view()).toHaveLength(1);
      expect(new Set(checks.started.filter(({ atMs }) => atMs > 10).map(({ probe }) => probe.address))).toEqual(
        new Set([A]),
      );
    });
  });

  describe('after a restart', () => {
    it('takes nothing down before it was probed often enough, and shows what was known', () => {
      results[A] = failed('connection refused');
      const first = started(checkedConfig(1, CHECK));
      clock.advance(10_000);
      first.stop();
      const saved = savedHealthSchema.parse(JSON.parse(JSON.stringify(first.save())));
      const second = started(checkedConfig(1, CHECK), { saved });
      const before = { health: 'failing', since: '2030-01-01T00:00:02.001Z' };
      expect(second.view()[0]).toMatchObject({ health: 'unknown', before });
      // A process that ends before it knew anything passes on what it was told.
      expect(second.save().states).toMatchObject({ [`${VIP.prefix} tcp 80 as ${A}`]: before });
      clock.advance(1_900);
      expect(second.healthOf(VIP, A)).toBe('unknown');
      clock.advance(200);
      expect(second.view()[0]).toMatchObject({ health: 'failing', before: null });
    });

    it('remembers who has been flapping, less so the longer ago', () => {
      const flapping = (penalty: number, agoSec: number) => {
        const time = new Date(clock.wall() - agoSec * 1000).toISOString();
        const state = { health: 'healthy' as const, since: time, penalty };
        const id = `${VIP.prefix} tcp 80 as ${A}`;
        const saved = { version: 1 as const, savedAt: time, states: { [id]: state } };
        results[A] = passed('connected');
        const monitor = started(checkedConfig(1, { ...CHECK, rise: 1, fall: 1 }), { saved });
        clock.advance(1_500);
        expect(monitor.healthOf(VIP, A)).toBe('healthy');
        results[A] = failed('connection refused');
        clock.advance(1_000);
        monitor.stop();
        return monitor.view()[0]?.flapping;
      };
      expect(flapping(2, 0)).toBe(true);
      expect(flapping(2, 60)).toBe(false);
    });
  });

  it('makes no check while it is stopped', () => {
    const monitor = started(checkedConfig(5, CHECK));
    clock.advance(3_000);
    monitor.stop();
    const made = checks.started.length;
    clock.advance(10_000);
    expect(checks.started).toHaveLength(made);
    expect(clock.pending).toBe(0);
    expect(monitor.healthOf(VIP, A)).toBe('healthy');
  });
});
