import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { VipConfig } from '../schema.js';
import { vipKey } from '../vip-ref.js';
import { Balancer } from './balancer.testkit.js';
import { plan } from './plan.js';
import { configOf, NOW, planned, type VipInput } from './plan.testkit.js';
import type { BucketMove, Planned } from './types.js';

const ADDRESSES = Array.from({ length: 8 }, (_, i) => `10.0.0.${i + 1}`);

const anyAs = fc.record({
  address: fc.constantFrom(...ADDRESSES),
  weight: fc.oneof(fc.constantFrom(0, 1, 50, 100), fc.integer({ min: 0, max: 100 })),
  more: fc.constantFrom(
    {},
    {},
    {},
    { state: 'disabled' as const },
    { state: 'draining' as const },
    { state: 'draining' as const, drainUntil: new Date(NOW - 1000).toISOString() },
    { ramp: { from: 5, start: new Date(NOW - 10_000).toISOString(), seconds: 30 } },
  ),
});

/** VIPs from a few names, so that two configurations have some in common. */
const anyVip: fc.Arbitrary<VipInput> = fc
  .record({
    name: fc.constantFrom<Partial<VipInput>>(
      { prefix: '90.0.0.0/8' },
      { prefix: '90.1.0.0/16' },
      { prefix: '91.0.0.1', port: 80 },
      { prefix: '91.0.0.1', port: 443, protocol: 'tcp' },
    ),
    newLen: fc.nat({ max: 7 }).map((bits) => 2 ** bits),
    lastAs: fc.constantFrom('drop' as const, 'keep' as const),
    srcIpSticky: fc.boolean(),
    ass: fc.uniqueArray(anyAs, { maxLength: 6, selector: ({ address }) => address }),
  })
  .map(({ name, ass, ...vip }) => ({
    prefix: '',
    ...name,
    ...vip,
    ass: ass.map(({ more, ...as }) => ({ ...as, ...more })),
  }));

const anyPlanned: fc.Arbitrary<Planned> = fc
  .record({
    table: fc.constantFrom('maglev' as const, 'vpp' as const),
    vips: fc.uniqueArray(anyVip, { maxLength: 4, selector: ({ prefix, port }) => `${prefix} ${port}` }),
    failing: fc.subarray(ADDRESSES, { maxLength: 3 }),
  })
  .map(({ table, vips, failing }) => planned(configOf({ table, vips }), failing));

test('what the plan says of buckets is what stands in the images', () => {
  fc.assert(
    fc.property(anyPlanned, anyPlanned, (before, after) => {
      const { vips } = plan(before, after);
      const byKey = new Map(vips.map((vip) => [vipKey(vip.vip), vip]));
      const balancer = new Balancer(before);
      const tablesBefore = tablesOf(balancer, before);
      balancer.apply(after);
      const tablesAfter = tablesOf(balancer, after);
      for (const key of new Set([...tablesBefore.keys(), ...tablesAfter.keys()])) {
        const left = tablesBefore.get(key);
        const right = tablesAfter.get(key);
        const vip = byKey.get(key);
        if (vip === undefined) {
          expect(right).toEqual(left);
          continue;
        }
        expect([vip.newLenBefore, vip.newLenAfter]).toEqual([left?.length ?? 0, right?.length ?? 0]);
        expect(counts(vip.moves)).toEqual(counts(movesOf(left, right)));
        expect(vip.moves.reduce((sum, { buckets }) => sum + buckets, 0)).toBe(vip.moved);
        expect(vip.share).toBe(vip.moved / vip.buckets);
        for (const { address, bucketsBefore, bucketsAfter } of vip.ass) {
          expect([bucketsBefore, bucketsAfter]).toEqual([timesIn(left, address), timesIn(right, address)]);
        }
        const ideal = vip.ass.reduce((sum, { idealAfter }) => sum + idealAfter, 0);
        expect(ideal).toBeCloseTo(right?.some((as) => as !== null) ? right.length : 0, 9);
      }
    }),
    { numRuns: 150 },
  );
});

test('flows are kept or cut, none twice and none left out; there and back moves the same buckets', () => {
  fc.assert(
    fc.property(anyPlanned, anyPlanned, (before, after) => {
      const flowsOf = (_: unknown, address: string) => Number(address.at(-1));
      const there = plan(before, after, flowsOf);
      for (const vip of there.vips) {
        const of = (fate: string) => vip.ass.reduce((sum, as) => sum + (as.fate === fate ? as.flows! : 0), 0);
        expect(vip.flows).toEqual({ kept: of('kept'), cut: of('cut') });
      }
      const back = plan(after, before, flowsOf);
      const moved = (vips: typeof there.vips) => Object.fromEntries(vips.map((vip) => [vipKey(vip.vip), vip.moved]));
      expect(moved(back.vips)).toEqual(moved(there.vips));
    }),
    { numRuns: 100 },
  );
});

test('nothing comes of a change to the same', () => {
  fc.assert(
    fc.property(anyPlanned, (same) => {
      const copy = structuredClone(same);
      expect(plan(same, copy)).toEqual({ changes: [], vips: [], flows: null, warnings: [] });
    }),
    { numRuns: 100 },
  );
});

function tablesOf(balancer: Balancer, { config }: Planned): Map<string, (string | null)[]> {
  return new Map(config.vips.map((vip: VipConfig) => [vipKey(vip), balancer.table(vip)]));
}

/** Slow and obvious: every hash that the tables can tell apart, one by one. */
function movesOf(before: (string | null)[] = [null], after: (string | null)[] = [null]): BucketMove[] {
  const moves: BucketMove[] = [];
  for (let hash = 0; hash < Math.max(before.length, after.length); hash++) {
    const [from, to] = [before[hash % before.length]!, after[hash % after.length]!];
    if (from !== to) moves.push({ from, to, buckets: 1 });
  }
  return moves;
}

function counts(moves: readonly BucketMove[]): Record<string, number> {
  const all: Record<string, number> = {};
  for (const { from, to, buckets } of moves) all[`${from} ${to}`] = (all[`${from} ${to}`] ?? 0) + buckets;
  return all;
}

function timesIn(table: readonly (string | null)[] | undefined, address: string): number {
  return table?.filter((as) => as === address).length ?? 0;
}
