import { effectiveAss, parseConfig } from '@lb/control';
import { describe, expect, it } from 'vitest';
import { SteadyTimes } from './steady-times.js';
import { ClockWatch } from './wall-clock.js';

const NOON = Date.parse('2026-01-01T12:00:00Z');
const DAY = 86_400_000;

/** Clocks that tests move: time goes by on both, and the wall's is set. */
class TestClocks {
  private now = 0;
  private ahead = NOON;
  readonly wall = () => this.now + this.ahead;
  readonly steady = () => this.now;
  pass(seconds: number): void {
    this.now += seconds * 1000;
  }
  set(byMs: number): void {
    this.ahead += byMs;
  }
}

/** A server that drains for ten minutes from noon on, and one whose weight goes from 0 to 100 in a hundred seconds. */
const { config } = parseConfig({
  vips: [
    {
      prefix: '90.0.0.0/8',
      ass: [
        { address: '10.0.0.1', state: 'draining', drainUntil: '2026-01-01T12:10:00.000Z' },
        { address: '10.0.0.2', weight: 100, ramp: { from: 0, start: '2026-01-01T12:00:00.000Z', seconds: 100 } },
        { address: '10.0.0.3' },
      ],
    },
  ],
});
const { config: empty } = parseConfig({});

function start(isInherited: boolean) {
  const clocks = new TestClocks();
  const times = new SteadyTimes(clocks);
  if (!isInherited) times.follow(empty);
  times.follow(config);
  const now = () => {
    const [drained, ramped] = effectiveAss(times.of(config), clocks.wall(), () => 'unknown').values();
    return [drained!.cut, ramped!.weight];
  };
  return { clocks, times, now };
}

describe('what was ordered while the daemon ran', () => {
  it.each([
    ['forward', DAY],
    ['back', -DAY],
  ])('takes as long as it was to, also if the clock is set %s by a day', (_, byMs) => {
    const { clocks, times, now } = start(false);
    clocks.pass(50);
    expect(now()).toEqual([false, 50]);
    clocks.set(byMs);
    times.follow(config);
    expect(now()).toEqual([false, 50]);
    clocks.pass(30);
    expect(now()).toEqual([false, 80]);
    clocks.set(-byMs);
    clocks.pass(20);
    expect(now()).toEqual([false, 100]);
    clocks.set(byMs);
    clocks.pass(499);
    expect(now()).toEqual([false, 100]);
    clocks.pass(1);
    expect(now()).toEqual([true, 100]);
  });

  it('after the clock was set goes by the clock as it is now', () => {
    const { clocks, times } = start(false);
    clocks.set(DAY);
    const drainUntil = new Date(clocks.wall() + 60_000).toISOString();
    const ass = [{ address: '10.0.0.1', state: 'draining', drainUntil }, { address: '10.0.0.2' }];
    const later = parseConfig({ vips: [{ prefix: '90.0.0.0/8', ass }] }).config;
    times.follow(later);
    expect(times.of(later)).toBe(later);
  });
});

describe('what was there when the daemon began', () => {
  it('is right when the clock is put right', () => {
    const { clocks, now } = start(true);
    clocks.set(DAY);
    expect(now()).toEqual([true, 100]);
  });

  it('goes on when the clock is set back', () => {
    const { clocks, now } = start(true);
    clocks.pass(50);
    clocks.set(-DAY);
    expect(now()).toEqual([false, 50]);
  });
});

it('a clock that is adjusted little by little has not been set', () => {
  const { clocks, times } = start(false);
  const jumps: number[] = [];
  const watch = new ClockWatch((byMs) => jumps.push(byMs), clocks);
  for (let i = 0; i < 100; i++) {
    clocks.pass(1);
    clocks.set(0.5);
    watch.look();
  }
  expect(times.of(config)).toBe(config);
  clocks.set(-5000);
  watch.look();
  watch.look();
  watch.stop();
  expect(jumps).toEqual([-5000]);
});
