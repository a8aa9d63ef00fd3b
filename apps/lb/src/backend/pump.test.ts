import { parseAddress, parsePrefix } from '@lb/core';
import { expect, it } from 'vitest';
import { etherFrame, FRAME_AT, fromHex, golden, memoryWith } from './golden.testkit.js';
import { OUTCOMES } from './outcome.js';
import { Pump, type PumpInput } from './pump.js';
import { Unwrapper } from './unwrapper.js';

const GRE = etherFrame(fromHex(golden<{ input: string }>('gre-parse')[0]!.input));
const ARP = new Uint8Array(60).fill(0, 0, 60);
const FRAME_BYTES = 512;

/** A pump over frames at 258, 770, … that one input delivers at once. */
function pumpOver(frames: readonly Uint8Array[], options: { punt?: boolean; tapTakes?: number } = {}) {
  const memory = memoryWith(new Uint8Array());
  const at = frames.map((frame, i) => {
    memory.u8.set(frame, FRAME_AT + i * FRAME_BYTES);
    return FRAME_AT + i * FRAME_BYTES;
  });
  const seen = { tap: [] as number[], punt: [] as number[], free: [] as number[] };
  const sink = (name: 'tap' | 'punt', takes: number) => ({
    tx: (offset: ArrayLike<number>, _length: unknown, n: number) => {
      const taken = Math.min(n, takes);
      seen[name].push(...Array.from(offset).slice(0, taken));
      return taken;
    },
  });
  let left = frames.length;
  const input: PumpInput = {
    queue: {
      rx: (offset, length) => {
        const n = left;
        left = 0;
        for (let i = 0; i < n; i++) [offset[i], length[i]] = [at[i]!, frames[i]!.length];
        return n;
      },
    },
    punt: options.punt ? sink('punt', 256) : undefined,
  };
  const unwrapper = new Unwrapper(memory, { vips: [parsePrefix('90.0.0.0/8')], dscp: [], from: [] }, new Uint8Array(6));
  unwrapper.setLocal([parseAddress('10.0.0.7')]);
  const pool = {
    free: (offset: ArrayLike<number>, n: number) => void seen.free.push(...Array.from(offset).slice(0, n)),
  };
  const pump = new Pump(pool, [input], sink('tap', options.tapTakes ?? 256), unwrapper);
  return { pump, seen, at };
}

const count = (pump: Pump, name: (typeof OUTCOMES)[number]) => pump.outcomes[OUTCOMES.indexOf(name)];

it('gives the host what is inside, and frees the rest where the kernel has its own copy', () => {
  const { pump, seen, at } = pumpOver([GRE, ARP, GRE]);
  expect(pump.run()).toBe(3);
  // The inner Ethernet header starts 24 bytes further on: outer IPv4 and GRE.
  expect(seen).toEqual({ tap: [at[0]! + 24, at[2]! + 24], punt: [], free: [at[1]] });
  expect([count(pump, 'gre4'), count(pump, 'other')]).toEqual([2, 1]);
  expect(pump.deliveredBytes).toBe(2 * (GRE.length - 14 - 24));
  expect(pump.run()).toBe(0);
});

it('gives back to the host what is not for it, where the kernel has no copy', () => {
  const { pump, seen, at } = pumpOver([ARP, GRE], { punt: true });
  pump.run();
  expect(seen).toEqual({ tap: [at[1]! + 24], punt: [at[0]], free: [] });
});

it('counts and frees what the host does not take', () => {
  const { pump, seen, at } = pumpOver([GRE, GRE, GRE], { tapTakes: 1 });
  pump.run();
  expect(seen.free).toEqual([at[1]! + 24, at[2]! + 24]);
  expect(pump.untaken).toBe(2);
});
