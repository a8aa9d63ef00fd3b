import { decrementTtl4, type FrameViews, PROTOCOL_ICMP, rewriteL3dsr } from '@lb/encap';
import { B, type Burst, Flag } from '../burst.js';
import type { Image } from '../image/image.js';
import { A, EncapCode, V } from '../image/layout.js';
import { Verdict } from '../verdicts.js';
import { setNextHop } from './next-hop.js';

/** L3DSR: the AS as destination, the VIP told by DSCP. Counts as a hop. */
export function createRewriteDsr(burst: Burst, frames: FrameViews): (image: Image) => void {
  return function rewriteDsr(image) {
    const w = burst.words;
    const { words, vips, ass } = image;
    const { u16, u32 } = frames;
    const icmp = PROTOCOL_ICMP;
    const count = burst.count;
    for (let i = 0; i < count; i++) {
      if (w[B.VERDICT + i] !== Verdict.PENDING || w[B.ENCAP + i] !== EncapCode.L3DSR) continue;
      const ip = w[B.IP + i];
      // The column holds the flow's protocol, which for an ICMP error is that of the embedded packet.
      const protocol = (w[B.FLAGS + i] & Flag.ICMP_ERROR) !== 0 ? icmp : w[B.PROTOCOL + i];
      const as = ass + w[B.AS + i] * A.WORDS;
      const dscp = words[vips + w[B.VIP + i] * V.WORDS + V.DSCP];
      rewriteL3dsr(u16, u32, ip, w[B.L4 + i], protocol, words[as + A.ADDRESS], dscp);
      decrementTtl4(u16, ip);
      setNextHop(frames, words, as, w[B.OFFSET + i]);
      w[B.LENGTH + i] = ip - w[B.OFFSET + i] + w[B.IP_LENGTH + i];
      w[B.VERDICT + i] = Verdict.FORWARD;
    }
  };
}
