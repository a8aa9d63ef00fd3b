import { type Address, FlowTable } from '@lb/core';
import { frameViews } from '@lb/encap';
import { Burst, Flag } from '../burst.js';
import type { Image } from '../image/image.js';
import { rawPort } from '../image/port-hash.js';
import { createClassify } from '../pipeline/classify.js';
import { createHash } from '../pipeline/hash.js';
import { PROTOCOL_ICMP, PROTOCOL_ICMP6, PROTOCOL_TCP, PROTOCOL_UDP } from '../pipeline/protocols.js';
import { bucketOf } from '../pipeline/select.js';
import { Verdict } from '../verdicts.js';

/** A flow as its client sends it. */
export interface FlowTuple {
  readonly source: Address;
  readonly destination: Address;
  readonly protocol: 'tcp' | 'udp' | 'icmp';
  /** 0 for ICMP. */
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/** Where the parts of the packet that is none lie, in bytes: its IP header (of which stages ask the TTL), its addresses. */
const IP = 0;
const SOURCE = 64;
const DESTINATION = 80;
const FRAME_BYTES = 96;
const TTL = 64;

/**
 * Asks the stages about a flow without a packet: the columns of a burst of one, as parse would have left them, through
 * classify and hash. So what is said about a flow is what becomes of its packets.
 */
export class FlowProbe {
  readonly burst = new Burst();
  private readonly frames = frameViews(new ArrayBuffer(FRAME_BYTES));
  private readonly classify = createClassify(this.burst, this.frames);
  private readonly hash = createHash(this.burst, this.frames, new FlowTable({ lines: 1 }));

  constructor() {
    this.frames.u8.fill(TTL, IP, IP + 20);
  }

  /** Find VIP and identity, which stand in the burst then. False: the flow is no VIP's. */
  ask(image: Image, flow: FlowTuple): boolean {
    const { source, destination, protocol } = flow;
    const six = destination.family === 6;
    const { i32, u8 } = this.frames;
    const { burst } = this;
    u8.set(source.bytes, SOURCE);
    u8.set(destination.bytes, DESTINATION);
    const ports = protocol !== 'icmp';
    burst.count = 1;
    burst.seen = (six ? Flag.IPV6 : 0) | (ports ? Flag.PORTS : 0);
    burst.flags[0] = burst.seen;
    burst.verdict[0] = Verdict.PENDING;
    burst.ip[0] = IP;
    burst.protocol[0] = protocolNumber(protocol, six);
    burst.ports[0] = ports ? rawPort(flow.sourcePort) | (rawPort(flow.destinationPort) << 16) : 0;
    burst.src[0] = six ? SOURCE : i32[SOURCE >>> 2];
    burst.dst[0] = six ? DESTINATION : i32[DESTINATION >>> 2];
    this.classify(image);
    if (burst.verdict[0] !== Verdict.PENDING) return false;
    this.hash(image);
    return true;
  }

  /**
   * The number whose low bits are the bucket of a flow, by VPP's hash.
   * @param vip slot of its VIP
   * @param words raw source in the first four, raw destination in the other four (IPv4: one word of each)
   * @param ports raw: source low, destination high
   */
  bucketNumber(image: Image, vip: number, six: boolean, words: Int32Array, ports: number): number {
    const { burst, frames } = this;
    frames.i32.set(words.subarray(0, 8), SOURCE >>> 2);
    burst.vip[0] = vip;
    burst.flags[0] = six ? Flag.IPV6 : 0;
    burst.ports[0] = ports;
    burst.src[0] = six ? SOURCE : words[0];
    burst.dst[0] = six ? DESTINATION : words[4];
    return bucketOf(burst, image, frames, 0);
  }
}

function protocolNumber(protocol: FlowTuple['protocol'], six: boolean): number {
  if (protocol === 'icmp') return six ? PROTOCOL_ICMP6 : PROTOCOL_ICMP;
  return protocol === 'tcp' ? PROTOCOL_TCP : PROTOCOL_UDP;
}
