import type { FlowTable } from '@lb/core';
import type { FrameViews } from '@lb/encap';
import { type Burst, Flag, Life } from '../burst.js';
import type { Image } from '../image/image.js';
import { H } from '../image/layout.js';
import { FlowState, RULE_TICKS } from '../image/lifetimes.js';
import { settle } from './nat-shared.js';
import { PROTOCOL_TCP, PROTOCOL_UDP } from './protocols.js';

/** Offset of the flags in a TCP header (RFC 9293 section 3.1). */
const TCP_FLAGS = 13;
const FIN_RST = 0x05;
const SYN_ACK_RST = 0x16;
const SYN = 0x02;

/** What a TCP segment with these flags says. SYN with FIN opens: what it would close is not there yet. */
export function tcpLife(flags: number): Life {
  if ((flags & SYN_ACK_RST) === SYN) return Life.TCP_SYN;
  return (flags & FIN_RST) !== 0 ? Life.TCP_END : Life.TCP_DATA;
}

/** What packet `i` says about the life of its flow, by its protocol and, where its own header is there, its flags. */
export function noteLife(burst: Burst, { u8 }: FrameViews, i: number): void {
  const protocol = burst.protocol[i];
  if (protocol !== PROTOCOL_TCP) burst.life[i] = protocol === PROTOCOL_UDP ? Life.UDP : Life.OTHER;
  else if (burst.l4[i] === 0 || (burst.flags[i] & Flag.ICMP_ERROR) !== 0) burst.life[i] = Life.TCP_REST;
  else burst.life[i] = tcpLife(u8[burst.l4[i] + TCP_FLAGS]);
}

/** The rule for a packet and an entry of this value (0: for one that is made). See image/lifetimes.ts. */
export function ruleOf({ words }: Image, life: number, value: number): number {
  return words[H.LIFETIMES + life + ((value & FlowState.MASK) >>> FlowState.SHIFT)];
}

/** Ticks that an entry lives on by a rule. */
export function ticksOf(rule: number): number {
  return rule & RULE_TICKS;
}

/** Value of an entry in the state that a rule leads to. */
export function inState(value: number, rule: number): number {
  return (value & ~FlowState.MASK) | (rule & FlowState.MASK);
}

/** Keep the entry at `at` as a packet wants that has this life. */
export function keepEntry(image: Image, table: FlowTable, at: number, life: number, now: number): void {
  const value = table.valueAt(at);
  const rule = ruleOf(image, life, value);
  table.refresh(at, (now + ticksOf(rule)) | 0);
  // Others may be reading: NAT sessions of all workers are open to all.
  if (((value ^ rule) & FlowState.MASK) !== 0) settle(table, at, inState(value, rule));
}
