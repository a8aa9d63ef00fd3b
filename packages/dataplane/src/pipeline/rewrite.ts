import {
  decrementTtl4,
  ETHERTYPE_IP4_RAW,
  ETHERTYPE_IP6_RAW,
  encapGre4,
  encapGre6,
  type FrameViews,
  moveEthernet,
  PROTOCOL_ICMP,
  rewriteL3dsr,
} from '@lb/encap';
import { B, type Burst, Flag } from '../burst.js';
import type { Image } from '../image/image.js';
import { A, EncapCode, V } from '../image/layout.js';
import { Reason, Verdict } from '../verdicts.js';
import { rewriteNat } from './rewrite-nat.js';

const GRE4_BYTES = 24;
const GRE6_BYTES = 44;
const MAX_GRE4_INNER = 65535 - GRE4_BYTES;
/** IPv6 counts its payload only: here the GRE header and the inner packet. */
const MAX_GRE6_INNER = 65535 - 4;

/**
 * Stage 7, rewrite: make of each packet what its AS expects. The frame's offset and length follow; Ethernet padding
 * behind the IP packet is left behind.
 */
export function rewrite(burst: Burst, image: Image, frames: FrameViews): void {
  const w = burst.words;
  const { words, unsigned, vips, ass } = image;
  const u32 = frames.u32;
  const count = burst.count;
  for (let i = 0; i < count; i++) {
    if (w[B.VERDICT + i] !== Verdict.PENDING) continue;
    const vip = vips + w[B.VIP + i] * V.WORDS;
    const as = ass + w[B.AS + i] * A.WORDS;
    const encap = words[vip + V.ENCAP];
    const eth = w[B.OFFSET + i];
    const ip = w[B.IP + i];
    const bytes = w[B.IP_LENGTH + i];
    if (encap === EncapCode.GRE4) {
      if (bytes > MAX_GRE4_INNER) {
        drop(w, i, Reason.ENCAP_TOO_BIG);
        continue;
      }
      pushEthernet(frames, eth, ip, GRE4_BYTES, ETHERTYPE_IP4_RAW);
      encapGre4(u32, ip, bytes, unsigned, as + A.TEMPLATE);
      w[B.OFFSET + i] = eth - GRE4_BYTES;
      w[B.LENGTH + i] = ip - eth + GRE4_BYTES + bytes;
    } else if (encap === EncapCode.GRE6) {
      if (bytes > MAX_GRE6_INNER) {
        drop(w, i, Reason.ENCAP_TOO_BIG);
        continue;
      }
      pushEthernet(frames, eth, ip, GRE6_BYTES, ETHERTYPE_IP6_RAW);
      encapGre6(u32, ip, bytes, unsigned, as + A.TEMPLATE);
      w[B.OFFSET + i] = eth - GRE6_BYTES;
      w[B.LENGTH + i] = ip - eth + GRE6_BYTES + bytes;
    } else {
      const reason =
        encap === EncapCode.L3DSR
          ? rewriteDsr(burst, words, frames, i, vip, as)
          : rewriteNat(burst, words, frames, i, vip, as);
      if (reason !== Reason.NONE) {
        drop(w, i, reason);
        continue;
      }
      w[B.LENGTH + i] = ip - eth + bytes;
    }
    w[B.VERDICT + i] = Verdict.FORWARD;
  }
}

function drop(w: Int32Array, i: number, reason: number): void {
  w[B.VERDICT + i] = Verdict.DROP;
  w[B.REASON + i] = reason;
}

/** Make room for an outer header of `bytes` (a multiple of 4) before `ip`: its last bytes lie where Ethernet was. */
function pushEthernet(frames: FrameViews, eth: number, ip: number, bytes: number, etherTypeRaw: number): void {
  const { u16, i32 } = frames;
  if (ip - eth !== 14) {
    moveEthernet(u16, eth, eth - bytes, ip - eth, etherTypeRaw);
    return;
  }
  // Untagged: two bytes, then words (the header starts 2 bytes before a word boundary).
  const from = (eth + 2) >> 2;
  const to = from - (bytes >> 2);
  u16[(eth - bytes) >> 1] = u16[eth >> 1];
  i32[to] = i32[from];
  i32[to + 1] = i32[from + 1];
  i32[to + 2] = (i32[from + 2] & 0xffff) | (etherTypeRaw << 16);
}

function rewriteDsr(burst: Burst, words: Int32Array, frames: FrameViews, i: number, vip: number, as: number): number {
  const { u8, u16, u32 } = frames;
  const ip = burst.ip[i];
  if (u8[ip + 8] <= 1) return Reason.TTL_EXPIRED;
  const protocol = (burst.flags[i] & Flag.ICMP_ERROR) !== 0 ? PROTOCOL_ICMP : burst.protocol[i];
  rewriteL3dsr(u16, u32, ip, burst.l4[i], protocol, words[as + A.ADDRESS], words[vip + V.DSCP]);
  decrementTtl4(u16, ip);
  return Reason.NONE;
}
