import { type FrameViews, replyEcho4, replyEcho6, swapMac } from '@lb/encap';
import { type Burst, Flag } from '../burst.js';
import { Verdict } from '../verdicts.js';

/** Turn packet `i`, an echo request, into its answer, back to where it came from. */
export function answerEcho(burst: Burst, frames: FrameViews, i: number): void {
  const { u16, u32 } = frames;
  const ip = burst.ip[i];
  if ((burst.flags[i] & Flag.IPV6) === 0) replyEcho4(u16, u32, ip, burst.l4[i]);
  else replyEcho6(u16, u32, ip, burst.l4[i]);
  swapMac(u16, burst.offset[i]);
  burst.length[i] = ip - burst.offset[i] + burst.ipLength[i];
  burst.verdict[i] = Verdict.REPLY;
}
