import type { CountersSample } from '@lb/control/client';
import { describe, expect, it } from 'vitest';
import { SamplePacker } from '../../shared/sample-packer.js';
import { SampleReader } from './sample-view.js';
import { configOf, oneVip, sampleOf } from './stores.testkit.js';

const two = configOf({
  ip4SrcAddress: '192.0.2.254',
  vips: [
    { prefix: '90.0.0.0/8', newLen: 8, ass: [{ address: '10.0.0.1' }, { address: '10.0.0.2', state: 'draining' }] },
    { prefix: '91.0.0.1/32', protocol: 'tcp', port: 80, newLen: 16, ass: [] },
    { prefix: '92.0.0.0/8', newLen: 8, ass: [{ address: '10.0.0.9', weight: 7 }] },
  ],
});

const plain = (sample: unknown): unknown => JSON.parse(JSON.stringify(sample));

/** Other numbers in every field that has one. */
function counted(sample: CountersSample): CountersSample {
  let next = 1;
  return {
    ...sample,
    vips: sample.vips.map((vip) => ({
      ...vip,
      imbalance: next++ + 0.25,
      existing: next++,
      first: next++,
      untracked: next++,
      noServer: next++,
      natReturn: next++,
      ass: vip.ass.map((as) => ({
        ...as,
        effectiveWeight: next++ + 0.5,
        packets: next++,
        bytes: 2 ** 52 + next++,
        first: next++ % 2 === 0 ? null : next,
        untracked: next++ % 2 === 1 ? null : next,
        flows: next++,
        buckets: next++,
      })),
    })),
  };
}

describe('a sample that is packed and read', () => {
  it('is what it was, to the last field', () => {
    const sample = counted(sampleOf(two, { failing: ['10.0.0.9'] }));
    const read = new SampleReader().read(new SamplePacker().pack(sample))!;
    expect(plain(read)).toEqual(sample);
    expect(read.vips[2]!.ass[0]!.health).toBe('failing');
    expect(read.vips[1]!.ass).toEqual([]);
  });

  it('is the same view whenever it is looked at, as stores ask of what they hold', () => {
    const read = new SampleReader().read(new SamplePacker().pack(sampleOf(two)))!;
    expect(read.vips).toBe(read.vips);
    expect(read.vips[0]!.ass).toBe(read.vips[0]!.ass);
  });

  it('comes with names only when they are others, and those before stay as they were', () => {
    const [packer, reader] = [new SamplePacker(), new SampleReader()];
    const first = sampleOf(two, { packets: 1 });
    const before = reader.read(packer.pack(first))!;
    const again = packer.pack(sampleOf(two, { packets: 2, failing: ['10.0.0.1'] }));
    expect(again.names).toBeNull();
    expect(plain(reader.read(again))).toEqual(sampleOf(two, { packets: 2, failing: ['10.0.0.1'] }));
    const other = packer.pack(sampleOf(oneVip()));
    expect(other.names).not.toBeNull();
    expect(plain(reader.read(other))).toEqual(sampleOf(oneVip()));
    expect(plain(before)).toEqual(first);
  });

  it.each([
    ['an AS is another', (vip: CountersSample['vips'][number]) => ({ ...vip, ass: [] })],
    ['its encap is another', (vip: CountersSample['vips'][number]) => ({ ...vip, encap: 'l3dsr' })],
    ['its table is longer', (vip: CountersSample['vips'][number]) => ({ ...vip, newLen: 1024 })],
  ])('comes with names when of a VIP %s', (_, change) => {
    const packer = new SamplePacker();
    const sample = sampleOf(two);
    packer.pack(sample);
    const changed = { ...sample, vips: sample.vips.map(change) };
    expect(plain(new SampleReader().read(packer.pack(changed)))).toEqual(changed);
  });

  it('is left out when its names came to somebody else', () => {
    const packer = new SamplePacker();
    packer.pack(sampleOf(two));
    const late = new SampleReader();
    expect(late.read(packer.pack(sampleOf(two)))).toBeUndefined();
    expect(new SampleReader().read(new SamplePacker().pack(sampleOf(two)))).toBeDefined();
  });
});
