import type { Address, Prefix } from '@lb/core';
import { type FrameViews, finish, pseudoHeaderSum4, pseudoHeaderSum6, sumBytes } from '@lb/encap';
import { dataplaneError } from '../errors.js';
import { mix32 } from './random.js';

/** Where generated traffic goes. */
export interface TrafficTarget {
  /** Destinations are spread over the prefix (over its last 32 bits at most). */
  readonly prefix: Prefix;
  /** 6 or 17. */
  readonly protocol: 6 | 17;
  /** Destination port; 0 spreads over all ports from 1. */
  readonly port: number;
}

export interface TrafficOptions {
  /** At least one; flow k goes to target k mod length. */
  targets: readonly TrafficTarget[];
  /** Number of distinct flows. */
  flows: number;
  /** Bytes on the wire with the 4 bytes of frame check sequence, as testers count; raised to what the headers need. */
  packetSize?: number;
  /** Same seed, same packets. */
  seed?: number;
  /** The flags of TCP segments; by default ACK. */
  tcpFlags?: number;
}

interface Template {
  readonly target: TrafficTarget;
  readonly bytes: Uint8Array;
  readonly hostBits: number;
  readonly base: number;
}

const FCS = 4;
const ETHERNET = 14;
const ACK = 0x10;

/**
 * Writes packets of N distinct flows, one after the other and round again, so that N flows are all alive and each
 * visit of a flow finds the caches full of others. Client addresses and ports, and destinations within a prefix, are
 * spread by hashing the flow's number with the seed. Checksums are right.
 */
export class TrafficGenerator {
  readonly flows: number;
  private readonly templates: readonly Template[];
  private readonly seed: number;
  private next = 0;

  constructor(options: TrafficOptions) {
    if (options.targets.length === 0) throw dataplaneError('LB_TRAFFIC_TARGETS', 'traffic: no target given');
    if (!Number.isInteger(options.flows) || options.flows < 1 || options.flows > 0x7fffffff) {
      throw dataplaneError(
        'LB_TRAFFIC_FLOWS',
        `traffic flows: ${options.flows} is not an integer from 1 to 2147483647`,
      );
    }
    this.flows = options.flows;
    this.seed = options.seed ?? 1;
    this.templates = options.targets.map((target) => template(target, options));
  }

  /** Write the next packet at byte offset `at` of frame memory; returns its length in bytes (without FCS). */
  write(frames: FrameViews, at: number): number {
    const flow = this.next;
    this.next = flow + 1 === this.flows ? 0 : flow + 1;
    return this.writeFlow(frames, at, flow);
  }

  /** Write a packet of flow `flow` (0 … flows − 1). */
  writeFlow(frames: FrameViews, at: number, flow: number): number {
    const t = this.templates[flow % this.templates.length];
    const { u8, u16, u32 } = frames;
    const six = t.target.prefix.address.family === 6;
    const l4 = at + ETHERNET + (six ? 40 : 20);
    const a = mix32(flow ^ Math.imul(this.seed, 0x9e3779b1));
    const b = mix32(a ^ 0x5bd1e995);
    const c = mix32(b + 0x1b873593);
    u8.set(t.bytes, at);
    // The flow's number itself is part of the client (address bits and port), so that no two flows coincide.
    const client = flow >>> 14;
    const port = 1024 + ((flow & 0x3fff) << 1) + (a & 1);
    const host = t.hostBits === 0 ? 0 : b >>> (32 - t.hostBits);
    const destination = (t.base | host) >>> 0;
    if (six) {
      put32(u8, at + ETHERNET + 8 + 12, (0x00010000 + client) >>> 0);
      put32(u8, at + ETHERNET + 24 + 12, destination);
    } else {
      put32(u8, at + ETHERNET + 12, (0x0a000000 + ((a & 0xf0) << 16) + client) >>> 0);
      put32(u8, at + ETHERNET + 16, destination);
      u16[(at + ETHERNET + 10) >>> 1] = finish(sumBytes(u8, at + ETHERNET, 20));
    }
    put16(u8, l4, port);
    put16(u8, l4 + 2, t.target.port !== 0 ? t.target.port : 1 + ((c >>> 0) % 65535));
    const l4Bytes = t.bytes.length - (l4 - at);
    const protocol = t.target.protocol;
    const ip = at + ETHERNET;
    const pseudo = six ? pseudoHeaderSum6(u32, ip, protocol, l4Bytes) : pseudoHeaderSum4(u32, ip, protocol, l4Bytes);
    const checksum = finish(sumBytes(u8, l4, l4Bytes, pseudo));
    u16[(l4 + (protocol === 6 ? 16 : 6)) >>> 1] = checksum === 0 && protocol === 17 ? 0xffff : checksum;
    return t.bytes.length;
  }
}

function template(target: TrafficTarget, { packetSize = 64, tcpFlags = ACK }: TrafficOptions): Template {
  const six = target.prefix.address.family === 6;
  const l3 = six ? 40 : 20;
  const l4 = target.protocol === 6 ? 20 : 8;
  const length = Math.max(packetSize - FCS, ETHERNET + l3 + l4);
  const bytes = new Uint8Array(length);
  bytes.set([0x02, 0, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 2, ...(six ? [0x86, 0xdd] : [0x08, 0x00])]);
  if (six) writeIp6(bytes, target.protocol, length - ETHERNET - l3);
  else writeIp4(bytes, target.protocol, length - ETHERNET);
  const at = ETHERNET + l3;
  if (target.protocol === 17) put16(bytes, at + 4, length - at);
  else bytes.set([0x50, tcpFlags, 0xff, 0xff], at + 12);
  const address = target.prefix.address;
  bytes.set(address.bytes, ETHERNET + (six ? 24 : 16));
  const width = address.bytes.length * 8;
  return { target, bytes, hostBits: Math.min(32, width - target.prefix.length), base: lastWord(address) };
}

function writeIp4(bytes: Uint8Array, protocol: number, length: number): void {
  bytes.set([0x45, 0, length >>> 8, length & 0xff, 0, 0, 0x40, 0, 64, protocol], ETHERNET);
}

function writeIp6(bytes: Uint8Array, protocol: number, payload: number): void {
  bytes.set([0x60, 0, 0, 0, payload >>> 8, payload & 0xff, protocol, 64], ETHERNET);
  // Clients from the documentation prefix (RFC 3849).
  bytes.set([0x20, 0x01, 0x0d, 0xb8], ETHERNET + 8);
}

function lastWord(address: Address): number {
  const b = address.bytes;
  const n = b.length;
  return ((b[n - 4] << 24) | (b[n - 3] << 16) | (b[n - 2] << 8) | b[n - 1]) >>> 0;
}

function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

function put32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
