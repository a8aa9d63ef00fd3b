import {
  type FrameViews,
  finish,
  PROTOCOL_ICMP,
  PROTOCOL_ICMP6,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  pseudoHeaderSum4,
  pseudoHeaderSum6,
  sumBytes,
} from '@lb/encap';
import type { Flow } from './flow.js';

const ETHERNET = 14;
/** Locally administered: a router and the balancer. */
const MACS = [0x02, 0, 0, 0, 0, 0x02, 0x02, 0, 0, 0, 0, 0x01];
const TTL = 64;
const TCP_SYN = 0x02;
const TCP_ACK = 0x10;

/**
 * Writes the first packet of a flow at byte offset `at` of frame memory (≡ 2 mod 4): a TCP SYN, a UDP datagram without
 * data, or an echo request. All checksums are right.
 * @returns its length in bytes, without frame check sequence
 */
export function writeFirstPacket(frames: FrameViews, at: number, flow: Flow): number {
  return writePacket(frames, at, flow, TCP_SYN);
}

/** The same with a packet of the flow when it is established. */
export function writeLaterPacket(frames: FrameViews, at: number, flow: Flow): number {
  return writePacket(frames, at, flow, TCP_ACK);
}

function writePacket(frames: FrameViews, at: number, flow: Flow, tcpFlags: number): number {
  const six = flow.source.family === 6;
  const ip = at + ETHERNET;
  const l4 = ip + (six ? 40 : 20);
  const l4Bytes = flow.protocol === 'tcp' ? 20 : 8;
  const { u8, u16, u32 } = frames;
  u8.fill(0, at, l4 + l4Bytes);
  u8.set(MACS, at);
  put16(u8, at + 12, six ? 0x86dd : 0x0800);
  const protocol = protocolNumber(flow);
  if (six) writeIp6(u8, ip, protocol, l4Bytes, flow);
  else writeIp4(frames, ip, protocol, l4Bytes, flow);

  const pseudo = six ? pseudoHeaderSum6(u32, ip, protocol, l4Bytes) : pseudoHeaderSum4(u32, ip, protocol, l4Bytes);
  if (flow.protocol === 'icmp') {
    // Echo request, RFC 792 and RFC 4443 §4.1; only the checksum of ICMPv6 covers a pseudo-header.
    u8.set([six ? 128 : 8, 0, 0, 0, 0, 1, 0, 1], l4);
    u16[(l4 + 2) >>> 1] = finish(sumBytes(u8, l4, l4Bytes, six ? pseudo : 0));
    return l4 + l4Bytes - at;
  }
  put16(u8, l4, flow.sourcePort);
  put16(u8, l4 + 2, flow.destinationPort);
  if (flow.protocol === 'tcp') u8.set([0x50, tcpFlags, 0xff, 0xff], l4 + 12);
  else put16(u8, l4 + 4, l4Bytes);
  const checksum = finish(sumBytes(u8, l4, l4Bytes, pseudo));
  // RFC 768: a checksum of 0 would mean that there is none.
  u16[(l4 + (flow.protocol === 'tcp' ? 16 : 6)) >>> 1] = checksum === 0 && flow.protocol === 'udp' ? 0xffff : checksum;
  return l4 + l4Bytes - at;
}

function protocolNumber({ protocol, source }: Flow): number {
  if (protocol === 'icmp') return source.family === 6 ? PROTOCOL_ICMP6 : PROTOCOL_ICMP;
  return protocol === 'tcp' ? PROTOCOL_TCP : PROTOCOL_UDP;
}

function writeIp4({ u8, u16 }: FrameViews, ip: number, protocol: number, payload: number, flow: Flow): void {
  const length = 20 + payload;
  // Do not fragment, as every TCP has it since path-MTU discovery.
  u8.set([0x45, 0, length >>> 8, length & 0xff, 0, 0, 0x40, 0, TTL, protocol], ip);
  u8.set(flow.source.bytes, ip + 12);
  u8.set(flow.destination.bytes, ip + 16);
  u16[(ip + 10) >>> 1] = finish(sumBytes(u8, ip, 20));
}

function writeIp6(u8: Uint8Array, ip: number, protocol: number, payload: number, flow: Flow): void {
  u8.set([0x60, 0, 0, 0, payload >>> 8, payload & 0xff, protocol, TTL], ip);
  u8.set(flow.source.bytes, ip + 8);
  u8.set(flow.destination.bytes, ip + 24);
}

function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value & 0xff;
}
