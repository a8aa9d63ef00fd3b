import type { CountersSample, VipSample } from '@lb/control/client';
import { describe, expect, it } from 'vitest';
import { dropRates, rateSeries, vipRates } from './rates.js';

function as(address: string, bytes: number): VipSample['ass'][number] {
  return {
    address,
    weight: 100,
    effectiveWeight: 100,
    reason: 'configured',
    state: 'enabled',
    health: 'healthy',
    packets: 0,
    bytes,
    first: 0,
    untracked: 0,
    flows: 0,
    buckets: 0,
  };
}

function vip(id: string, existing: number, ass: VipSample['ass']): VipSample {
  const counted = { existing, first: 10, untracked: 0, noServer: 0, natReturn: 0 };
  return { id, prefix: id, protocol: null, port: null, encap: 'gre4', newLen: 16, imbalance: 1, ...counted, ass };
}

function sample(uptimeSec: number, part: Partial<CountersSample>): CountersSample {
  return {
    at: new Date(uptimeSec * 1000).toISOString(),
    uptimeSec,
    revision: 1,
    received: 0,
    forwarded: 0,
    replied: 0,
    punted: 0,
    dropped: 0,
    natReturn: 0,
    unsent: 0,
    unpunted: 0,
    puntedBy: {},
    droppedBy: {},
    flows: 0,
    flowStates: { opening: 0, closing: 0 },
    flowCapacity: 0,
    image: { revision: 1, acknowledged: 1 },
    workers: [],
    vips: [],
    ...part,
  };
}

const a = '90.0.0.0/8';

describe('rates of VIPs', () => {
  it('are per second of the daemon', () => {
    const before = sample(10, { vips: [vip(a, 100, [as('10.0.0.1', 1000)])] });
    const after = sample(12, { vips: [vip(a, 300, [as('10.0.0.1', 3000)])] });
    expect(vipRates(before, after)).toEqual([{ id: a, packets: 100, bytes: 1000 }]);
  });

  it('are not known of a VIP that is new, of one whose ASs are others, and after a restart; still is 0', () => {
    const before = sample(10, { vips: [vip(a, 100, [as('10.0.0.1', 1000)])] });
    const other = sample(12, { vips: [vip(a, 300, [as('10.0.0.2', 3000)]), vip('91.0.0.0/8', 5, [])] });
    expect(vipRates(before, other)).toEqual([
      { id: a, packets: 100, bytes: null },
      { id: '91.0.0.0/8', packets: null, bytes: null },
    ]);
    const restarted = sample(1, { vips: [vip(a, 300, [as('10.0.0.1', 3000)])] });
    expect(vipRates(before, restarted)).toEqual([{ id: a, packets: null, bytes: null }]);
    const counted = sample(12, { vips: [vip(a, 50, [as('10.0.0.1', 3000)])] });
    expect(vipRates(before, counted)[0]!.packets).toBeNull();
    expect(vipRates(before, { ...before, uptimeSec: 11 })).toEqual([{ id: a, packets: 0, bytes: 0 }]);
  });

  it('over time have gaps where nothing is known', () => {
    const at = (uptimeSec: number, received: number) => ({
      receivedAt: 50_000 + uptimeSec * 1000,
      sample: sample(uptimeSec, { received }),
    });
    const rate = (before: CountersSample, after: CountersSample) => [
      after.uptimeSec > before.uptimeSec ? after.received - before.received : null,
    ];
    expect(rateSeries([at(1, 0), at(2, 7), at(0, 9), at(1, 10)], rate, 1)).toEqual({
      x: [52, 50, 51],
      values: [[7, null, 1]],
    });
    expect(rateSeries([], rate, 2)).toEqual({ x: [], values: [[], []] });
  });
});

describe('drops', () => {
  it('are told by reason, most first, with what is known of how fast they come', () => {
    const before = sample(1, { droppedBy: { 'bad checksum': 4 } });
    const after = sample(3, { droppedBy: { 'bad checksum': 8, 'no server': 100, 'too short': 0 } });
    expect(dropRates(before, after)).toEqual([
      { reason: 'no server', packets: 100, rate: 50 },
      { reason: 'bad checksum', packets: 8, rate: 2 },
    ]);
    expect(dropRates(undefined, after)[0]).toEqual({ reason: 'no server', packets: 100, rate: null });
  });
});
