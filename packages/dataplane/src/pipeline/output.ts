import type { FrameViews } from '@lb/encap';
import { B, type Burst, Flag } from '../burst.js';
import type { Image } from '../image/image.js';
import { A, Hop, HopKind, OUTPUT_KERNEL } from '../image/layout.js';
import { Verdict } from '../verdicts.js';
import { hopOf, setAddresses } from './next-hop.js';

/**
 * Stage 9, output (only where there is a network): the queue each packet leaves by. Packets to an AS follow its record,
 * answers go back the way they came, and return traffic follows the routes. What has no resolved next hop is the
 * kernel's to route: nothing is sent with a guessed address.
 */
export function createOutput(burst: Burst, frames: FrameViews): (image: Image) => void {
  return function output(image) {
    const w = burst.words;
    const { words, ass } = image;
    const count = burst.count;
    for (let i = 0; i < count; i++) {
      const verdict = w[B.VERDICT + i];
      if (verdict === Verdict.REPLY) w[B.OUTPUT + i] = burst.input;
      if (verdict !== Verdict.FORWARD) continue;
      const as = w[B.AS + i];
      w[B.OUTPUT + i] = as >= 0 ? words[ass + as * A.WORDS + A.QUEUE] : returnOutput(burst, image, frames, i);
    }
  };
}

/** The same for the packets listed in column B.MISSES. */
export function outputListed(burst: Burst, image: Image, frames: FrameViews, listed: number): void {
  const w = burst.words;
  for (let k = 0; k < listed; k++) {
    const i = w[B.MISSES + k];
    if (w[B.VERDICT + i] !== Verdict.FORWARD) continue;
    const as = w[B.AS + i];
    w[B.OUTPUT + i] = as >= 0 ? image.words[image.ass + as * A.WORDS + A.QUEUE] : returnOutput(burst, image, frames, i);
  }
}

/** Address return traffic to its next hop and name the queue. */
function returnOutput(burst: Burst, image: Image, frames: FrameViews, i: number): number {
  const hop = returnHop(burst, image, frames, i);
  const { words } = image;
  if (words[hop + Hop.KIND] !== HopKind.QUEUE) return OUTPUT_KERNEL;
  setAddresses(frames, words, hop + Hop.ETHERNET, burst.offset[i]);
  return words[hop + Hop.QUEUE];
}

/** Word index of the hop record for packet `i`'s own destination. */
export function returnHop(burst: Burst, image: Image, frames: FrameViews, i: number): number {
  const { i32 } = frames;
  const ip = burst.ip[i];
  if ((burst.flags[i] & Flag.IPV6) === 0) return hopOf(image, false, i32[(ip + 16) >> 2], 0, 0, 0);
  const d = (ip + 24) >> 2;
  return hopOf(image, true, i32[d], i32[d + 1], i32[d + 2], i32[d + 3]);
}
