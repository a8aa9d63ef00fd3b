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
import { noteLife } from './life.js';
import { mayReturn } from './nat-return.js';
import { parseFrame } from './parse-frame.js';
import { isIcmpError4 } from './parse-ip4.js';
import { isExtension } from './parse-ip6.js';
import { PROTOCOL_ICMP, PROTOCOL_ICMP6, PROTOCOL_TCP, PROTOCOL_UDP } from './protocols.js';

/** How long fragments are remembered and held: the lower bound RFC 791 §3.2 gives for reassembly. */
export const FRAGMENT_TICKS = 15 * TICKS_PER_SECOND;
/** Room for 16,384 datagrams whose fragments have not all come. */
const FRAGMENT_LINES = 4096;
/** Fragment keys never leave this worker: any seed will do. */
const SEED0 = 0x66726167;
const SEED1 = 0x6d656e74;
/** Keeps fragment keys apart from flow identities. */
const FRAGMENT_TAG = 0x4000;

/** What a datagram is. */
const enum Kind {
  /** TCP or UDP: its ports are those of its first fragment. */
  PORTS,
  /** An ICMPv4 error: its flow is that of the packet embedded in its first fragment. */
  ERROR,
  /** An ICMP error whose flow is not to be told: none of it goes anywhere. */
  REFUSED,
}

/**
 * Stage 2, fragments: give later fragments the ports of their first, so that the stages behind treat every fragment of
 * a datagram as a packet of its flow. A datagram is known by source, destination, identification and what
 * the fragment header says follows (RFC 791, RFC 8200 §4.5). Runs only when a burst holds fragments, or some are held.
 */
export class Fragments {
  readonly held = new HeldFragments();
  /**
   * Datagrams of which the first fragment has been seen, but not all. Side words: its ports, its protocol, bytes seen,
   * bytes in all (0 until the last fragment tells), its Kind, and the flow's source if it is an ERROR.
   */
  private readonly datagrams: FlowTable;
  /** Fragments are held whose first has come: there was no room to release them all. */
  private backlog = false;
  /** Key of the datagram at hand: low and high half. */
  private readonly datagram = new Int32Array(2);

  constructor(secret?: readonly [number, number, number, number]) {
    this.datagrams = new FlowTable({ lines: FRAGMENT_LINES, sideWords: 6, ...(secret && { secret }) });
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
      else if ((flags & Flag.FRAGMENT_FIRST) !== 0) this.first(burst, source, image, counters, i);
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

  private first(burst: Burst, source: FrameSource, image: Image, counters: Counters, i: number): void {
    const protocol = burst.protocol[i];
    const ports = protocol === PROTOCOL_TCP || protocol === PROTOCOL_UDP;
    let kind = Kind.PORTS;
    if (isIcmpError(burst, source, i)) {
      const flags = Flag.ICMP_ERROR | (ports ? Flag.PORTS : 0);
      kind = (burst.flags[i] & flags) === flags ? Kind.ERROR : Kind.REFUSED;
      if (kind === Kind.REFUSED && !isForVip(burst, source, image, i)) return;
    } else if (!ports && !isUntold(burst, i)) {
      return;
    }
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
    table.side[side + 4] = kind;
    table.side[side + 5] = burst.src[i];
    if (kind === Kind.REFUSED) refuse(burst, i);
    this.account(burst, i, at);
    if (this.held.count > 0) this.release(burst, source, counters, i, lo, hi, at);
  }

  private later(burst: Burst, source: FrameSource, image: Image, counters: Counters, i: number): void {
    if (!mayFollow(burst.protocol[i], burst.flags[i])) return;
    this.key(burst, source, i);
    const [lo, hi] = this.datagram;
    const at = this.datagrams.find(lo, hi, burst.now);
    if (at >= 0) {
      this.follow(burst, source, i, at);
      this.account(burst, i, at);
      return;
    }
    if (isIcmp(burst.protocol[i]) || !needsPorts(burst, source, image, i)) return;
    const deadline = (burst.now + FRAGMENT_TICKS) | 0;
    if (this.held.hold(lo, hi, deadline, source.frames.u8, burst.offset[i], burst.length[i])) {
      burst.verdict[i] = Verdict.HOLD;
      counters.values[WorkerCounter.HELD] = counters.values[WorkerCounter.HELD] + 1;
    } else {
      burst.verdict[i] = Verdict.DROP;
      burst.reason[i] = Reason.FRAGMENT_BUFFER_FULL;
    }
  }

  /** Take from its datagram's first fragment what a later one does not say. */
  private follow(burst: Burst, source: FrameSource, i: number, at: number): void {
    const { side } = this.datagrams;
    const from = this.datagrams.sideAt(at);
    if (side[from + 4] === Kind.REFUSED) {
      refuse(burst, i);
      return;
    }
    const protocol = side[from + 1];
    burst.ports[i] = side[from];
    burst.protocol[i] = protocol;
    if (protocol === PROTOCOL_TCP || protocol === PROTOCOL_UDP) burst.flags[i] = burst.flags[i] | Flag.PORTS;
    if (side[from + 4] === Kind.ERROR) {
      burst.flags[i] = burst.flags[i] | Flag.ICMP_ERROR;
      burst.src[i] = side[from + 5];
    }
    noteLife(burst, source.frames, i);
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
      this.follow(burst, source, k, at);
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
      this.follow(burst, source, k, at);
      counters.values[WorkerCounter.HELD] -= 1;
      counters.values[WorkerCounter.RELEASED] += 1;
      this.account(burst, k, at);
    }
  }

  private key(burst: Burst, source: FrameSource, i: number): void {
    const id = burst.fragmentId[i];
    const tag = burst.fragmentNext[i] | FRAGMENT_TAG;
    const { i32 } = source.frames;
    // The packet's own addresses: those of its flow are others if it is an ICMP error.
    const ip = burst.ip[i] >>> 2;
    if ((burst.flags[i] & Flag.IPV6) === 0) {
      flowHash4(SEED0, SEED1, i32[ip + 3], i32[ip + 4], id, tag, this.datagram, 0, 1);
    } else {
      flowHash6(SEED0, SEED1, i32, ip + 2, ip + 6, id, tag, this.datagram, 0, 1);
    }
  }
}

function refuse(burst: Burst, i: number): void {
  burst.verdict[i] = Verdict.DROP;
  burst.reason[i] = Reason.ICMP_ERROR_FRAGMENT;
}

function isIcmp(protocol: number): boolean {
  return protocol === PROTOCOL_ICMP || protocol === PROTOCOL_ICMP6;
}

/** Whether first fragment `i` is of an ICMP error. One of ICMPv6 is not looked into: none may be so long (RFC 4443 §2.4). */
function isIcmpError(burst: Burst, source: FrameSource, i: number): boolean {
  const type = source.frames.u8[burst.l4[i]];
  if ((burst.flags[i] & Flag.IPV6) === 0) return burst.fragmentNext[i] === PROTOCOL_ICMP && isIcmpError4(type);
  return burst.protocol[i] === PROTOCOL_ICMP6 && type >= 1 && type <= 4;
}

/** Whether packet `i` is sent to a VIP, and not to a node address, which is the host's. */
function isForVip(burst: Burst, source: FrameSource, image: Image, i: number): boolean {
  const number = lookupPrefix(image, burst, source.frames, i);
  return number >= 0 && image.words[image.prefixes + number * P.WORDS + P.NODE] === 0;
}

/**
 * Whether a later fragment may be one of those that follow their first: TCP, UDP, ICMP errors; in IPv6 what stands first
 * may be an extension header.
 */
function mayFollow(protocol: number, flags: number): boolean {
  if (protocol === PROTOCOL_TCP || protocol === PROTOCOL_UDP || isIcmp(protocol)) return true;
  return (flags & Flag.IPV6) !== 0 && isExtension(protocol);
}

/** Whether fragments of packet `i`'s datagram don't say its protocol: an extension header stands first, so they wait. */
function isUntold(burst: Burst, i: number): boolean {
  return (burst.flags[i] & Flag.IPV6) !== 0 && isExtension(burst.fragmentNext[i]);
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
