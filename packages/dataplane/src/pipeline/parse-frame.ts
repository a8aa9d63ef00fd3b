import type { FrameViews } from '@lb/encap';
import type { Burst } from '../burst.js';
import { Reason, Verdict } from '../verdicts.js';
import { parseIp4 } from './parse-ip4.js';
import { parseIp6 } from './parse-ip6.js';

const MAX_TAGS = 2;

/** Parse one frame of any kind into the burst (see {@link Burst} for what is filled). */
export function parseFrame(burst: Burst, frames: FrameViews, i: number): void {
  const u8 = frames.u8;
  const eth = burst.offset[i];
  const end = eth + burst.length[i];
  burst.flags[i] = 0;
  burst.ip[i] = 0;
  burst.l4[i] = 0;
  burst.ports[i] = 0;
  burst.embeddedL4[i] = 0;
  burst.verdict[i] = Verdict.PENDING;
  let at = eth + 12;
  if (at + 2 > end) return drop(burst, i, Reason.ETHERNET_TRUNCATED);
  let type = (u8[at] << 8) | u8[at + 1];
  for (let tags = 0; type === 0x8100 || type === 0x88a8; tags++) {
    if (tags === MAX_TAGS) return punt(burst, i, Reason.NOT_IP);
    at += 4;
    if (at + 2 > end) return drop(burst, i, Reason.ETHERNET_TRUNCATED);
    type = (u8[at] << 8) | u8[at + 1];
  }
  const ip = at + 2;
  if (type === 0x0800) {
    if (ip >= end) return drop(burst, i, Reason.IPV4_TRUNCATED);
    if (u8[ip] >>> 4 !== 4) return drop(burst, i, Reason.IP_VERSION);
    parseIp4(burst, frames, i, ip, end);
  } else if (type === 0x86dd) {
    if (ip >= end) return drop(burst, i, Reason.IPV6_TRUNCATED);
    if (u8[ip] >>> 4 !== 6) return drop(burst, i, Reason.IP_VERSION);
    parseIp6(burst, frames, i, ip, end);
  } else {
    punt(burst, i, Reason.NOT_IP);
  }
}

export function drop(burst: Burst, i: number, reason: number): void {
  burst.verdict[i] = Verdict.DROP;
  burst.reason[i] = reason;
}

export function punt(burst: Burst, i: number, reason: number): void {
  burst.verdict[i] = Verdict.PUNT;
  burst.reason[i] = reason;
}
