import { type FrameViews, moveEthernet } from '@lb/encap';
import { A } from '../image/layout.js';

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
  const { u16, i32 } = frames;
  const to = eth - overhead;
  if (words[as + A.NEXT_HOP] === 0 || ip - eth !== 14) {
    moveEthernet(u16, eth, to, ip - eth, etherTypeRaw);
    setNextHop(frames, words, as, to);
    return;
  }
  const at = (to + 2) >> 2;
  u16[to >> 1] = words[as + A.ETHERNET];
  i32[at] = words[as + A.ETHERNET + 1];
  i32[at + 1] = words[as + A.ETHERNET + 2];
  i32[at + 2] = words[as + A.ETHERNET + 3];
}

/** Address the frame at `eth` to the AS's next hop where that is known; tags and EtherType stay. */
export function setNextHop(frames: FrameViews, words: Int32Array, as: number, eth: number): void {
  if (words[as + A.NEXT_HOP] === 0) return;
  const { u16, i32 } = frames;
  const at = (eth + 2) >> 2;
  u16[eth >> 1] = words[as + A.ETHERNET];
  i32[at] = words[as + A.ETHERNET + 1];
  i32[at + 1] = words[as + A.ETHERNET + 2];
  u16[(eth + 10) >> 1] = words[as + A.ETHERNET + 3];
}
