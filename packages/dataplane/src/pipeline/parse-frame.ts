import type { FrameViews } from '@lb/encap';
import type { Burst } from '../burst.js';
import { isPunt, Reason, Verdict } from '../verdicts.js';
import { noteLife } from './life.js';
import { parseIp4 } from './parse-ip4.js';
import { parseIp6 } from './parse-ip6.js';

const MAX_TAGS = 2;

/** Parse one frame of any kind into the burst (see burst.ts for what is filled), verdict included. */
export function parseFrame(burst: Burst, frames: FrameViews, i: number): void {
  burst.flags[i] = 0;
  burst.ip[i] = 0;
  burst.ipLength[i] = 0;
  burst.l4[i] = 0;
  burst.ports[i] = 0;
  burst.protocol[i] = 0;
  burst.embeddedL4[i] = 0;
  const reason = parseEthernet(burst, frames, i);
  burst.reason[i] = reason;
  noteLife(burst, frames, i);
  if (reason === Reason.NONE) burst.verdict[i] = Verdict.PENDING;
  else burst.verdict[i] = isPunt(reason) ? Verdict.PUNT : Verdict.DROP;
}

/** Returns Reason.NONE, or why the packet goes no further. */
function parseEthernet(burst: Burst, frames: FrameViews, i: number): number {
  const u8 = frames.u8;
  const eth = burst.offset[i];
  const end = eth + burst.length[i];
  let at = eth + 12;
  if (at + 2 > end) return Reason.ETHERNET_TRUNCATED;
  let type = (u8[at] << 8) | u8[at + 1];
  for (let tags = 0; type === 0x8100 || type === 0x88a8; tags++) {
    if (tags === MAX_TAGS) return Reason.NOT_IP;
    at += 4;
    if (at + 2 > end) return Reason.ETHERNET_TRUNCATED;
    type = (u8[at] << 8) | u8[at + 1];
  }
  const ip = at + 2;
  if (type === 0x0800) {
    if (ip >= end) return Reason.IPV4_TRUNCATED;
    return u8[ip] >>> 4 === 4 ? parseIp4(burst, frames, i, ip, end) : Reason.IP_VERSION;
  }
  if (type !== 0x86dd) return Reason.NOT_IP;
  if (ip >= end) return Reason.IPV6_TRUNCATED;
  return u8[ip] >>> 4 === 6 ? parseIp6(burst, frames, i, ip, end) : Reason.IP_VERSION;
}
