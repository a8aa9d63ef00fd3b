import {
  FRAGMENT_PLAN_WORDS,
  type FrameViews,
  planFragments4,
  swapMac,
  writeFragment4,
  writeFragmentationNeeded4,
  writePacketTooBig6,
} from '@lb/encap';
import { BURST_CAPACITY, type Burst, Flag } from '../burst.js';
import { TICKS_PER_SECOND } from '../clock.js';
import { type Counters, WorkerCounter } from '../counters.js';
import type { Image } from '../image/image.js';
import { A } from '../image/layout.js';
import type { FrameSource } from '../queues/queue.js';
import { Reason, Verdict } from '../verdicts.js';
import { noteLife } from './life.js';
import { PROTOCOL_ICMP, PROTOCOL_ICMP6 } from './protocols.js';

/** ICMP errors per second, and at once. */
const ERRORS_PER_SECOND = 1000;
const ERRORS_AT_ONCE = 100;
/** No IPv6 path has a smaller MTU, and none may be announced (RFC 8200 §5, RFC 8201 §4). */
const IP6_MIN_MTU = 1280;

/**
 * Packets too long for their way. IPv4 without "don't fragment" is fragmented, before encapsulation, so that the AS
 * reassembles it as usual; everything else is answered with "fragmentation needed" or "packet too big" carrying the
 * length that would have fit, from the address the packet was sent to. Before rewrite, so that the sender finds in the
 * error what it had sent.
 */
export class Mtu {
  private readonly plan = new Int32Array(FRAGMENT_PLAN_WORDS);
  private tokens = ERRORS_AT_ONCE;
  private refilled = 0;

  constructor(private readonly counters: Counters) {}

  /** Look at packets on their way to an AS. Run it when a burst's longest packet is above the image's shortest limit. */
  run(burst: Burst, image: Image, source: FrameSource): void {
    const { words, ass } = image;
    const count = burst.count;
    for (let i = 0; i < count; i++) {
      if (burst.verdict[i] !== Verdict.PENDING) continue;
      const limit = words[ass + burst.as[i] * A.WORDS + A.LIMIT];
      if (burst.ipLength[i] > limit) this.tooLong(burst, source, i, limit);
    }
  }

  /** Packet `i` is longer than `limit`: fragment it (its verdict stays pending), answer it, or drop it. */
  tooLong(burst: Burst, source: FrameSource, i: number, limit: number): void {
    const { frames } = source;
    if ((burst.flags[i] & Flag.IPV6) === 0) {
      const fragments = planFragments4(frames.u8, burst.ip[i], limit, this.plan);
      if (fragments > 0) {
        if (!this.fragment(burst, source, i, fragments)) drop(burst, i, Reason.MTU_EXCEEDED);
        return;
      }
    }
    if (!mayAnswer(burst, frames, i)) drop(burst, i, Reason.MTU_EXCEEDED);
    else if (!this.takeToken(burst.now)) drop(burst, i, Reason.ICMP_RATE_LIMITED);
    else answer(burst, frames, i, limit);
  }

  /** Split packet `i`: it becomes its own first fragment, the others are appended to the burst behind it in order. */
  private fragment(burst: Burst, source: FrameSource, i: number, fragments: number): boolean {
    if (burst.count + fragments - 1 > BURST_CAPACITY) return false;
    const { frames } = source;
    const headerBytes = burst.ip[i] - burst.offset[i];
    const first = burst.count;
    for (let k = 1; k < fragments; k++) {
      // A fragment is never longer than the packet it comes from.
      const offset = source.allocate(burst.length[i]);
      if (offset < 0) return this.giveBack(burst, first);
      const to = burst.append(i);
      frames.u8.copyWithin(offset, burst.offset[i], burst.ip[i]);
      const length = writeFragment4(frames, burst.ip[i], this.plan, k, offset + headerBytes);
      place(burst, to, offset, headerBytes, length);
      burst.l4[to] = 0;
      // Behind the burst: what opened a connection, or closed one, has not done so once more.
      noteLife(burst, frames, to);
      burst.flags[to] = (burst.flags[i] & ~Flag.FRAGMENT_FIRST) | Flag.FRAGMENT_LATER;
    }
    this.counters.values[WorkerCounter.FRAGMENTS_MADE] += fragments - 1;
    const length = writeFragment4(frames, burst.ip[i], this.plan, 0, burst.ip[i]);
    place(burst, i, burst.offset[i], headerBytes, length);
    return true;
  }

  /** Out of frames half way: those already taken go back with the burst, as drops that count for nothing. */
  private giveBack(burst: Burst, from: number): boolean {
    for (let k = from; k < burst.count; k++) burst.verdict[k] = Verdict.HOLD;
    return false;
  }

  private takeToken(now: number): boolean {
    const elapsed = (now - this.refilled) | 0;
    if (elapsed !== 0) {
      this.tokens = Math.min(
        ERRORS_AT_ONCE,
        this.tokens + (Math.max(0, elapsed) * ERRORS_PER_SECOND) / TICKS_PER_SECOND,
      );
      this.refilled = now;
    }
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}

function place(burst: Burst, i: number, offset: number, headerBytes: number, ipLength: number): void {
  burst.offset[i] = offset;
  burst.ip[i] = offset + headerBytes;
  burst.ipLength[i] = ipLength;
  burst.length[i] = headerBytes + ipLength;
}

/** Never about an ICMP error nor a later fragment (RFC 1122 §3.2.2, RFC 4443 §2.4(e)). */
function mayAnswer(burst: Burst, frames: FrameViews, i: number): boolean {
  const l4 = burst.l4[i];
  if (l4 === 0 || (burst.flags[i] & Flag.ICMP_ERROR) !== 0) return false;
  const type = frames.u8[l4];
  const protocol = burst.protocol[i];
  if (protocol === PROTOCOL_ICMP) return type === 0 || type === 8;
  return protocol !== PROTOCOL_ICMP6 || type >= 128;
}

function answer(burst: Burst, frames: FrameViews, i: number, limit: number): void {
  const ip = burst.ip[i];
  const { u32 } = frames;
  let length: number;
  if ((burst.flags[i] & Flag.IPV6) === 0) {
    length = writeFragmentationNeeded4(frames, ip, burst.ipLength[i], u32[(ip + 16) >>> 2], limit);
  } else {
    const d = (ip + 24) >>> 2;
    const mtu = Math.max(limit, IP6_MIN_MTU);
    length = writePacketTooBig6(frames, ip, burst.ipLength[i], u32[d], u32[d + 1], u32[d + 2], u32[d + 3], mtu);
  }
  swapMac(frames.u16, burst.offset[i]);
  burst.ipLength[i] = length;
  burst.length[i] = ip - burst.offset[i] + length;
  burst.verdict[i] = Verdict.REPLY;
}

function drop(burst: Burst, i: number, reason: number): void {
  burst.verdict[i] = Verdict.DROP;
  burst.reason[i] = reason;
}
