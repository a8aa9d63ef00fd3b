import * as core from '@lb/core';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { spec, vip } from '../../test/specs.testkit.js';
import { ImageCompiler } from './compiler.js';
import type { ImageSpec } from './spec.js';

vi.mock('@lb/core', async (original) => {
  const real = await original<typeof core>();
  return { ...real, buildNewFlowTable: vi.fn(real.buildNewFlowTable) };
});

const network = { interfaces: [], neighbours: [], routes: [] };

/** Two VIPs, described anew every time. */
function twoVips(more: Partial<ImageSpec> = {}, second: Parameters<typeof vip>[3] = {}): ImageSpec {
  return spec(
    [
      vip('90.0.0.0/8', 'gre4', ['10.0.0.1', '10.0.0.2', '10.0.0.3']),
      vip('91.0.0.0/8', 'gre4', ['10.0.0.1', '10.0.0.2'], second),
    ],
    more,
  );
}

/** Tables of an image from scratch, for comparison. */
function fresh(of: ImageSpec): Int32Array[] {
  const image = new ImageCompiler().compile(of);
  return of.vips.map((_, slot) => image.table(slot));
}

describe('new-flow tables from image to image', () => {
  const built = (): number => vi.mocked(core.buildNewFlowTable).mock.calls.length;
  beforeEach(() => vi.clearAllMocks());

  it('are kept while only the network changes', () => {
    const compiler = new ImageCompiler();
    const before = compiler.compile(twoVips());
    expect(built()).toBe(2);
    const after = compiler.compile(twoVips({ timeoutSec: 50, nat4In: true }), { revision: 2, network });
    expect(built()).toBe(2);
    for (const slot of [0, 1]) expect(after.table(slot)).toEqual(before.table(slot));
  });

  it.each([
    ['weight', { ass: [1, 2].map((weight, i) => ({ address: core.parseAddress(`10.0.0.${i + 1}`), weight })) }],
    ['address', { ass: ['10.0.0.1', '10.0.0.9'].map((a) => ({ address: core.parseAddress(a), weight: 100 })) }],
    ['order', { ass: ['10.0.0.2', '10.0.0.1'].map((a) => ({ address: core.parseAddress(a), weight: 100 })) }],
    ['number of ASs', { ass: [{ address: core.parseAddress('10.0.0.1'), weight: 100 }] }],
    ['length', { newLen: 128 }],
  ])('are built anew for the one VIP that has another %s', (_, change) => {
    const compiler = new ImageCompiler();
    compiler.compile(twoVips());
    const image = compiler.compile(twoVips({}, change));
    expect(built()).toBe(3);
    // A compiler with the same history of slots that has nothing to keep.
    const other = new ImageCompiler();
    other.compile(twoVips());
    other.compile(spec([]));
    const again = other.compile(twoVips({}, change));
    expect(built()).toBe(7);
    for (const slot of [0, 1]) expect(image.table(slot)).toEqual(again.table(slot));
  });

  it('are built anew for another method', () => {
    const compiler = new ImageCompiler();
    compiler.compile(twoVips());
    const image = compiler.compile(twoVips({ table: 'vpp' }));
    expect(built()).toBe(4);
    expect([image.table(0), image.table(1)]).toEqual(fresh(twoVips({ table: 'vpp' })));
  });

  it('name the slots of today: a flushed AS that comes back has another', () => {
    const compiler = new ImageCompiler();
    const before = compiler.compile(twoVips());
    const after = compiler.compile(twoVips(), { flush: new Set(['90.0.0.0/8 0 0 10.0.0.1']) });
    expect(built()).toBe(2);
    const old = before.table(0);
    expect([...after.table(0)]).toEqual([...old].map((slot) => (slot === 0 ? before.asSlots : slot)));
  });
});
