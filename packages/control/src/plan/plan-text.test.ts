import { describe, expect, test } from 'vitest';
import { percent } from './change-text.js';
import { movesTexts } from './moves-text.js';
import { plan } from './plan.js';
import { configOf, oneVip, planned } from './plan.testkit.js';
import { planText } from './plan-text.js';

const A = '10.0.0.1';
const B = '10.0.0.2';
const numbered = (count: number) => Array.from({ length: count }, (_, i) => `10.0.${i >> 8}.${i & 255}`);

describe('planText', () => {
  test('says what counts first', () => {
    const before = configOf({
      ip4SrcAddress: '192.0.2.254',
      vips: [
        { prefix: '90.0.0.0/8', newLen: 1024, ass: [{ address: A }, { address: B }] },
        { prefix: '91.0.0.0/8', newLen: 16, ass: [{ address: A }] },
      ],
    });
    const after = configOf({
      ip4SrcAddress: '192.0.2.254',
      timeout: 60,
      vips: [
        { prefix: '92.0.0.0/8', newLen: 16, ass: [{ address: A }] },
        { prefix: '90.0.0.0/8', newLen: 1024, ass: [{ address: A }, { address: B, state: 'draining' }] },
      ],
    });
    const counts = { '90.0.0.0/8': 406_203, '91.0.0.0/8': 1234, '92.0.0.0/8': 0 };
    const text = planText(plan(planned(before), planned(after), ({ prefix }) => counts[prefix as keyof typeof counts]));
    expect(text).toBe(`4 changes
established flows: 812,406 kept, 1,234 cut
new flows: 50.0 % of the buckets of VIP 90.0.0.0/8 move, elsewhere less

WARNINGS
  ! VIP 91.0.0.0/8 goes, and its 1,234 established flows are cut; drain its ASs
    first (LB_PLAN_WARN_CUT)
  ! AS 10.0.0.1 of VIP 90.0.0.0/8: up to 2.0 times the new flows of now
    (LB_PLAN_WARN_LOAD)
  ! flows are kept for 60 s without packets, and need room; until now 40 s; a
    flow that lives now goes by it from its next packet on
    (LB_PLAN_WARN_TIMEOUT)

CHANGES
  - remove VIP 91.0.0.0/8 with its 1 AS
  ~ timeout 40 -> 60
  ~ AS 10.0.0.2 of VIP 90.0.0.0/8: state enabled -> draining
  + add VIP 92.0.0.0/8: gre4, newLen 16, 1 AS

VIP 91.0.0.0/8: removed, newLen 16; flows 0 kept, 1,234 cut
  AS        SHARE  THEN  IDEAL  FLOWS  FATE
  10.0.0.1  100 %   0 %      -  1,234  cut

VIP 90.0.0.0/8: 512 of 1,024 buckets move (50.0 %); flows 812,406 kept, 0 cut
  AS         SHARE   THEN  IDEAL    FLOWS  FATE
  10.0.0.1  50.0 %  100 %  100 %  406,203  kept
  10.0.0.2  50.0 %    0 %    0 %  406,203  kept
  moves 10.0.0.2 512 -> 10.0.0.1

VIP 92.0.0.0/8: added, newLen 16
  AS        SHARE   THEN  IDEAL  FLOWS  FATE
  10.0.0.1    0 %  100 %  100 %      0  -
`);
  });

  test('of nothing', () => {
    const same = planned(oneVip([A]));
    expect(planText(plan(same, same))).toBe('nothing changes\n');
  });

  test('where health alone changes, and counts are not known', () => {
    const config = oneVip([A, B]);
    expect(planText(plan(planned(config), planned(config, [B])))).toMatch(
      /^the configuration stays as it is\nestablished flows: not known\nnew flows: 50.0 % of the buckets/,
    );
  });

  test('a change without effect on flows', () => {
    const after = oneVip([A], { check: { type: 'icmp' } });
    expect(planText(plan(planned(oneVip([A])), planned(after)), 60)).toBe(`1 change
established flows: not known
new flows: no bucket moves

CHANGES
  + VIP 90.0.0.0/8: check set to type icmp via direct
    interval 2 timeout 1 rise 2 fall 3 jitter 0.1
`);
  });

  test('stays within a screen or two, and within its width, however much changes', () => {
    const vips = numbered(20).map((address) => ({
      prefix: `${address}/32`,
      newLen: 64,
      encap: 'gre6' as const,
      ass: numbered(20).map((_, i) => ({ address: `2001:db8:1234:5678:9abc:def0:1234:${i + 1}` })),
    }));
    const before = configOf({ vips });
    const after = configOf({ vips: vips.map((vip) => ({ ...vip, ass: vip.ass.slice(0, 8) })), table: 'vpp' });
    const result = plan(planned(before), planned(after));
    for (const width of [80, 120]) {
      const lines = planText(result, width).split('\n');
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
      expect(lines.length).toBeLessThan(180);
      expect(lines).toContain('LESS AFFECTED');
      expect(lines).toContain('  and 8 more');
      expect(lines).toContain('  and 222 more');
    }
  });
});

describe('where buckets go', () => {
  test('grouped by the side with fewer ASs', () => {
    const leaving = ['a', 'b', 'c', 'd', 'e'].map((to, i) => ({ from: 'x', to, buckets: 1005 - i }));
    expect(movesTexts(leaving)).toEqual(['x 5,015 -> a 1,005, b 1,004, c 1,003, 2 others 2,003']);
    const coming = leaving.map(({ from, to, buckets }) => ({ from: to, to: from, buckets }));
    expect(movesTexts(coming)).toEqual(['a 1,005, b 1,004, c 1,003, 2 others 2,003 -> x 5,015']);
  });

  test('no AS is one, too; of many groups the largest are named', () => {
    expect(movesTexts([{ from: 'a', to: null, buckets: 8 }])).toEqual(['a 8 -> no AS']);
    const ring = Array.from({ length: 6 }, (_, i) => ({ from: `${i}`, to: `${(i + 1) % 6}`, buckets: 6 - i }));
    expect(movesTexts(ring)).toEqual(['0 6 -> 1', '1 5 -> 2', '2 4 -> 3', 'and 6 buckets between others']);
  });
});

test.each([
  [0, '0 %'],
  [0.0001, '<0.1 %'],
  [0.0617, '6.2 %'],
  [0.9999, '>99.9 %'],
  [1, '100 %'],
  [1.5, '150.0 %'],
])('percent %d: %s', (part, text) => {
  expect(percent(part)).toBe(text);
});
