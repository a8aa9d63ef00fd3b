import { ETHERTYPE_IP6_RAW, encapGre6, type FrameViews, GRE6_OVERHEAD } from '@lb/encap';
import { B, type Burst } from '../burst.js';
import type { Image } from '../image/image.js';
import { A, EncapCode } from '../image/layout.js';
import { Reason, Verdict } from '../verdicts.js';
import { pushEthernet } from './next-hop.js';
import { spread } from './source-range.js';

/** The last word of the outer source in a template. */
const SOURCE = A.TEMPLATE + 5;
/** IPv6 counts its payload only: here the 4 bytes of GRE and the inner packet. */
const MAX_INNER = 65535 - 4;

/** GRE over IPv6: the packet as it is behind an outer header and GRE; the Ethernet header moves to the front. */
export function createRewriteGre6(burst: Burst, frames: FrameViews): (image: Image) => void {
  return function rewriteGre6(image) {
    const w = burst.words;
    const { words, unsigned, ass } = image;
    const { u32 } = frames;
    const overhead = GRE6_OVERHEAD;
    const etherType = ETHERTYPE_IP6_RAW;
    const mask = image.source6Mask;
    const count = burst.count;
    for (let i = 0; i < count; i++) {
      if (w[B.VERDICT + i] !== Verdict.PENDING || w[B.ENCAP + i] !== EncapCode.GRE6) continue;
      const bytes = w[B.IP_LENGTH + i];
      if (bytes > MAX_INNER) {
        w[B.VERDICT + i] = Verdict.DROP;
        w[B.REASON + i] = Reason.ENCAP_TOO_BIG;
        continue;
      }
      const as = ass + w[B.AS + i] * A.WORDS;
      const eth = w[B.OFFSET + i];
      const ip = w[B.IP + i];
      // Ethernet first: the outer header is written over its old place.
      pushEthernet(frames, words, as, eth, ip, overhead, etherType);
      encapGre6(u32, ip, bytes, unsigned, as + A.TEMPLATE);
      // The last word of the outer source, which no checksum covers.
      if (mask !== 0) u32[(ip - 24) >>> 2] = spread(words[as + SOURCE], mask, w[B.LO + i]);
      w[B.OFFSET + i] = eth - overhead;
      w[B.LENGTH + i] = ip - eth + overhead + bytes;
      w[B.VERDICT + i] = Verdict.FORWARD;
    }
  };
}
