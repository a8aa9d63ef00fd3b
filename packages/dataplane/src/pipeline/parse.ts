import type { FrameViews } from '@lb/encap';
import { B, type Burst, Flag, Life } from '../burst.js';
import { Verdict } from '../verdicts.js';
import { tcpLife } from './life.js';
import { parseFrame } from './parse-frame.js';

/**
 * Stage 1, parse: find the headers, check them, and take the flow's tuple out of every packet.
 *
 * The loop holds the common case only (untagged, unfragmented IPv4 without options, TCP or UDP); everything else goes
 * through {@link parseFrame}, which knows all cases, this one included. Both must agree: a test runs them side by side.
 */
export function createParse(burst: Burst, frames: FrameViews): () => void {
  return function parse() {
    const w = burst.words;
    const { i32 } = frames;
    const count = burst.count;
    let seen = 0;
    let longest = 0;
    for (let i = 0; i < count; i++) {
      const ip = w[B.OFFSET + i] + 14;
      const at = ip >> 2;
      // The words of the IPv4 header, read blindly: what they mean is decided below, with the length.
      const word0 = i32[at];
      const word1 = i32[at + 1];
      const word2 = i32[at + 2];
      const protocol = (word2 >>> 8) & 0xff;
      const total = ((word0 >>> 8) & 0xff00) | (word0 >>> 24);
      // TCP: length of its header, from the data offset. UDP: length of the datagram.
      const own = i32[at + (protocol === 6 ? 8 : 6)];
      const l4Bytes = protocol === 6 ? (own >>> 2) & 0x3c : ((own & 0xff) << 8) | ((own >>> 8) & 0xff);
      if (
        // EtherType 0x0800, version 4 with 20 bytes of header, neither offset nor more fragments; all raw.
        i32[at - 1] >>> 16 === 0x0008 &&
        (word0 & 0xff) === 0x45 &&
        (protocol === 17 || protocol === 6) &&
        ((word1 >>> 16) & 0xff3f) === 0 &&
        l4Bytes >= (protocol === 6 ? 20 : 8) &&
        l4Bytes + 20 <= total &&
        total + 14 <= w[B.LENGTH + i]
      ) {
        const src = i32[at + 3];
        const dst = i32[at + 4];
        let sum = (word0 & 0xffff) + (word0 >>> 16) + (word1 & 0xffff) + (word1 >>> 16) + (word2 & 0xffff);
        sum += (word2 >>> 16) + (src & 0xffff) + (src >>> 16) + (dst & 0xffff) + (dst >>> 16);
        sum = (sum & 0xffff) + (sum >>> 16);
        if ((sum & 0xffff) + (sum >>> 16) === 0xffff) {
          w[B.VERDICT + i] = Verdict.PENDING;
          w[B.FLAGS + i] = Flag.PORTS;
          w[B.IP + i] = ip;
          w[B.IP_LENGTH + i] = total;
          w[B.L4 + i] = ip + 20;
          w[B.PROTOCOL + i] = protocol;
          w[B.SRC + i] = src;
          w[B.DST + i] = dst;
          w[B.PORTS + i] = i32[at + 5];
          w[B.LIFE + i] = protocol === 6 ? tcpLife(own >>> 8) : Life.UDP;
          seen |= Flag.PORTS;
          if (total > longest) longest = total;
          continue;
        }
      }
      parseFrame(burst, frames, i);
      seen |= w[B.FLAGS + i];
      if (w[B.IP_LENGTH + i] > longest) longest = w[B.IP_LENGTH + i];
    }
    burst.seen = seen;
    burst.longest = longest;
    burst.reordered = false;
  };
}

/** Parse the packets listed in column B.MISSES, which another parser has left, and add to what the burst has seen. */
export function parseListed(burst: Burst, frames: FrameViews, listed: number): void {
  const w = burst.words;
  for (let k = 0; k < listed; k++) {
    const i = w[B.MISSES + k];
    parseFrame(burst, frames, i);
    burst.seen |= w[B.FLAGS + i];
    if (w[B.IP_LENGTH + i] > burst.longest) burst.longest = w[B.IP_LENGTH + i];
  }
}
