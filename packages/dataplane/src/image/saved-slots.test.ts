import { describe, expect, it } from 'vitest';
import { spec, vip } from '../../test/specs.testkit.js';
import { asKey, ImageCompiler } from './compiler.js';
import type { SavedSlots, SlotKeeper } from './saved-slots.js';
import { SlotMap } from './slots.js';

/** Keeps slots as a file would. */
class Paper implements SlotKeeper {
  saved: SavedSlots | undefined;
  saves = 0;

  save(slots: SavedSlots): void {
    this.saved = JSON.parse(JSON.stringify(slots));
    this.saves++;
  }
}

const web = (...servers: string[]) => vip('90.0.0.0/8', 'gre4', servers);
const slotOf = (compiler: ImageCompiler, server: string) =>
  compiler.asSlots.get(asKey(web(), web(server).ass[0].address));

describe('slots of a compiler before', () => {
  it('are those of the same ASs and VIPs, whatever their order', () => {
    const paper = new Paper();
    const before = new ImageCompiler(paper);
    before.compile(spec([vip('91.0.0.0/8', 'gre6', ['2001:db8::1']), web('10.0.0.1', '10.0.0.2')]));
    const after = new ImageCompiler(paper);
    after.compile(spec([web('10.0.0.3', '10.0.0.2', '10.0.0.1'), vip('91.0.0.0/8', 'gre6', ['2001:db8::1'])]));
    expect(Object.fromEntries(after.asSlots.save().slots)).toEqual({
      ...Object.fromEntries(before.asSlots.save().slots),
      [asKey(web(), web('10.0.0.3').ass[0].address)]: 3,
    });
    expect([...after.vipSlots.save().slots].sort()).toEqual([...before.vipSlots.save().slots].sort());
  });

  it('an AS that was there before and is not now lingers, and serves its flows, until it has none', () => {
    const paper = new Paper();
    new ImageCompiler(paper).compile(spec([web('10.0.0.1', '10.0.0.2')]));
    const after = new ImageCompiler(paper);
    const image = after.compile(spec([web('10.0.0.2', '10.0.0.3')]));
    expect(after.lingeringSlots()).toEqual([0]);
    expect(image.isServing(0)).toBe(true);
    expect([...new Set(image.table(0))].sort()).toEqual([1, 2]);
    expect(after.reclaim(() => 1)).toBe(0);
    expect(after.reclaim(() => 0)).toBe(1);
    expect(after.compile(spec([web('10.0.0.2', '10.0.0.3')])).isServing(0)).toBe(false);
  });

  it('an AS that lingered before lingers on, also over several processes', () => {
    const paper = new Paper();
    const first = new ImageCompiler(paper);
    first.compile(spec([web('10.0.0.1', '10.0.0.2')]));
    first.compile(spec([web('10.0.0.2')]));
    new ImageCompiler(paper).compile(spec([web('10.0.0.2')]));
    const third = new ImageCompiler(paper);
    expect(third.lingeringSlots()).toEqual([0]);
    expect(third.compile(spec([web('10.0.0.2')])).isServing(0)).toBe(true);
    // It comes back: its flows are those it had.
    third.compile(spec([web('10.0.0.2', '10.0.0.1')]));
    expect(slotOf(third, '10.0.0.1')).toBe(0);
    expect(third.lingeringSlots()).toEqual([]);
  });

  it('a slot that was resting is free', () => {
    const paper = new Paper();
    const before = new ImageCompiler(paper);
    before.compile(spec([web('10.0.0.1', '10.0.0.2')]));
    before.compile(spec([web('10.0.0.2')]));
    expect(before.reclaim(() => 0)).toBe(1);
    before.compile(spec([web('10.0.0.2', '10.0.0.3')]));
    expect(slotOf(before, '10.0.0.3')).toBe(2);
    const after = new ImageCompiler(paper);
    after.compile(spec([web('10.0.0.2', '10.0.0.3', '10.0.0.4')]));
    expect(slotOf(after, '10.0.0.4')).toBe(0);
    expect(after.lingeringSlots()).toEqual([]);
  });

  it('flows that were cut stay cut', () => {
    const paper = new Paper();
    const before = new ImageCompiler(paper);
    before.compile(spec([web('10.0.0.1', '10.0.0.2')]));
    const key = asKey(web(), web('10.0.0.1').ass[0].address);
    before.compile(spec([web('10.0.0.2')]), { flush: new Set([key]) });
    const after = new ImageCompiler(paper);
    expect(after.compile(spec([web('10.0.0.2')])).isServing(0)).toBe(false);
    after.compile(spec([web('10.0.0.1', '10.0.0.2')]));
    expect(slotOf(after, '10.0.0.1')).toBe(2);
  });

  it('flows of an AS that is cut by the first image are cut', () => {
    const paper = new Paper();
    new ImageCompiler(paper).compile(spec([web('10.0.0.1', '10.0.0.2')]));
    const key = asKey(web(), web('10.0.0.1').ass[0].address);
    const image = new ImageCompiler(paper).compile(spec([web('10.0.0.2')]), { flush: new Set([key]) });
    expect(image.isServing(0)).toBe(false);
  });

  it('how its flows end is remembered of an AS that lingers', () => {
    const paper = new Paper();
    const ass = web('10.0.0.1').ass.map((as) => ({ ...as, draining: true, udpEnds: true }));
    const other = web('10.0.0.2').ass;
    const before = new ImageCompiler(paper);
    before.compile(spec([{ ...web(), ass: [...ass, ...other] }]));
    const live = before.compile(spec([{ ...web(), ass: other }]));
    const restored = new ImageCompiler(paper).compile(spec([{ ...web(), ass: other }]));
    expect([...restored.unsigned]).toEqual([...live.unsigned]);
  });

  it('are saved with every image, before it is there to be used', () => {
    const paper = new Paper();
    const compiler = new ImageCompiler(paper);
    compiler.compile(spec([web('10.0.0.1')]));
    compiler.compile(spec([web('10.0.0.1', '10.0.0.2')]));
    expect(paper.saves).toBe(2);
    expect(paper.saved?.ass).toEqual(compiler.asSlots.save());
  });
});

it('a restored map hands out free slots, lowest first, then new ones', () => {
  const map = new SlotMap('things', 5);
  for (const key of ['a', 'b', 'c', 'd']) map.assign(key);
  map.release('c');
  map.release('a');
  const restored = new SlotMap('things', 5);
  restored.restore(map.save());
  expect(['e', 'f', 'g'].map((key) => restored.assign(key))).toEqual([0, 2, 4]);
  expect([restored.get('b'), restored.get('d'), restored.size]).toEqual([1, 3, 5]);
  expect(() => restored.assign('h')).toThrow('more than 5');
});
