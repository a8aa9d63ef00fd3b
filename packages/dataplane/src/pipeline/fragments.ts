import { FlowTable, flowHash4, flowHash6 } from '@lb/core';
import { BURST_CAPACITY, type Burst, Flag } from '../burst.js';
import { TICKS_PER_SECOND } from '../clock.js';
import { type Counters, WorkerCounter } from '../counters.js';
import type { Image } from '../image/image.js';
import { P, PREFIX_PER_PORT, V, VipFlag } from '../image/layout.js';
import type { FrameSource } from '../queues/queue.js';
import { Reason, Verdict } from '../verdicts.js';
import { lookupPrefix } from './classify.js';
import { HeldFragments } from './held-fragments.js';
import { mayReturn } from './nat-return.js';
import { parseFrame } from './parse-frame.js';
import { isExtension } from './parse-ip6.js';
import { PROTOCOL_TCP, PROTOCOL_UDP } from './protocols.js';

/** How long fragments are remembered and held: the lower bound RFC 791 §3.2 gives for reassembly. */
export const FRAGMENT_TICKS = 15 * TICKS_PER_SECOND;
/** Room for 16,384 datagrams whose fragments have not all come. */
const FRAGMENT_LINES = 4096;
/** Fragment keys never leave this worker: any seed will do. */
const SEED0 = 0x66726167;
const SEED1 = 0x6d656e74;
/** Keeps fragment keys apart from flow identities. */
const FRAGMENT_TAG = 0x4000;

/**
 * Stage 2, fragments: give later fragments the ports of their first, so that the stages behind treat every fragment of
 * a datagram as a packet of its flow. A datagram is known by source, destination, identification and what
 * the fragment header says follows (RFC 791, RFC 8200 §4.5). Runs only when a burst holds fragments, or some are held.
 */
export class Fragments {
  readonly held = new HeldFragments();
  /**
   * Datagrams of which the first fragment has been seen, but not all. Side words: its ports, its protocol, bytes seen,
   * and bytes in all (0 until the last fragment tells).
   */
  private readonly datagrams: FlowTable;
  /** Fragments are held whose first has come: there was no room to release them all. */
  private backlog = false;
  /** Key of the datagram at hand: low and high half. */
  private readonly datagram = new Int32Array(2);

  constructor(secret?: readonly [number, number, number, number]) {
    this.datagrams = new FlowTable({ lines: FRAGMENT_LINES, sideWords: 4, ...(secret && { secret }) });
  }

  run(burst: Burst, source: FrameSource, image: Image, counters: Counters): void {
    this.datagrams.allowMoves();
    // Not burst.count: releases append packets that are done already.
    const count = burst.count;
    if (this.backlog) this.releaseBacklog(burst, source, counters);
    for (let i = 0; i < count; i++) {
      if (burst.verdict[i] !== Verdict.PENDING) continue;
      const flags = burst.flags[i];
      if ((flags & Flag.FRAGMENT_LATER) !== 0) this.later(burst, source, image, counters, i);
      else if ((flags & Flag.FRAGMENT_FIRST) !== 0) this.first(burst, source, counters, i);
    }
  }

  /** Drop what has been held too long. Call it once per burst while something is held. */
  expire(now: number, counters: Counters): void {
    const expired = this.held.expire(now);
    const values = counters.values;
    values[WorkerCounter.REASONS + Reason.FRAGMENT_ORPHAN] += expired;
    values[WorkerCounter.DROPPED] += expired;
    values[WorkerCounter.HELD] -= expired;
  }

  private first(burst: Burst, source: FrameSource, counters: Counters, i: number): void {
    const protocol = burst.protocol[i];
    if (protocol !== PROTOCOL_TCP && protocol !== PROTOCOL_UDP) return;
    this.key(burst, source, i);
    const [lo, hi] = this.datagram;
    const table = this.datagrams;
    const expiry = (burst.now + FRAGMENT_TICKS) | 0;
    let at = table.find(lo, hi, burst.now);
    if (at < 0) at = table.insertOver(lo, hi, burst.now, expiry, 1);
    else table.refresh(at, expiry);
    const side = table.sideAt(at);
    table.side[side] = burst.ports[i];
    table.side[side + 1] = protocol;
    table.side[side + 2] = 0;
    table.side[side + 3] = 0;
    this.account(burst, i, at);
    if (this.held.count > 0) this.release(burst, source, counters, i, lo, hi, at);
  }

  private later(burst: Burst, source: FrameSource, image: Image, counters: Counters, i: number): void {
    if (!mayHavePorts(burst.protocol[i], burst.flags[i])) return;
    this.key(burst, source, i);
    const [lo, hi] = this.datagram;
    const at = this.datagrams.find(lo, hi, burst.now);
    if (at >= 0) {
      const side = this.datagrams.sideAt(at);
      burst.ports[i] = this.datagrams.side[side];
      burst.protocol[i] = this.datagrams.side[side + 1];
      burst.flags[i] = burst.flags[i] | Flag.PORTS;
      this.account(burst, i, at);
      return;
    }
    if (!needsPorts(burst, source, image, i)) return;
    const deadline = (burst.now + FRAGMENT_TICKS) | 0;
    if (this.held.hold(lo, hi, deadline, source.frames.u8, burst.offset[i], burst.length[i])) {
      burst.verdict[i] = Verdict.HOLD;
      counters.values[WorkerCounter.HELD] = counters.values[WorkerCounter.HELD] + 1;
    } else {
      burst.verdict[i] = Verdict.DROP;
      burst.reason[i] = Reason.FRAGMENT_BUFFER_FULL;
    }
  }

  /** Append the held fragments of a datagram to the burst, behind its first fragment in sending order. */
  private release(
    burst: Burst,
    source: FrameSource,
    counters: Counters,
    i: number,
    lo: number,
    hi: number,
    at: number,
  ): void {
    for (let slot = this.held.find(lo, hi); slot >= 0; slot = this.held.find(lo, hi)) {
      const offset = burst.count < BURST_CAPACITY ? source.allocate(this.held.lengthOf(slot)) : -1;
      if (offset < 0) {
        this.backlog = true;
        return;
      }
      const k = burst.append(i);
      burst.offset[k] = offset;
      burst.length[k] = this.held.release(slot, source.frames.u8, offset);
      parseFrame(burst, source.frames, k);
      burst.ports[k] = burst.ports[i];
      burst.protocol[k] = burst.protocol[i];
      burst.flags[k] = burst.flags[k] | Flag.PORTS;
      const values = counters.values;
      values[WorkerCounter.HELD] -= 1;
      values[WorkerCounter.RELEASED] += 1;
      this.account(burst, k, at);
    }
  }

  /** Forget a datagram when all of it has passed: its identification may be used again at once. */
  private account(burst: Burst, i: number, at: number): void {
    const { datagrams } = this;
    const side = datagrams.sideAt(at);
    datagrams.side[side + 2] += burst.fragmentBytes[i];
    if (burst.fragmentTotal[i] > 0) datagrams.side[side + 3] = burst.fragmentTotal[i];
    const total = datagrams.side[side + 3];
    if (total > 0 && datagrams.side[side + 2] >= total) datagrams.remove(at);
  }

  /** Put fragments for which there was no room before at the end of this burst. */
  private releaseBacklog(burst: Burst, source: FrameSource, counters: Counters): void {
    this.backlog = false;
    for (let slot = this.held.next(0); slot >= 0; slot = this.held.next(slot + 1)) {
      const at = this.datagrams.find(this.held.loOf(slot), this.held.hiOf(slot), burst.now);
      if (at < 0) continue;
      const offset = burst.count < BURST_CAPACITY ? source.allocate(this.held.lengthOf(slot)) : -1;
      if (offset < 0) {
        this.backlog = true;
        return;
      }
      const k = burst.append(burst.count - 1);
      burst.offset[k] = offset;
      burst.length[k] = this.held.release(slot, source.frames.u8, offset);
      parseFrame(burst, source.frames, k);
      const side = this.datagrams.sideAt(at);
      burst.ports[k] = this.datagrams.side[side];
      burst.protocol[k] = this.datagrams.side[side + 1];
      burst.flags[k] = burst.flags[k] | Flag.PORTS;
      counters.values[WorkerCounter.HELD] -= 1;
      counters.values[WorkerCounter.RELEASED] += 1;
      this.account(burst, k, at);
    }
  }

  private key(burst: Burst, source: FrameSource, i: number): void {
    const id = burst.fragmentId[i];
    const tag = burst.fragmentNext[i] | FRAGMENT_TAG;
    if ((burst.flags[i] & Flag.IPV6) === 0) {
      flowHash4(SEED0, SEED1, burst.src[i], burst.dst[i], id, tag, this.datagram, 0, 1);
    } else {
      const { i32 } = source.frames;
      flowHash6(SEED0, SEED1, i32, burst.src[i] >>> 2, burst.dst[i] >>> 2, id, tag, this.datagram, 0, 1);
    }
  }
}

/** Whether a later fragment may belong to TCP or UDP: in IPv6 what stands first may be an extension header. */
function mayHavePorts(protocol: number, flags: number): boolean {
  if (protocol === PROTOCOL_TCP || protocol === PROTOCOL_UDP) return true;
  return (flags & Flag.IPV6) !== 0 && isExtension(protocol);
}

/**
 * Whether the fate of a later TCP or UDP fragment depends on its ports: not for a destination in no VIP (it goes to the
 * kernel whatever its ports, unless it may be NAT return traffic), nor for an all-port VIP that ignores ports.
 */
function needsPorts(burst: Burst, source: FrameSource, image: Image, i: number): boolean {
  const words = image.words;
  const number = lookupPrefix(image, burst, source.frames, i);
  if (number < 0) return mayReturn(image, burst.input, burst.flags[i]);
  const vip = words[image.prefixes + number * P.WORDS];
  if (vip === PREFIX_PER_PORT) return true;
  return (words[image.vips + vip * V.WORDS + V.FLAGS] & VipFlag.STICKY) === 0;
}
