import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyConfig } from '../config.testkit.js';
import type { VipConfig } from '../schema.js';
import { parseConfig } from '../validate.js';
import { asId } from '../vip-ref.js';
import { effectiveAss, effectiveVip, type Health, nextChangeAt, settledVip } from './index.js';

const NOON = Date.parse('2026-01-01T12:00:00Z');

type AsInput = Partial<VipConfig['ass'][number]>;

/** A VIP whose ASs are 192.0.2.1, 192.0.2.2, … */
function vipOf(ass: readonly AsInput[], settings: Partial<Pick<VipConfig, 'panic' | 'lastAs'>> = {}): VipConfig {
  const listed = ass.map((as, i) => ({ address: `192.0.2.${i + 1}`, ...as }));
  return parseConfig({ vips: [{ prefix: '10.0.0.1', ...settings, ass: listed }] }).config.vips[0]!;
}

/** Health by the last number of the address. */
const failingOnes =
  (...numbers: number[]) =>
  (address: string): Health =>
    numbers.includes(Number(address.split('.').at(-1))) ? 'failing' : 'healthy';

const ALL_WELL = failingOnes();
const none = { weight: 0, draining: false, udpEnds: false, cut: false };

describe('one AS', () => {
  const second = { address: '192.0.2.2' };
  const one = (as: AsInput, health = ALL_WELL) => effectiveVip(vipOf([as, second]), NOON, health)[0];

  test.each<[string, AsInput, object]>([
    ['enabled', { weight: 7 }, { ...none, weight: 7, reason: 'configured' }],
    ['of weight 0', { weight: 0 }, { ...none, reason: 'configured' }],
    ['disabled', { state: 'disabled' }, { weight: 0, draining: true, udpEnds: true, cut: true, reason: 'disabled' }],
    ['draining', { state: 'draining' }, { ...none, draining: true, reason: 'draining' }],
    [
      'draining, before its deadline',
      { state: 'draining', drainUntil: '2026-01-01T12:00:00.001Z' },
      { ...none, draining: true, reason: 'draining' },
    ],
    [
      'draining, at its deadline',
      { state: 'draining', drainUntil: '2026-01-01T12:00:00Z' },
      { weight: 0, draining: true, udpEnds: true, cut: true, reason: 'draining' },
    ],
    [
      'half way up a ramp',
      { weight: 100, ramp: { from: 1, start: '2026-01-01T11:59:30Z', seconds: 60 } },
      { ...none, weight: 51, reason: 'ramp' },
    ],
    [
      'a quarter down a ramp',
      { weight: 0, ramp: { from: 100, start: '2026-01-01T11:59:45Z', seconds: 60 } },
      { ...none, weight: 75, reason: 'ramp' },
    ],
    [
      'before its ramp',
      { weight: 100, ramp: { from: 3, start: '2026-01-01T12:00:01Z', seconds: 60 } },
      { ...none, weight: 3, reason: 'ramp' },
    ],
    [
      'at the end of its ramp',
      { weight: 100, ramp: { from: 3, start: '2026-01-01T11:59:00Z', seconds: 60 } },
      { ...none, weight: 100, reason: 'configured' },
    ],
  ])('%s', (_, as, expected) => {
    expect(one(as)).toEqual(expected);
  });

  test('failing: no new flows, SYNs and datagrams go elsewhere, TCP flows stay', () => {
    const expected = { weight: 0, draining: true, udpEnds: true, cut: false, reason: 'failing' };
    expect(one({ weight: 50 }, failingOnes(1))).toEqual(expected);
  });

  test('failing while draining: datagrams go elsewhere, and the drain stays the reason', () => {
    const expected = { ...none, draining: true, udpEnds: true, reason: 'draining' };
    expect(one({ state: 'draining' }, failingOnes(1))).toEqual(expected);
  });

  test('not known to be well is as good as well', () => {
    expect(effectiveVip(vipOf([{}]), NOON, () => 'unknown')).toEqual(effectiveVip(vipOf([{}]), NOON, ALL_WELL));
  });
});

describe('panic', () => {
  const four = vipOf([{ weight: 10 }, { weight: 20 }, { weight: 30 }, { weight: 40 }], { panic: 50 });
  const outcome = (vip: VipConfig, ...failing: number[]) =>
    effectiveVip(vip, NOON, failingOnes(...failing)).map(({ weight, reason }) => [weight, reason]);

  test('at the threshold health counts, below it it does not', () => {
    expect(outcome(four, 1, 2)).toEqual([
      [0, 'failing'],
      [0, 'failing'],
      [30, 'configured'],
      [40, 'configured'],
    ]);
    expect(outcome(four, 1, 2, 4)).toEqual([
      [10, 'panic'],
      [20, 'panic'],
      [30, 'configured'],
      [40, 'panic'],
    ]);
  });

  test('0 always believes the checks, 100 only when all is well', () => {
    expect(outcome({ ...four, panic: 0 }, 1, 2, 3, 4).map(([weight]) => weight)).toEqual([0, 0, 0, 0]);
    expect(outcome({ ...four, panic: 100 }, 1).map(([weight]) => weight)).toEqual([10, 20, 30, 40]);
  });

  test('ASs that take no flows anyway do not count', () => {
    const vip = vipOf([{}, { weight: 0 }, { state: 'draining' }, { state: 'disabled' }], { panic: 50 });
    // One of one is failing, whatever the three others are.
    expect(outcome(vip, 1)[0]).toEqual([100, 'panic']);
    const two = vipOf([{}, {}, { weight: 0 }, { state: 'draining' }], { panic: 50 });
    expect(outcome(two, 1, 3, 4)[0]).toEqual([0, 'failing']);
  });

  test('datagrams stay on a draining AS whose failing is not believed', () => {
    const vip = vipOf([{}, { state: 'draining' }], { panic: 100 });
    expect(effectiveVip(vip, NOON, failingOnes(1, 2))[1]).toMatchObject({ draining: true, udpEnds: false });
  });
});

describe('the last AS', () => {
  const over = '2026-01-01T00:00:00Z';
  const ass: AsInput[] = [
    { weight: 10 },
    { weight: 20, state: 'draining' },
    { weight: 30, state: 'draining', drainUntil: over },
    { weight: 40, state: 'disabled' },
    { weight: 0 },
  ];

  test('keep: what is not disabled goes on as if nothing were wrong', () => {
    const vip = vipOf(ass, { lastAs: 'keep', panic: 0 });
    const kept = { draining: false, udpEnds: false, cut: false, reason: 'last-as' };
    expect(effectiveVip(vip, NOON, failingOnes(1))).toEqual([
      { weight: 10, ...kept },
      { weight: 20, ...kept },
      { weight: 30, ...kept },
      { weight: 0, draining: true, udpEnds: true, cut: true, reason: 'disabled' },
      { ...none, reason: 'configured' },
    ]);
  });

  test('drop: no AS has a weight', () => {
    const vip = vipOf(ass, { lastAs: 'drop', panic: 0 });
    expect(effectiveVip(vip, NOON, failingOnes(1)).map(({ weight }) => weight)).toEqual([0, 0, 0, 0, 0]);
  });

  test('as long as one AS takes flows, keep changes nothing', () => {
    const keep = effectiveVip(vipOf(ass, { lastAs: 'keep' }), NOON, ALL_WELL);
    expect(keep).toEqual(effectiveVip(vipOf(ass, { lastAs: 'drop' }), NOON, ALL_WELL));
  });
});

const anyMoment = fc.integer({ min: NOON - 86_400_000, max: NOON + 2 * 86_400_000 });
const anyHealth = fc.func(fc.constantFrom<Health>('healthy', 'failing', 'unknown'));

describe('in any configuration, at any time, in any health', () => {
  const check = (holds: (vip: VipConfig, now: number, health: (address: string) => Health) => void) =>
    fc.assert(
      fc.property(anyConfig, anyMoment, anyHealth, (config, now, health) => {
        for (const vip of config.vips) holds(vip, now, health);
      }),
      { numRuns: 100 },
    );

  test('what is cut or draining takes no new flows, and what is cut drains and ends', () => {
    check((vip, now, health) => {
      for (const { weight, draining, udpEnds, cut } of effectiveVip(vip, now, health)) {
        expect(Number.isInteger(weight) && weight >= 0 && weight <= 100).toBe(true);
        if (draining) expect(weight).toBe(0);
        if (cut) expect([draining, udpEnds]).toEqual([true, true]);
        if (udpEnds) expect(draining).toBe(true);
      }
    });
  });

  test('a disabled AS and one without weight take no flows; cut are only disabled and drained ones', () => {
    check((vip, now, health) => {
      effectiveVip(vip, now, health).forEach(({ weight, cut }, i) => {
        const as = vip.ass[i]!;
        if (as.state === 'disabled') expect([weight, cut]).toEqual([0, true]);
        if (as.weight === 0 && as.ramp === undefined) expect(weight).toBe(0);
        if (cut) expect(as.state).not.toBe('enabled');
      });
    });
  });

  test('health never takes away more than panic allows', () => {
    check((vip, now, health) => {
      const inUse = vip.ass.map(({ state, weight }) => state === 'enabled' && weight > 0);
      const taken = effectiveVip(vip, now, health).filter(({ reason }) => reason === 'failing').length;
      const others = vip.ass.filter((as, i) => !inUse[i] && as.state === 'enabled').length;
      const enabled = inUse.filter(Boolean).length;
      expect(taken - others).toBeLessThanOrEqual(enabled - (enabled * vip.panic) / 100);
    });
  });

  test('with keep, a VIP serves as long as one AS with a weight is not disabled', () => {
    check((vip, now, health) => {
      const keep = effectiveVip({ ...vip, lastAs: 'keep' }, now, health);
      const able = vip.ass.some(({ state, weight }) => state !== 'disabled' && weight > 0);
      if (able) expect(keep.some(({ weight }) => weight > 0)).toBe(true);
    });
  });

  test('a recovered AS never makes another one worse', () => {
    check((vip, now) => {
      const noPanic = { ...vip, panic: 0, lastAs: 'drop' as const };
      const before = effectiveVip(noPanic, now, () => 'failing');
      const after = effectiveVip(noPanic, now, () => 'healthy');
      before.forEach(({ weight }, i) => {
        expect(after[i]!.weight).toBeGreaterThanOrEqual(weight);
      });
    });
  });

  test('settled is what a day after all ramps and deadlines has come of it', () => {
    check((vip) => {
      expect(settledVip(vip)).toEqual(effectiveVip(vip, NOON + 10 * 86_400_000, () => 'healthy'));
    });
  });
});

describe('time', () => {
  test('ramps are monotone, begin at `from` and end at the weight', () => {
    const ramps = fc.record({
      from: fc.integer({ min: 0, max: 100 }),
      weight: fc.integer({ min: 0, max: 100 }),
      seconds: fc.integer({ min: 1, max: 300 }),
    });
    fc.assert(
      fc.property(ramps, ({ from, weight, seconds }) => {
        const start = new Date(NOON).toISOString();
        const vip = vipOf([{ weight, ramp: { from, start, seconds } }]);
        const at = (second: number) => effectiveVip(vip, NOON + second * 1000, ALL_WELL)[0]!.weight;
        const course = Array.from({ length: seconds + 2 }, (_, second) => at(second - 1));
        expect([course[0], course[1], at(seconds), at(seconds + 1)]).toEqual([from, from, weight, weight]);
        const steps = new Set(course.slice(1).map((now, i) => Math.sign(now - course[i]!)));
        expect(steps.has(-Math.sign(weight - from)) && weight !== from).toBe(false);
        const line = (second: number) => from + ((weight - from) * second) / seconds;
        const off = course.slice(1).map((now, second) => Math.abs(now - line(second)));
        expect(Math.max(...off)).toBeLessThanOrEqual(0.5);
      }),
      { numRuns: 60 },
    );
  });

  test('nothing changes before nextChangeAt, something does then', () => {
    fc.assert(
      fc.property(anyConfig, anyMoment, fc.double({ min: 0, max: 1, noNaN: true }), (config, now, part) => {
        const all = (at: number) => effectiveAss(config, at, () => 'healthy');
        const next = nextChangeAt(config, now);
        const until = next ?? now + 10 * 86_400_000;
        const between = now + Math.floor((until - 1 - now) * part);
        expect(all(between)).toEqual(all(now));
        expect(all(until - 1)).toEqual(all(now));
        // A policy about all ASs may hide what time does to one.
        const bare = { ...config, vips: config.vips.map((vip) => ({ ...vip, lastAs: 'drop' as const })) };
        if (next === undefined) expect(all(until)).toEqual(all(now));
        else {
          expect(next).toBeGreaterThan(now);
          expect(effectiveAss(bare, next, () => 'healthy')).not.toEqual(effectiveAss(bare, now, () => 'healthy'));
        }
      }),
      { numRuns: 100 },
    );
  });

  test('a ramp asks to be looked at again once a second at most', () => {
    const vip = vipOf([{ weight: 100, ramp: { from: 0, start: '2026-01-01T12:00:00Z', seconds: 10 } }]);
    const config = { ...parseConfig({}).config, vips: [vip] };
    expect(nextChangeAt(config, NOON)).toBe(NOON + 1000);
    expect(nextChangeAt(config, NOON + 1)).toBe(NOON + 1000);
    expect(nextChangeAt(config, NOON + 1000)).toBe(NOON + 2000);
    expect(nextChangeAt(config, NOON - 1)).toBe(NOON + 1000);
    expect(nextChangeAt(config, NOON + 10_000)).toBeUndefined();
  });
});

test('keys are ids, and health is asked of the VIP', () => {
  const { config } = parseConfig({
    vips: [
      { prefix: '10.0.0.1', port: 80, panic: 0, ass: [{ address: '192.0.2.1' }] },
      { prefix: '10.0.0.1', port: 81, ass: [{ address: '192.0.2.1' }] },
    ],
  });
  const all = effectiveAss(config, NOON, ({ port }) => (port === 80 ? 'failing' : 'healthy'));
  expect([...all].map(([id, { weight }]) => [id, weight])).toEqual([
    [asId({ prefix: '10.0.0.1/32', port: 80 }, '192.0.2.1'), 0],
    [asId({ prefix: '10.0.0.1/32', port: 81 }, '192.0.2.1'), 100],
  ]);
});
