import type { FlowTable } from '@lb/core';
import type { FrameViews } from '@lb/encap';
import { type Burst, Flag } from '../burst.js';
import type { Image } from '../image/image.js';
import { A, V } from '../image/layout.js';
import { FlowState } from '../image/lifetimes.js';
import { type NatSessions, SESSION_NODE_PORT } from './nat-sessions.js';

/** Key of packet `i`'s session if the AS sees `clientPort` (raw), into `out[lo]` and `out[hi]`. */
export function sessionKey(
  burst: Burst,
  image: Image,
  frames: FrameViews,
  sessions: NatSessions,
  i: number,
  clientPort: number,
  out: Int32Array,
  lo: number,
  hi: number,
): void {
  const { words, seed0, seed1 } = image;
  const as = image.ass + burst.as[i] * A.WORDS + A.ADDRESS;
  const ports = words[image.vips + burst.vip[i] * V.WORDS + V.TARGET_PORT] | (clientPort << 16);
  const protocol = burst.protocol[i];
  if ((burst.flags[i] & Flag.IPV6) === 0) {
    sessions.key4(seed0, seed1, words[as], burst.src[i], ports, protocol, out, lo, hi);
  } else {
    sessions.key6(seed0, seed1, words, as, frames.i32, burst.src[i] >>> 2, ports, protocol, out, lo, hi);
  }
}

/** Key of the alias that packet `i`'s flow has if the AS sees another port, into `sessions.key`. */
export function aliasKey(burst: Burst, image: Image, frames: FrameViews, sessions: NatSessions, i: number): void {
  const { seed0, seed1 } = image;
  const ports = burst.ports[i];
  const protocol = burst.protocol[i];
  if ((burst.flags[i] & Flag.IPV6) === 0) {
    sessions.aliasKey4(seed0, seed1, burst.src[i], burst.dst[i], ports, protocol);
  } else {
    const { i32 } = frames;
    sessions.aliasKey6(seed0, seed1, i32, burst.src[i] >>> 2, i32, burst.dst[i] >>> 2, ports, protocol);
  }
}

/** Value of packet `i`'s session, but for its state. */
export function sessionValue(burst: Burst, i: number): number {
  return (burst.vip[i] + 1) | ((burst.flags[i] & Flag.NODE_PORT) !== 0 ? SESSION_NODE_PORT : 0);
}

/** Whether the session at `at` is that of packet `i`'s flow with its VIP, and settled. */
export function isOurs(burst: Burst, frames: FrameViews, table: FlowTable, i: number, at: number): boolean {
  return (table.valueAt(at) & ~FlowState.MASK) === sessionValue(burst, i) && isOurFlow(burst, frames, table, i, at);
}

/**
 * Whether it is that flow's, settled or not. With whichever VIP: a flow whose address and port another VIP has taken over
 * is still the same to its AS.
 */
export function isOurFlow(burst: Burst, frames: FrameViews, table: FlowTable, i: number, at: number): boolean {
  const { side } = table;
  const from = table.sideAt(at);
  if (side[from + 4] !== burst.ports[i]) return false;
  if ((burst.flags[i] & Flag.IPV6) === 0) return side[from] === burst.dst[i];
  const { i32 } = frames;
  const dst = burst.dst[i] >>> 2;
  return (
    side[from] === i32[dst] &&
    side[from + 1] === i32[dst + 1] &&
    side[from + 2] === i32[dst + 2] &&
    side[from + 3] === i32[dst + 3]
  );
}

/** Write the side words of packet `i`'s session. */
export function writeOrigin(burst: Burst, frames: FrameViews, table: FlowTable, i: number, at: number): void {
  const { side } = table;
  const to = table.sideAt(at);
  side[to + 4] = burst.ports[i];
  if ((burst.flags[i] & Flag.IPV6) === 0) {
    side[to] = burst.dst[i];
    return;
  }
  const { i32 } = frames;
  const dst = burst.dst[i] >>> 2;
  for (let k = 0; k < 4; k++) side[to + k] = i32[dst + k];
}
