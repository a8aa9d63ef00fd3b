import { type FlowTable, flowHash6, flowHashColumn4 } from '@lb/core';
import type { FrameViews } from '@lb/encap';
import { B, type Burst, Flag, Life } from '../burst.js';
import type { Image } from '../image/image.js';
import { ImageFlag, V, VipFlag } from '../image/layout.js';
import { Verdict } from '../verdicts.js';

/**
 * Stage 4, hash: the 64-bit identity of every packet's flow, and its first line in the flow table. The columns are
 * hashed as IPv4 without looking; IPv6 packets, if there are any, are done again.
 */
export function createHash(burst: Burst, frames: FrameViews, flows: FlowTable): (image: Image) => void {
  return function hash(image) {
    const w = burst.words;
    const { seed0, seed1 } = image;
    const count = burst.count;
    let ports: number = B.PORTS;
    let protocol: number = B.PROTOCOL;
    if ((image.flags & ImageFlag.HAS_STICKY) !== 0) {
      stickyColumns(burst, image);
      ports = B.ID_PORTS;
      protocol = B.ID_PROTOCOL;
    }
    flowHashColumn4(w, count, seed0, seed1, B.SRC, B.DST, ports, protocol, B.LO, B.HI);
    if ((burst.seen & Flag.IPV6) !== 0) {
      for (let i = 0; i < count; i++) {
        if ((w[B.FLAGS + i] & Flag.IPV6) === 0 || w[B.VERDICT + i] !== Verdict.PENDING) continue;
        const src = w[B.SRC + i] >>> 2;
        const dst = w[B.DST + i] >>> 2;
        flowHash6(seed0, seed1, frames.i32, src, dst, w[ports + i], w[protocol + i], w, B.LO + i, B.HI + i);
      }
    }
    flows.firstLineColumn(w, count, B.LO, B.HI, B.LINE);
  };
}

/** What identifies flows where some VIP is src_ip_sticky. */
function stickyColumns(burst: Burst, image: Image): void {
  const w = burst.words;
  for (let i = 0; i < burst.count; i++) {
    if (w[B.VERDICT + i] !== Verdict.PENDING) continue;
    const flags = image.words[image.vips + w[B.VIP + i] * V.WORDS + V.FLAGS];
    w[B.ID_PORTS + i] = identityPorts(flags, w[B.PORTS + i]);
    w[B.ID_PROTOCOL + i] = identityProtocol(flags, w[B.PROTOCOL + i]);
    w[B.ID_LIFE + i] = identityLife(flags, w[B.LIFE + i]);
  }
}

/**
 * The ports that identify a flow, of its raw ports: with src_ip_sticky those of the VIP alone, so that a client has one
 * AS there, and another entry with the VIP of another port of the same address.
 * @param flags VipFlag bits of its VIP
 */
export function identityPorts(flags: number, ports: number): number {
  if ((flags & VipFlag.STICKY) === 0) return ports;
  return (flags & VipFlag.PER_PORT) !== 0 ? ports & 0xffff0000 : 0;
}

/** The protocol that identifies a flow: with src_ip_sticky only where it tells VIPs apart. */
export function identityProtocol(flags: number, protocol: number): number {
  return (flags & (VipFlag.STICKY | VipFlag.ONE_PROTOCOL)) === VipFlag.STICKY ? 0 : protocol;
}

/**
 * What a packet means to the entry of a VIP with these VipFlag bits. Where all of a client's flows share one, nothing of
 * a single one ends or moves it.
 */
export function identityLife(flags: number, life: number): number {
  if ((flags & VipFlag.STICKY) === 0) return life;
  if ((flags & VipFlag.ONE_PROTOCOL) === 0) return Life.SHARED;
  return life < Life.TCP_REST ? life : Life.SHARED_TCP;
}

/** Whether a VIP ignores ports. */
export function isSticky(image: Image, vip: number): boolean {
  return (image.words[image.vips + vip * V.WORDS + V.FLAGS] & VipFlag.STICKY) !== 0;
}

/**
 * Touch the flow-table line of every packet, and nothing else: so small a loop keeps many cache misses in flight at
 * once, which the resolving loop cannot. The sum is returned so that the loads are not optimised away.
 */
export function createTouch(burst: Burst, flows: FlowTable): () => number {
  return function touch() {
    const w = burst.words;
    const { words } = flows;
    const count = burst.count;
    let sum = 0;
    for (let i = 0; i < count; i++) sum = (sum + words[w[B.LINE + i]]) | 0;
    return sum;
  };
}
