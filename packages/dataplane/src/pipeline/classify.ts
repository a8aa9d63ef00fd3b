import { lookupLpm4, lookupLpm6 } from '@lb/core';
import type { FrameViews } from '@lb/encap';
import { B, type Burst, Flag } from '../burst.js';
import type { Image } from '../image/image.js';
import { EncapCode, P, Port, PREFIX_PER_PORT, placeOf, V } from '../image/layout.js';
import { Reason, Verdict } from '../verdicts.js';
import { answerEcho } from './echo.js';
import { PROTOCOL_ICMP, PROTOCOL_ICMP6, PROTOCOL_TCP } from './protocols.js';

/** Number of the longest prefix holding packet `i`'s destination, or -1. */
export function lookupPrefix(image: Image, burst: Burst, frames: FrameViews, i: number): number {
  if ((burst.flags[i] & Flag.IPV6) === 0) return lookupLpm4(image.unsigned, image.lpm4, burst.dst[i]);
  const { i32 } = frames;
  const at = burst.dst[i] >>> 2;
  // Signed: an unsigned word from 2^31 on would be a number on the heap.
  return lookupLpm6(image.unsigned, image.lpm6, i32[at], i32[at + 1], i32[at + 2], i32[at + 3]);
}

/**
 * Stage 3, classify: which VIP a packet is for. Longest prefix first, then protocol and port; a packet for a per-port
 * VIP's prefix with another port is not balanced, whatever shorter prefix there is.
 */
export function createClassify(burst: Burst, frames: FrameViews): (image: Image) => void {
  return function classify(image) {
    const w = burst.words;
    const { words, unsigned, lpm4, prefixes, vips } = image;
    const count = burst.count;
    let encaps = 0;
    for (let i = 0; i < count; i++) {
      if (w[B.VERDICT + i] !== Verdict.PENDING) continue;
      const prefix =
        (w[B.FLAGS + i] & Flag.IPV6) === 0
          ? lookupLpm4(unsigned, lpm4, w[B.DST + i])
          : lookupPrefix(image, burst, frames, i);
      if (prefix < 0) {
        w[B.VERDICT + i] = Verdict.PUNT;
        w[B.REASON + i] = Reason.NO_VIP;
        continue;
      }
      const owner = words[prefixes + prefix * P.WORDS];
      const vip = owner === PREFIX_PER_PORT ? classifyPort(burst, image, frames, i, prefix) : owner;
      if (vip < 0) continue;
      const encap = words[vips + vip * V.WORDS + V.ENCAP];
      // Those that count as a hop: before select, so that what is not sent leaves no flow behind.
      if (encap >= EncapCode.L3DSR && isExpired(frames.u8, w[B.IP + i], w[B.FLAGS + i])) {
        w[B.VERDICT + i] = Verdict.DROP;
        w[B.REASON + i] = Reason.TTL_EXPIRED;
        continue;
      }
      // The transport checksum is over the final destination, which is not the one that NAT would change.
      if (encap === EncapCode.NAT6 && (w[B.FLAGS + i] & Flag.SOURCE_ROUTED) !== 0) {
        w[B.VERDICT + i] = Verdict.DROP;
        w[B.REASON + i] = Reason.NAT_ROUTING_HEADER;
        continue;
      }
      w[B.VIP + i] = vip;
      w[B.ENCAP + i] = encap;
      encaps |= 1 << encap;
    }
    burst.encaps = encaps;
  };
}

/** Whether a router may not forward a packet with this TTL or hop limit. */
function isExpired(u8: Uint8Array, ip: number, flags: number): boolean {
  return u8[ip + ((flags & Flag.IPV6) !== 0 ? 7 : 8)] <= 1;
}

/** VIP slot for a packet whose prefix belongs to per-port VIPs; -1 when there is none and the verdict is set. */
function classifyPort(burst: Burst, image: Image, frames: FrameViews, i: number, prefix: number): number {
  const { words, portsAt, portsMask } = image;
  const flags = burst.flags[i];
  if ((flags & Flag.PORTS) !== 0) {
    const key = prefix | (burst.protocol[i] === PROTOCOL_TCP ? Port.PROTOCOL_TCP : Port.PROTOCOL_UDP);
    const port = burst.ports[i] >>> 16;
    for (let place = placeOf(key, port, portsMask); ; place = (place + 1) & portsMask) {
      const at = portsAt + place * Port.WORDS;
      const owner = words[at + Port.VIP];
      if (owner === 0) break;
      if (words[at + Port.KEY] !== key || (words[at + Port.PORT] & 0xffff) !== port) continue;
      if ((words[at + Port.PORT] & Port.NODE_PORT) !== 0) burst.flags[i] = flags | Flag.NODE_PORT;
      return owner - 1;
    }
  }
  const node = words[image.prefixes + prefix * P.WORDS + P.NODE] !== 0;
  if (!node && (flags & Flag.ECHO_REQUEST) !== 0) {
    answerEcho(burst, frames, i);
    return -1;
  }
  burst.verdict[i] = Verdict.PUNT;
  if (node) burst.reason[i] = Reason.NO_VIP;
  else burst.reason[i] = isFragmentedIcmp(burst, i) ? Reason.ECHO_FRAGMENT : Reason.OTHER_PORT;
  return -1;
}

/** An answer to a fragmented echo request would need reassembly, which is the kernel's business. */
function isFragmentedIcmp(burst: Burst, i: number): boolean {
  const protocol = burst.protocol[i];
  const fragment = (burst.flags[i] & (Flag.FRAGMENT_FIRST | Flag.FRAGMENT_LATER)) !== 0;
  return fragment && (protocol === PROTOCOL_ICMP || protocol === PROTOCOL_ICMP6);
}
