import { type FlowTable, flowHash6, flowHashColumn4 } from '@lb/core';
import type { FrameViews } from '@lb/encap';
import { B, type Burst, Flag } from '../burst.js';
import type { Image } from '../image/image.js';
import { Verdict } from '../verdicts.js';

/**
 * Stage 4, hash: the 64-bit identity of every packet's flow, and its first line in the flow table. The columns are
 * hashed as IPv4 without looking; IPv6 packets, if there are any, are done again.
 */
export function hash(burst: Burst, image: Image, frames: FrameViews, flows: FlowTable): void {
  const w = burst.words;
  const { seed0, seed1 } = image;
  const count = burst.count;
  flowHashColumn4(w, count, seed0, seed1, B.SRC, B.DST, B.ID_PORTS, B.ID_PROTOCOL, B.LO, B.HI);
  if ((burst.seen & Flag.IPV6) !== 0) {
    for (let i = 0; i < count; i++) {
      if ((w[B.FLAGS + i] & Flag.IPV6) === 0 || w[B.VERDICT + i] !== Verdict.PENDING) continue;
      const src = w[B.SRC + i] >>> 2;
      const dst = w[B.DST + i] >>> 2;
      flowHash6(seed0, seed1, frames.i32, src, dst, w[B.ID_PORTS + i], w[B.ID_PROTOCOL + i], w, B.LO + i, B.HI + i);
    }
  }
  flows.firstLineColumn(w, count, B.LO, B.HI, B.LINE);
}

/**
 * Touch the flow-table line of every packet, and nothing else: so small a loop keeps many cache misses in flight at
 * once, which the resolving loop cannot. The sum is returned so that the loads are not optimised away.
 */
export function touch(burst: Burst, flows: FlowTable): number {
  const w = burst.words;
  const { words } = flows;
  const count = burst.count;
  let sum = 0;
  for (let i = 0; i < count; i++) sum = (sum + words[w[B.LINE + i]]) | 0;
  return sum;
}
