import { B, type Burst } from '../burst.js';
import { AsCounter, type Counters, WorkerCounter } from '../counters.js';
import { Verdict } from '../verdicts.js';

/**
 * Last stage, forward: the counting of verdicts and of what goes to each AS.
 * @param received packets that came with this burst (the others had been held)
 */
export function createForward(burst: Burst, counters: Counters): (received: number) => void {
  return function forward(received) {
    const w = burst.words;
    const { values, assAt } = counters;
    const count = burst.count;
    let forwarded = 0;
    for (let i = 0; i < count; i++) {
      if (w[B.VERDICT + i] !== Verdict.FORWARD) {
        notForwarded(burst, values, i);
        continue;
      }
      forwarded++;
      const as = w[B.AS + i];
      // Return traffic has no AS to count for.
      if (as < 0) continue;
      const counter = assAt + as * AsCounter.COUNT;
      values[counter + AsCounter.PACKETS] += 1;
      values[counter + AsCounter.BYTES] += w[B.IP_LENGTH + i];
    }
    values[WorkerCounter.FORWARDED] += forwarded;
    values[WorkerCounter.RECEIVED] += received;
    values[WorkerCounter.BURSTS] += 1;
  };
}

/** Count the packets listed in column B.MISSES; the burst itself has been counted. */
export function forwardListed(burst: Burst, { values, assAt }: Counters, listed: number): void {
  for (let k = 0; k < listed; k++) {
    const i = burst.words[B.MISSES + k];
    if (burst.verdict[i] !== Verdict.FORWARD) {
      notForwarded(burst, values, i);
      continue;
    }
    values[WorkerCounter.FORWARDED] += 1;
    const as = burst.as[i];
    if (as < 0) continue;
    values[assAt + as * AsCounter.COUNT + AsCounter.PACKETS] += 1;
    values[assAt + as * AsCounter.COUNT + AsCounter.BYTES] += burst.ipLength[i];
  }
}

function notForwarded(burst: Burst, values: Float64Array, i: number): void {
  const verdict = burst.verdict[i];
  if (verdict === Verdict.DROP) {
    values[WorkerCounter.DROPPED] += 1;
    values[WorkerCounter.REASONS + burst.reason[i]] += 1;
  } else if (verdict === Verdict.PUNT) {
    values[WorkerCounter.PUNTED] += 1;
    values[WorkerCounter.REASONS + burst.reason[i]] += 1;
  } else if (verdict === Verdict.REPLY) {
    values[WorkerCounter.REPLIED] += 1;
  }
}
