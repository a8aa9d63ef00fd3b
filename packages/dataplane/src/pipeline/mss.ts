import { clampMss, type FrameViews } from '@lb/encap';
import { type Burst, Flag } from '../burst.js';
import type { Image } from '../image/image.js';
import { V } from '../image/layout.js';
import { Verdict } from '../verdicts.js';
import { PROTOCOL_TCP } from './protocols.js';

/** Lower the maximum segment size in SYN segments to VIPs that clamp it. Runs only if some VIP does. */
export function clampBurst(burst: Burst, image: Image, frames: FrameViews): void {
  for (let i = 0; i < burst.count; i++) if (burst.verdict[i] === Verdict.PENDING) clampPacket(burst, image, frames, i);
}

/** The same for one packet of a VIP, in either direction. */
export function clampPacket(burst: Burst, image: Image, frames: FrameViews, i: number): void {
  const mss = image.words[image.vips + burst.vip[i] * V.WORDS + V.MSS];
  if (mss === 0 || burst.protocol[i] !== PROTOCOL_TCP || burst.l4[i] === 0) return;
  if ((burst.flags[i] & Flag.ICMP_ERROR) === 0) {
    clampMss(frames.u8, frames.u16, burst.l4[i], burst.ip[i] + burst.ipLength[i], mss);
  }
}
