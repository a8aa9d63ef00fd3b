import { describe, expect, it } from 'vitest';
import { CommandApi } from '../client/api.testkit.js';
import { ratesBetween } from './rates.js';

const api = await CommandApi.open();
const before = api.test.balancer.counters();
await api.close();

/** The sample two seconds later, with more packets and bytes on each AS. */
const now: typeof before = {
  ...before,
  uptimeSec: before.uptimeSec + 2,
  received: before.received + 300,
  vips: before.vips.map((vip) => ({
    ...vip,
    existing: vip.existing + 100,
    first: vip.first + 20,
    ass: vip.ass.map((as) => ({ ...as, packets: as.packets + 60, bytes: as.bytes + 6000 })),
  })),
};
const [vip] = now.vips;
const [as] = vip!.ass;

describe('rates', () => {
  it('are what was counted between two samples, per second', () => {
    const rates = ratesBetween(before, now);
    expect([rates.of('received'), rates.of('dropped')]).toEqual([150, 0]);
    expect([rates.vip(vip!), rates.asPackets(vip!, as!), rates.asBytes(vip!, as!)]).toEqual([60, 30, 3000]);
  });

  it('are not known from one sample, nor across a start of the daemon', () => {
    expect(ratesBetween(undefined, now).of('received')).toBeNull();
    expect(ratesBetween(now, { ...before, uptimeSec: 1 }).of('received')).toBeNull();
  });

  it('are not known of what has just come, or was made anew', () => {
    const without = { ...before, vips: before.vips.map((other) => ({ ...other, ass: other.ass.slice(1) })) };
    expect(ratesBetween(without, now).asPackets(vip!, as!)).toBeNull();
    expect(ratesBetween({ ...before, vips: [] }, now).vip(vip!)).toBeNull();
    const fewer = { ...before, vips: [{ ...before.vips[0]!, existing: 10_000 }] };
    expect(ratesBetween(fewer, now).vip(vip!)).toBeNull();
  });
});
