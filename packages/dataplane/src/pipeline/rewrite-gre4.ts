import { ETHERTYPE_IP4_RAW, encapGre4, encapGre4WithSource, type FrameViews, GRE4_OVERHEAD } from '@lb/encap';
import { B, type Burst } from '../burst.js';
import type { Image } from '../image/image.js';
import { A, EncapCode } from '../image/layout.js';
import { Reason, Verdict } from '../verdicts.js';
import { pushEthernet } from './next-hop.js';
import { spread } from './source-range.js';

/** The outer source in a template. */
const SOURCE = A.TEMPLATE + 3;
const MAX_INNER = 65535 - 24;

/** GRE over IPv4: the packet as it is behind an outer header and GRE; the Ethernet header moves to the front. */
export function createRewriteGre4(burst: Burst, frames: FrameViews): (image: Image) => void {
  return function rewriteGre4(image) {
    const w = burst.words;
    const { words, unsigned, ass } = image;
    const { u32 } = frames;
    const overhead = GRE4_OVERHEAD;
    const etherType = ETHERTYPE_IP4_RAW;
    const mask = image.source4Mask;
    const count = burst.count;
    for (let i = 0; i < count; i++) {
      if (w[B.VERDICT + i] !== Verdict.PENDING || w[B.ENCAP + i] !== EncapCode.GRE4) continue;
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
      if (mask === 0) encapGre4(u32, ip, bytes, unsigned, as + A.TEMPLATE);
      else
        encapGre4WithSource(u32, ip, bytes, unsigned, as + A.TEMPLATE, spread(words[as + SOURCE], mask, w[B.LO + i]));
      w[B.OFFSET + i] = eth - overhead;
      w[B.LENGTH + i] = ip - eth + overhead + bytes;
      w[B.VERDICT + i] = Verdict.FORWARD;
    }
  };
}
