import { type FrameViews, replyEcho4, replyEcho6, swapMac } from '@lb/encap';
import { B, type Burst, Flag } from '../burst.js';
import { AsCounter, type Counters, WorkerCounter } from '../counters.js';
import type { Image } from '../image/image.js';
import { A } from '../image/layout.js';
import { Verdict } from '../verdicts.js';

/**
 * Stage 8, forward: Ethernet addresses of the next hop where it is known (else they stay as they came), answers to
 * echo requests, and the counting of verdicts.
 * @param received packets that came with this burst (the others had been held)
 */
export function forward(burst: Burst, image: Image, frames: FrameViews, counters: Counters, received: number): void {
  const w = burst.words;
  const { words, ass } = image;
  const { u16, i32 } = frames;
  const { values, assAt } = counters;
  const count = burst.count;
  let forwarded = 0;
  for (let i = 0; i < count; i++) {
    if (w[B.VERDICT + i] !== Verdict.FORWARD) {
      notForwarded(burst, frames, values, i);
      continue;
    }
    forwarded++;
    const as = w[B.AS + i];
    // Return traffic has no AS to count for.
    if (as < 0) continue;
    const counter = assAt + as * AsCounter.COUNT;
    values[counter + AsCounter.PACKETS] += 1;
    values[counter + AsCounter.BYTES] += w[B.IP_LENGTH + i];
    const server = ass + as * A.WORDS;
    if (words[server + A.NEXT_HOP] === 0) continue;
    const eth = w[B.OFFSET + i];
    const at = (eth + 2) >> 2;
    const mac1 = words[server + A.MAC + 1];
    // The header starts 2 bytes before a word boundary: half a word, two words, half a word.
    u16[eth >> 1] = words[server + A.MAC];
    i32[at] = (words[server + A.MAC] >>> 16) | (mac1 << 16);
    i32[at + 1] = (mac1 >>> 16) | (words[server + A.MAC + 2] << 16);
    u16[(eth + 10) >> 1] = words[server + A.MAC + 2] >>> 16;
  }
  values[WorkerCounter.FORWARDED] += forwarded;
  values[WorkerCounter.RECEIVED] += received;
  values[WorkerCounter.BURSTS] += 1;
}

function notForwarded(burst: Burst, frames: FrameViews, values: Float64Array, i: number): void {
  const verdict = burst.verdict[i];
  if (verdict === Verdict.DROP) {
    values[WorkerCounter.DROPPED] += 1;
    values[WorkerCounter.REASONS + burst.reason[i]] += 1;
  } else if (verdict === Verdict.PUNT) {
    values[WorkerCounter.PUNTED] += 1;
    values[WorkerCounter.REASONS + burst.reason[i]] += 1;
  } else if (verdict === Verdict.REPLY) {
    values[WorkerCounter.REPLIED] += 1;
    answerEcho(burst, frames, i);
  }
}

function answerEcho(burst: Burst, frames: FrameViews, i: number): void {
  const { u16, u32 } = frames;
  const ip = burst.ip[i];
  if ((burst.flags[i] & Flag.IPV6) === 0) replyEcho4(u16, u32, ip, burst.l4[i]);
  else replyEcho6(u16, u32, ip, burst.l4[i]);
  swapMac(u16, burst.offset[i]);
  burst.length[i] = ip - burst.offset[i] + burst.ipLength[i];
}
