import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectOnly, frameOf, fromHex, type TestFrame } from './frame.testkit.js';
import { golden } from './golden.testkit.js';
import { FRAGMENT_ERROR, FRAGMENT_PLAN_WORDS, planFragments4, writeFragment4 } from './ipv4-fragment.js';
import { slowChecksum } from './oracle.testkit.js';

interface FragmentCase {
  name: string;
  mtu: number;
  input: string;
  fragments: string[];
}

const cases = golden<FragmentCase>('ipv4-fragment');
const named = (name: string): Uint8Array => fromHex(cases.find((c) => c.name === name)!.input);
const newPlan = (): Int32Array => new Int32Array(FRAGMENT_PLAN_WORDS);

/** Frame memory with `packet` and behind it one slot of `slotBytes` per fragment, all guarded. */
function slots(
  packet: Uint8Array,
  count: number,
  slotBytes: number,
): { frame: TestFrame; slot: (i: number) => number } {
  const frame = frameOf(packet, count * slotBytes + 64);
  const start = (frame.ip + packet.length + 35) & ~3;
  return { frame, slot: (i) => start + i * slotBytes };
}

function plan(bytes: Uint8Array, mtu: number): number {
  return planFragments4(frameOf(bytes).u8, frameOf(bytes).ip, mtu, newPlan());
}

describe('fragments', () => {
  it.each(cases)('are what scapy makes, in any order and place: $name', (c) => {
    const packet = fromHex(c.input);
    const steps = newPlan();
    const count = c.fragments.length;
    const { frame, slot } = slots(packet, count, (c.mtu + 31) & ~3);
    const before = frame.u8.slice();
    expect(planFragments4(frame.u8, frame.ip, c.mtu, steps)).toBe(count);
    for (let i = count - 1; i >= 0; i--) {
      const expected = fromHex(c.fragments[i]);
      expect(writeFragment4(frame, frame.ip, steps, i, slot(i))).toBe(expected.length);
      before.set(expected, slot(i));
    }
    expect(Buffer.from(frame.u8).equals(Buffer.from(before))).toBe(true);
  });

  it.each(cases)('may have the first in the place of the packet, written first: $name', (c) => {
    const steps = newPlan();
    const { frame, slot } = slots(fromHex(c.input), c.fragments.length, (c.mtu + 31) & ~3);
    const count = planFragments4(frame.u8, frame.ip, c.mtu, steps);
    const at = (i: number): number => (i === 0 ? frame.ip : slot(i));
    for (let i = 0; i < count; i++) writeFragment4(frame, frame.ip, steps, i, at(i));
    c.fragments.forEach((hex, i) => {
      expect(Buffer.from(frame.u8.subarray(at(i), at(i) + hex.length / 2)).toString('hex')).toBe(hex);
    });
  });

  it('put together again are the packet, whatever its size, the MTU and the options', () => {
    const options = fc.constantFrom(
      '',
      '94040000',
      '01940400',
      '0703040001010183'.padEnd(16, '0'),
      '830704c0000201017f01',
    );
    fc.assert(
      fc.property(options, fc.nat(600), fc.integer({ min: 60, max: 400 }), fc.nat(300), (hex, size, mtu, offset) => {
        const words = Math.ceil(hex.length / 8);
        const header = fromHex(`450000000bad00004011${'0000'}0102030405060708${hex.padEnd(words * 8, '0')}`);
        const packet = Uint8Array.from([...header, ...Uint8Array.from({ length: size }, (_, i) => i * 31)]);
        packet[0] = 0x45 + words;
        packet.set([packet.length >>> 8, packet.length & 0xff], 2);
        packet.set([offset >>> 8, offset & 0xff], 6);
        const count = plan(packet, mtu);
        if (count === FRAGMENT_ERROR.options) return;
        const { frame, slot } = slots(packet, count, 704);
        const steps = newPlan();
        planFragments4(frame.u8, frame.ip, mtu, steps);
        const payload = new Uint8Array(size);
        for (let i = 0; i < count; i++) {
          const length = writeFragment4(frame, frame.ip, steps, i, slot(i));
          const piece = frame.u8.slice(slot(i), slot(i) + length);
          const [pieceHeader, flags] = [(piece[0] & 15) * 4, (piece[6] << 8) | piece[7]];
          expect(length).toBeLessThanOrEqual(Math.max(mtu, count === 1 ? packet.length : 0));
          if (count > 1) expect(slowChecksum(piece, 0, pieceHeader)).toBe(0);
          expect((flags & 0x2000) !== 0).toBe(i < count - 1);
          if (i < count - 1) expect((length - pieceHeader) % 8).toBe(0);
          payload.set(piece.subarray(pieceHeader), ((flags & 0x1fff) - offset) * 8);
        }
        expect(payload).toEqual(packet.subarray(packet.length - size));
      }),
    );
  });
});

describe('planFragments4', () => {
  const dontFragment = named('even blocks');
  dontFragment[6] |= 0x40;

  it('refuses to cut what must not be cut, and only when it is too long', () => {
    expect(plan(dontFragment, 1019)).toBe(FRAGMENT_ERROR.dontFragment);
    expect(plan(dontFragment, 1020)).toBe(1);
  });

  it('refuses an MTU without room for 8 bytes', () => {
    expect(plan(named('smallest MTU'), 27)).toBe(FRAGMENT_ERROR.mtu);
    expect(plan(named('copied option'), 31)).toBe(FRAGMENT_ERROR.mtu);
  });

  it('refuses options whose length is wrong', () => {
    const packet = named('copied option');
    for (const [at, value] of [
      [21, 0],
      [21, 1],
      [21, 5],
    ]) {
      const bad = packet.slice();
      bad[at] = value;
      expect(plan(bad, 600)).toBe(FRAGMENT_ERROR.options);
      expect(plan(bad, 1024)).toBe(1);
    }
    const typeOnly = packet.slice();
    typeOnly.set([1, 1, 1, 0x94], 20);
    expect(plan(typeOnly, 600)).toBe(FRAGMENT_ERROR.options);
  });

  it('reads only', () => {
    const frame = frameOf(dontFragment);
    planFragments4(frame.u8, frame.ip, 600, newPlan());
    expectOnly(frame, frame.ip, dontFragment);
  });
});
