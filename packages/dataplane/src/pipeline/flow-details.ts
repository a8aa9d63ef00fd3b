import type { FlowTable } from '@lb/core';
import type { FrameViews } from '@lb/encap';
import { type Burst, Flag } from '../burst.js';

/**
 * Who a flow is, beside its entry in the flow table, which only has a hash of it: side words of that table, written
 * once when the flow is entered. A reader of another thread knows whether they are whole and belong to the entry by
 * hashing them again, so nothing has to be waited for. (Const enum: see burst.ts.)
 *
 * The first four words are all of an IPv4 flow and never more than one cache line.
 */
export const enum D {
  /** Protocol, family (4, 6) << 16. */
  KIND = 0,
  /** Raw: source low, destination high. */
  PORTS = 1,
  /** First raw word of the addresses; the other three of IPv6 are further behind. */
  SOURCE = 2,
  DESTINATION = 3,
  SOURCE_REST = 4,
  DESTINATION_REST = 7,
  /** Tick at which the flow was given to its AS. */
  SINCE = 10,
}

/** Side words of a flow table that has details: 48 bytes for each entry, 192 for each line. */
export const FLOW_SIDE_WORDS = 12;

/** Note who packet `i`'s flow is beside its entry at `at`. Only for a table with {@link FLOW_SIDE_WORDS}. */
export function writeFlowDetails(burst: Burst, frames: FrameViews, flows: FlowTable, i: number, at: number): void {
  const { side } = flows;
  const to = flows.sideAt(at);
  side[to + D.PORTS] = burst.ports[i];
  side[to + D.SINCE] = burst.now;
  if ((burst.flags[i] & Flag.IPV6) === 0) {
    side[to + D.KIND] = burst.protocol[i] | (4 << 16);
    side[to + D.SOURCE] = burst.src[i];
    side[to + D.DESTINATION] = burst.dst[i];
    return;
  }
  const { i32 } = frames;
  const src = burst.src[i] >>> 2;
  const dst = burst.dst[i] >>> 2;
  side[to + D.KIND] = burst.protocol[i] | (6 << 16);
  side[to + D.SOURCE] = i32[src];
  side[to + D.DESTINATION] = i32[dst];
  for (let k = 0; k < 3; k++) {
    side[to + D.SOURCE_REST + k] = i32[src + 1 + k];
    side[to + D.DESTINATION_REST + k] = i32[dst + 1 + k];
  }
}
