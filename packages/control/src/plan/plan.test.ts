import { describe, expect, test } from 'vitest';
import type { VipRef } from '../vip-ref.js';
import { plan } from './plan.js';
import { configOf, NOW, oneVip, planned } from './plan.testkit.js';
import type { Plan, VipPlan } from './types.js';

/** Flow counts by address, the same for every VIP. */
function flows(counts: Record<string, number>) {
  return (_: VipRef, address: string) => counts[address];
}

/** The plan of the only VIP that is affected. */
function only({ vips }: Plan): VipPlan {
  expect(vips).toHaveLength(1);
  return vips[0]!;
}

const A = '10.0.0.1';
const B = '10.0.0.2';
const COUNTS = flows({ [A]: 10, [B]: 7 });

describe('buckets', () => {
  test('an AS that comes takes its share from those there', () => {
    const vip = only(plan(planned(oneVip([A])), planned(oneVip([A, B]))));
    expect(vip).toEqual({
      vip: { prefix: '90.0.0.0/8' },
      change: 'changed',
      newLenBefore: 8,
      newLenAfter: 8,
      buckets: 8,
      moved: 4,
      share: 0.5,
      moves: [{ from: A, to: B, buckets: 4 }],
      ass: [
        { address: A, bucketsBefore: 8, bucketsAfter: 4, idealAfter: 4, flows: null, fate: 'kept' },
        { address: B, bucketsBefore: 0, bucketsAfter: 4, idealAfter: 4, flows: null, fate: 'none' },
      ],
      flows: null,
    });
  });

  test('an AS that goes leaves its share to those that stay, and keeps its flows', () => {
    const result = plan(planned(oneVip([A, B])), planned(oneVip([A])), COUNTS);
    expect(only(result)).toMatchObject({
      moved: 4,
      moves: [{ from: B, to: A, buckets: 4 }],
      ass: [
        { address: A, bucketsBefore: 4, bucketsAfter: 8, flows: 10, fate: 'kept' },
        { address: B, bucketsBefore: 4, bucketsAfter: 0, idealAfter: 0, flows: 7, fate: 'kept' },
      ],
      flows: { kept: 17, cut: 0 },
    });
    expect(result.flows).toEqual({ kept: 17, cut: 0 });
  });

  test('weights: quotas of 6 and 2 become 4 and 4', () => {
    const before = oneVip([
      { address: A, weight: 75 },
      { address: B, weight: 25 },
    ]);
    const after = oneVip([
      { address: A, weight: 50 },
      { address: B, weight: 50 },
    ]);
    expect(only(plan(planned(before), planned(after)))).toMatchObject({
      moved: 2,
      share: 0.25,
      moves: [{ from: A, to: B, buckets: 2 }],
    });
  });

  test('the last AS goes: its buckets have none', () => {
    const vip = only(plan(planned(oneVip([A])), planned(oneVip([]))));
    expect(vip).toMatchObject({ moved: 8, moves: [{ from: A, to: null, buckets: 8 }] });
  });

  test('with one AS, a longer table moves nothing', () => {
    const vip = only(plan(planned(oneVip([A])), planned(oneVip([A], { newLen: 32 }))));
    expect(vip).toMatchObject({ newLenBefore: 8, newLenAfter: 32, buckets: 32, moved: 0, moves: [] });
    expect(vip.ass).toMatchObject([{ bucketsBefore: 8, bucketsAfter: 32, idealAfter: 32 }]);
  });

  test('buckets of a shorter table count for all that they stand for', () => {
    // One bucket has room for the first AS only; four are shared by two.
    const before = oneVip([A, B], { newLen: 1 });
    const [first] = only(plan(planned(before), planned(oneVip([])))).moves;
    const other = first!.from === A ? B : A;
    const vip = only(plan(planned(before), planned(oneVip([A, B], { newLen: 4 }))));
    expect(vip).toMatchObject({ buckets: 4, moved: 2, moves: [{ from: first!.from, to: other, buckets: 2 }] });
  });

  test('a VIP that comes or goes: all its buckets get an AS, or lose theirs', () => {
    const none = configOf({});
    expect(only(plan(planned(none), planned(oneVip([A, B]))))).toMatchObject({
      change: 'added',
      newLenBefore: 0,
      newLenAfter: 8,
      moved: 8,
      moves: [
        { from: null, to: A, buckets: 4 },
        { from: null, to: B, buckets: 4 },
      ],
    });
    expect(only(plan(planned(oneVip([A, B])), planned(none), COUNTS))).toMatchObject({
      change: 'removed',
      newLenBefore: 8,
      newLenAfter: 0,
      moved: 8,
      flows: { kept: 0, cut: 17 },
    });
  });

  test('table: every VIP is affected', () => {
    const vips = [
      { prefix: '90.0.0.0/8', ass: [{ address: A }, { address: B, weight: 50 }] },
      { prefix: '91.0.0.0/8' },
    ];
    const result = plan(planned(configOf({ vips })), planned(configOf({ vips, table: 'vpp' })));
    expect(result.vips.map(({ vip, moved }) => [vip.prefix, moved > 0])).toEqual([
      ['90.0.0.0/8', true],
      ['91.0.0.0/8', false],
    ]);
  });
});

describe('what each AS does now', () => {
  const drain = { address: B, state: 'draining' as const };

  test('draining moves buckets and keeps flows', () => {
    const result = plan(planned(oneVip([A, B])), planned(oneVip([A, drain])), COUNTS);
    expect(only(result)).toMatchObject({ moved: 4, flows: { kept: 17, cut: 0 } });
    expect(result.warnings.map(({ code }) => code)).not.toContain('LB_PLAN_WARN_CUT');
  });

  test('disabling cuts flows; what was cut before is counted no more', () => {
    const disabled = oneVip([A, { address: B, state: 'disabled' }]);
    const there = plan(planned(oneVip([A, B])), planned(disabled), COUNTS);
    expect(only(there)).toMatchObject({ moved: 4, flows: { kept: 10, cut: 7 } });
    expect(only(there).ass[1]).toMatchObject({ address: B, fate: 'cut' });
    const back = plan(planned(disabled), planned(oneVip([A, B])), COUNTS);
    expect(only(back)).toMatchObject({ moved: 4, flows: { kept: 10, cut: 0 } });
    expect(only(back).ass[1]).toMatchObject({ address: B, fate: 'none' });
  });

  test('a drain whose deadline is past cuts', () => {
    const over = { ...drain, drainUntil: new Date(NOW - 1).toISOString() };
    expect(plan(planned(oneVip([A, drain])), planned(oneVip([A, over])), COUNTS).flows).toEqual({ kept: 10, cut: 7 });
    const later = { ...drain, drainUntil: new Date(NOW + 1000).toISOString() };
    expect(plan(planned(oneVip([A, drain])), planned(oneVip([A, later])), COUNTS).flows).toEqual({ kept: 17, cut: 0 });
  });

  test('failing ASs have no buckets, before as after', () => {
    const [C] = ['10.0.0.3'];
    const result = plan(planned(oneVip([A, B]), [B]), planned(oneVip([A, B, C]), [B]));
    expect(only(result)).toMatchObject({ moved: 4, moves: [{ from: A, to: C, buckets: 4 }] });
  });

  test('the same configuration differs when health does', () => {
    const config = oneVip([A, B]);
    const result = plan(planned(config), planned(config, [B]), COUNTS);
    expect(result.changes).toEqual([]);
    expect(only(result)).toMatchObject({ moved: 4, flows: { kept: 17, cut: 0 } });
  });

  test('a ramp counts with its weight of the moment', () => {
    const ramp = { from: 0, start: new Date(NOW - 30_000).toISOString(), seconds: 60 };
    // Half way: 50 to 150, a quarter to three quarters of 8 buckets.
    const after = oneVip([
      { address: A, weight: 75 },
      { address: B, weight: 50, ramp },
    ]);
    expect(only(plan(planned(oneVip([{ address: A, weight: 75 }])), planned(after)))).toMatchObject({ moved: 2 });
  });

  test('a change of a check alone affects no VIP', () => {
    const check = { type: 'icmp' as const };
    const result = plan(planned(oneVip([A])), planned(oneVip([A], { check })));
    expect(result.changes.map(({ path }) => path)).toEqual(['vips[0].check']);
    expect(result.vips).toEqual([]);
  });
});

describe('flows', () => {
  test('VIPs that are not affected count, too', () => {
    const other = { prefix: '91.0.0.0/8', newLen: 8, ass: [{ address: A }] };
    const [vip] = oneVip([A, B]).vips;
    const before = configOf({ vips: [vip!, other] });
    const after = configOf({ vips: [{ ...vip!, ass: [] }, other] });
    const result = plan(planned(before), planned(after), COUNTS);
    expect(only(result).flows).toEqual({ kept: 17, cut: 0 });
    expect(result.flows).toEqual({ kept: 27, cut: 0 });
  });

  test('an AS that had left and comes back keeps the flows it still has', () => {
    const result = plan(planned(oneVip([A])), planned(oneVip([A, B])), COUNTS);
    expect(only(result).ass[1]).toMatchObject({ address: B, flows: 7, fate: 'kept' });
  });

  test('srcIpSticky makes other flows of all packets', () => {
    const result = plan(planned(oneVip([A, B])), planned(oneVip([A, B], { srcIpSticky: true })), COUNTS);
    expect(only(result)).toMatchObject({ moved: 0, flows: { kept: 0, cut: 17 } });
  });

  test('an encap of the other family cannot send to the ASs before', () => {
    const after = oneVip(['2001:db8::1'], { encap: 'gre6' });
    expect(plan(planned(oneVip([A, B])), planned(after), COUNTS).flows).toEqual({ kept: 0, cut: 17 });
    expect(plan(planned(oneVip([A, B])), planned(oneVip([A], { encap: 'l3dsr' })), COUNTS).flows).toEqual({
      kept: 17,
      cut: 0,
    });
  });

  test('counts that are not known are null', () => {
    const result = plan(planned(oneVip([A, B])), planned(oneVip([A])), flows({ [A]: 3 }));
    expect(only(result).ass.map((as) => as.flows)).toEqual([3, null]);
    expect(result.flows).toEqual({ kept: 3, cut: 0 });
    expect(plan(planned(oneVip([A, B])), planned(oneVip([A]))).flows).toBeNull();
  });
});

test('from a configuration to itself there is nothing to do', () => {
  const config = oneVip([A, { address: B, state: 'disabled' }]);
  expect(plan(planned(config), planned(structuredClone(config)), COUNTS)).toEqual({
    changes: [],
    vips: [],
    flows: { kept: 10, cut: 0 },
    warnings: [],
  });
});
