import { lookupLpm4, lookupLpm6 } from '@lb/core';
import { type FrameViews, moveEthernet } from '@lb/encap';
import type { Image } from '../image/image.js';
import { A, Hop, HopKind, Near, placeOf } from '../image/layout.js';

/**
 * Give a frame room for `overhead` bytes (a multiple of 4) in front of its IP header: its Ethernet header moves to the
 * front, addressed to the AS's next hop where that is known.
 * @param as word index of the AS record
 */
export function pushEthernet(
  frames: FrameViews,
  words: Int32Array,
  as: number,
  eth: number,
  ip: number,
  overhead: number,
  etherTypeRaw: number,
): void {
  const to = eth - overhead;
  if (words[as + A.NEXT_HOP] !== HopKind.QUEUE || ip - eth !== 14) {
    moveEthernet(frames.u16, eth, to, ip - eth, etherTypeRaw);
    setNextHop(frames, words, as, to);
    return;
  }
  const { u16, i32 } = frames;
  const at = (to + 2) >> 2;
  u16[to >> 1] = words[as + A.ETHERNET];
  i32[at] = words[as + A.ETHERNET + 1];
  i32[at + 1] = words[as + A.ETHERNET + 2];
  i32[at + 2] = words[as + A.ETHERNET + 3];
}

/** Address the frame at `eth` to the AS's next hop where that is known; tags and EtherType stay. */
export function setNextHop(frames: FrameViews, words: Int32Array, as: number, eth: number): void {
  if (words[as + A.NEXT_HOP] === HopKind.QUEUE) setAddresses(frames, words, as + A.ETHERNET, eth);
}

/** Write the Ethernet addresses that stand at word `from` (layout as A.ETHERNET) into the frame at `eth`. */
export function setAddresses(frames: FrameViews, words: Int32Array, from: number, eth: number): void {
  const { u16, i32 } = frames;
  const at = (eth + 2) >> 2;
  u16[eth >> 1] = words[from];
  i32[at] = words[from + 1];
  i32[at + 1] = words[from + 2];
  u16[(eth + 10) >> 1] = words[from + 3];
}

/**
 * Word index of the hop record for a destination: by the longest route, then the gateway's or the destination's own
 * Ethernet address. The kernel's record when there is no route or the address is not resolved.
 * @param w0 @param w1 @param w2 @param w3 destination, signed raw words (IPv4: the first, others 0)
 */
export function hopOf(image: Image, six: boolean, w0: number, w1: number, w2: number, w3: number): number {
  const route = six
    ? lookupLpm6(image.unsigned, image.routes6, w0, w1, w2, w3)
    : lookupLpm4(image.unsigned, image.routes4, w0);
  if (route < 0) return image.hops;
  const number =
    (route & 1) === 0 ? route >>> 1 : neighbour(image, (six ? 6 : 4) | ((route >>> 1) << 8), w0, w1, w2, w3);
  return image.hops + number * Hop.WORDS;
}

/** Number of a neighbour's hop, that of the kernel on its queue if it is not resolved. `tail` as Near.TAIL. */
function neighbour(image: Image, tail: number, w0: number, w1: number, w2: number, w3: number): number {
  const { words, neighbours, neighboursMask } = image;
  for (let place = placeOf(w0 ^ w1 ^ w2 ^ w3, tail, neighboursMask); ; place = (place + 1) & neighboursMask) {
    const at = neighbours + place * Near.WORDS;
    if (words[at + Near.TAIL] === 0) return 1 + (tail >>> 8);
    if (
      words[at] === w0 &&
      words[at + 1] === w1 &&
      words[at + 2] === w2 &&
      words[at + 3] === w3 &&
      words[at + Near.TAIL] === tail
    ) {
      return words[at + Near.HOP];
    }
  }
}
