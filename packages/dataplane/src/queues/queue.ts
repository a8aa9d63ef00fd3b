import type { FrameViews } from '@lb/encap';
import type { Burst } from '../burst.js';

/** Where the pipeline gets frame memory from. */
export interface FrameSource {
  readonly frames: FrameViews;
  /**
   * A frame for a packet made or re-injected here. Returns the byte offset for its Ethernet header (≡ 2 mod 4, with
   * {@link HEADROOM} bytes in front), or -1 when there is none or `lengthBytes` does not fit. The frame belongs to the
   * burst and goes back to the queue with it.
   */
  allocate(lengthBytes: number): number;
}

/**
 * A queue of packets. The engine never knows which kind it drives.
 *
 * | state of a frame | owner | left by |
 * | --- | --- | --- |
 * | free | queue | rx, allocate |
 * | in burst | pipeline | tx |
 * | in flight | queue | completion, inside rx or tx |
 *
 * `tx` takes back every frame of the burst, whatever its verdict.
 */
export interface PacketQueue extends FrameSource {
  /** Fill `burst.offset`, `length`, `count` and `now`; returns the number of packets, 0 when none wait. */
  rx(burst: Burst): number;
  /** Send packets with verdict forward or reply, hand punts to the kernel where there is one, and free all frames. */
  tx(burst: Burst): void;
  close(): void;
}

/**
 * Bytes kept free in front of every Ethernet header: room for the largest encapsulation (44), and little more, so that
 * the outer headers lie in a cache line that the packet's arrival has touched.
 */
export const HEADROOM = 46;
