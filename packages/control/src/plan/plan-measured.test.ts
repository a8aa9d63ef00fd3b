import type { TrafficTarget } from '@lb/dataplane';
import { describe, expect, test } from 'vitest';
import type { Config } from '../schema.js';
import { Balancer, type Sent, target } from './balancer.testkit.js';
import { plan } from './plan.js';
import { configOf, NOW, oneVip, planned } from './plan.testkit.js';
import type { BucketMove, Planned, VipPlan } from './types.js';

const ASS = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5'];
const [FIRST, SECOND] = ASS as [string, string];
const base = oneVip(ASS, { newLen: 64 });

/** The five ASs, with other settings for the first. */
function first(settings: object): Config {
  return oneVip([{ address: FIRST, ...settings }, ...ASS.slice(1)], { newLen: 64 });
}

const past = new Date(NOW - 1).toISOString();
const ramp = { from: 10, start: new Date(NOW - 20_000).toISOString(), seconds: 60 };

const CHANGES: [string, Planned, Planned][] = [
  ['an AS comes', planned(base), planned(oneVip([...ASS, '10.0.0.6'], { newLen: 64 }))],
  ['three ASs come', planned(base), planned(oneVip([...ASS, '10.0.0.6', '10.0.0.7', '10.0.0.8'], { newLen: 64 }))],
  ['an AS goes', planned(base), planned(oneVip(ASS.slice(1), { newLen: 64 }))],
  ['one goes, one comes', planned(base), planned(oneVip([...ASS.slice(1), '10.0.0.9'], { newLen: 64 }))],
  ['all ASs go', planned(base), planned(oneVip([], { newLen: 64 }))],
  ['the first ASs come', planned(oneVip([], { newLen: 64 })), planned(base)],
  ['a smaller weight', planned(base), planned(first({ weight: 30 }))],
  ['a weight of 0', planned(base), planned(first({ weight: 0 }))],
  ['a weight back from 0', planned(first({ weight: 0 })), planned(base)],
  ['a ramp', planned(base), planned(first({ ramp }))],
  ['a longer table', planned(base), planned(oneVip(ASS, { newLen: 256 }))],
  ['a shorter table', planned(base), planned(oneVip(ASS, { newLen: 8 }))],
  ['a longer table, and an AS goes', planned(base), planned(oneVip(ASS.slice(1), { newLen: 128 }))],
  ['an AS is drained', planned(base), planned(first({ state: 'draining' }))],
  ['an AS is drained until now', planned(base), planned(first({ state: 'draining', drainUntil: past }))],
  ['an AS is disabled', planned(base), planned(first({ state: 'disabled' }))],
  ['an AS is enabled', planned(first({ state: 'disabled' })), planned(base)],
  ['all are disabled', planned(oneVip([FIRST])), planned(oneVip([{ address: FIRST, state: 'disabled' }]))],
  [
    'an AS comes while another fails',
    planned(base, [SECOND]),
    planned(oneVip([...ASS, '10.0.0.6'], { newLen: 64 }), [SECOND]),
  ],
  ['too many fail', planned(base, [SECOND]), planned(base, ASS.slice(1))],
  ['the table of VPP', planned(base), planned({ ...base, table: 'vpp' })],
  ['another encap', planned(base), planned(oneVip(ASS, { newLen: 64, encap: 'l3dsr', dscp: 3 }))],
  ['an encap of the other family', planned(base), planned(oneVip(['2001:db8::1'], { newLen: 64, encap: 'gre6' }))],
  ['stickiness', planned(base), planned(oneVip(ASS, { newLen: 64, srcIpSticky: true }))],
  ['the VIP goes', planned(base), planned(configOf({}))],
  ['the VIP comes', planned(configOf({})), planned(base)],
  ['another timeout', planned(base), planned({ ...base, timeout: 80 })],
];

describe('one VIP', () => {
  test.each(CHANGES)('%s: buckets', (_, before, after) => {
    const { vips } = plan(before, after);
    expectMovesMeasured(vips[0], before, after);
  });

  test.each(CHANGES)('%s: established flows', (_, before, after) => {
    expectFlowsMeasured(before, after, [target('90.0.0.0/8')]);
    expectFlowsMeasured(before, after, [target('90.0.0.0/8', 443, 6)]);
  });
});

/** The most there is in one: node ports, NAT of both families, one prefix inside another, ports of one address. */
function manyVips(change: { ass6: string[]; nat: string[]; weight: number; web: boolean }): Config {
  return configOf({
    ip4SrcAddress: '192.0.2.254',
    ip6SrcAddress: '2001:db8:ff::254',
    natInterfaces: { nat4: ['eth1'], nat6: ['eth1'] },
    vips: [
      { prefix: '90.0.0.0/8', newLen: 64, ass: ASS.map((address) => ({ address })) },
      { prefix: '2002::/16', encap: 'gre6', newLen: 32, ass: change.ass6.map((address) => ({ address })) },
      {
        prefix: '90.1.2.1',
        port: 3306,
        protocol: 'udp',
        targetPort: 3307,
        nodePort: 30964,
        encap: 'nat4',
        newLen: 32,
        ass: change.nat.map((address) => ({ address })),
      },
      {
        prefix: '90.1.2.1',
        port: 53,
        newLen: 16,
        ass: [{ address: FIRST, weight: change.weight }, { address: SECOND }],
      },
      ...(change.web ? [{ prefix: '90.1.2.1', port: 80, newLen: 16, ass: [{ address: FIRST }] }] : []),
    ],
  });
}

const MANY_TARGETS = [
  target('90.0.0.0/9'),
  target('2002::/16'),
  target('90.1.2.1/32', 3306),
  target('192.0.2.254/32', 30964),
  target('90.1.2.1/32', 53, 6),
  target('90.1.2.1/32', 53, 17),
  target('90.1.2.1/32', 80, 6),
];

test('a failing AS keeps its TCP flows; the others leave it, which the plan knows where a VIP has one protocol', () => {
  const ofPort = (protocol: 'tcp' | 'udp') => oneVip(ASS, { newLen: 64, port: 443, protocol });
  for (const config of [ofPort('tcp'), ofPort('udp'), base]) {
    expectMovesMeasured(
      plan(planned(config), planned(config, [SECOND])).vips[0],
      planned(config),
      planned(config, [SECOND]),
    );
  }
  const traffic = (protocol: 6 | 17) => [target('90.0.0.0/8', 443, protocol)];
  const [tcp, udp] = [ofPort('tcp'), ofPort('udp')];
  expect(expectFlowsMeasured(planned(tcp), planned(tcp, [SECOND]), traffic(6)).result.flows!.cut).toBe(0);
  expect(expectFlowsMeasured(planned(udp), planned(udp, [SECOND]), traffic(17)).result.flows!.cut).toBeGreaterThan(500);
  const { result } = expectFlowsMeasured(planned(base), planned(base, [SECOND]), traffic(6));
  expect(result.warnings.map(({ code }) => code)).toContain('LB_PLAN_WARN_UDP');
});

test('many VIPs at once', () => {
  const before = manyVips({
    ass6: ['2001:db8::1', '2001:db8::2'],
    nat: ['10.0.1.1', '10.0.1.2'],
    weight: 100,
    web: true,
  });
  const after = manyVips({ ass6: ['2001:db8::1', '2001:db8::3'], nat: ['10.0.1.1'], weight: 25, web: false });
  const { result } = expectFlowsMeasured(planned(before), planned(after), MANY_TARGETS);
  expect(result.vips.map(({ vip, change }) => [vip.prefix, vip.port, change])).toEqual([
    ['90.1.2.1/32', 80, 'removed'],
    ['2002::/16', undefined, 'changed'],
    ['90.1.2.1/32', 3306, 'changed'],
    ['90.1.2.1/32', 53, 'changed'],
  ]);
  // A seventh of the flows belong to the VIP that goes, and all others are kept.
  expect(result.flows!.cut).toBe(Math.floor(4096 / MANY_TARGETS.length));
});

test('a prefix that comes takes flows that no count can tell from the others: the plan warns', () => {
  const around = { prefix: '90.0.0.0/8', newLen: 64, ass: ASS.map((address) => ({ address })) };
  const inner = { prefix: '90.0.0.0/9', newLen: 64, ass: [{ address: FIRST }] };
  const before = planned(configOf({ vips: [around] }));
  const after = planned(configOf({ vips: [around, inner] }));
  const balancer = new Balancer(before);
  balancer.send();
  const result = plan(before, after, balancer.flowsOf());
  balancer.apply(after);
  const lost = balancer.send().filter(({ known }) => !known).length;
  expect(result.flows).toEqual({ kept: 4096, cut: 0 });
  expect(lost).toBeGreaterThan(1900);
  expect(result.warnings.map(({ code }) => code)).toContain('LB_PLAN_WARN_NESTED');
});

test('flowHash: established flows stay, no bucket moves, new flows go elsewhere all the same', () => {
  const before = planned(base);
  const after = planned({ ...base, flowHash: 'vpp' });
  const { result } = expectFlowsMeasured(before, after, [target('90.0.0.0/8')]);
  expect(result.vips).toEqual([]);
  const there = new Balancer(before).send();
  const here = new Balancer(after).send();
  expect(there.filter(({ as }, flow) => as !== here[flow]!.as).length).toBeGreaterThan(3000);
  expect(result.warnings.map(({ code }) => code)).toContain('LB_PLAN_WARN_FLOW_HASH');
});

/**
 * Sends new flows through the balancer before and the one after. With one flow for each bucket, how many go from which AS
 * to which must be exactly what the plan says of the buckets.
 */
function expectMovesMeasured(vip: VipPlan | undefined, before: Planned, after: Planned): void {
  const { port = 0, protocol } = vip?.vip ?? {};
  const traffic = [target('90.0.0.0/8', port, protocol === 'tcp' ? 6 : 17)];
  const there = new Balancer(before, traffic).send();
  const here = new Balancer(after, traffic).send();
  const longer = (vip?.newLenBefore ?? 0) > (vip?.newLenAfter ?? 0) ? there : here;
  const measured = new Map<number, BucketMove>();
  longer.forEach(({ bucket }, flow) => {
    measured.set(bucket, { from: there[flow]!.as, to: here[flow]!.as, buckets: 1 });
  });
  const moved = [...measured.values()].filter(({ from, to }) => from !== to);
  if (vip === undefined) expect(moved).toEqual([]);
  else if (before.config.vips[0]?.srcIpSticky === after.config.vips[0]?.srcIpSticky) {
    expect(measured.size).toBe(vip.buckets);
    expect(moved).toHaveLength(vip.moved);
    expect(counts(moved)).toEqual(counts(vip.moves));
  }
}

function counts(moves: readonly BucketMove[]): Record<string, number> {
  const all: Record<string, number> = {};
  for (const { from, to, buckets } of moves) {
    const key = `${from} -> ${to}`;
    all[key] = (all[key] ?? 0) + buckets;
  }
  return all;
}

/** Lets flows establish, plans with their counts, applies the change, and counts which of them are still where they were. */
function expectFlowsMeasured(before: Planned, after: Planned, targets: readonly TrafficTarget[]) {
  const balancer = new Balancer(before, targets);
  const sent = balancer.send();
  const flowsOf = balancer.flowsOf();
  const result = plan(before, after, flowsOf);
  balancer.apply(after);
  const again = balancer.send();
  const lost = sent.filter(({ as }, flow) => as !== null && !isKept(sent[flow]!, again[flow]!));
  const kept = sent.filter((was, flow) => was.as !== null && isKept(was, again[flow]!));
  expect(result.flows).toEqual({ kept: kept.length, cut: lost.length });
  if (targets.length === 1) {
    for (const { address, fate, flows } of result.vips[0]?.ass ?? []) {
      const of = (flowsSent: readonly Sent[]) => flowsSent.filter(({ as }) => as === address).length;
      expect([address, flows]).toEqual([address, of(sent)]);
      expect([address, fate === 'kept' ? flows : 0]).toEqual([address, of(kept)]);
    }
  }
  return { result };
}

function isKept(was: Sent, is: Sent): boolean {
  return is.known && is.as === was.as;
}
