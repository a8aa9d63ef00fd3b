import { decrementTtl4, type FrameViews, natIp4 } from '@lb/encap';
import { B, type Burst, Flag } from '../burst.js';
import type { Image } from '../image/image.js';
import { A, EncapCode, V } from '../image/layout.js';
import { Verdict } from '../verdicts.js';
import { SIDE_DESTINATION } from './nat-sides.js';
import { setNextHop } from './next-hop.js';

/**
 * NAT4, the ordinary case only: no ICMP error, client port unchanged. Everything else stays pending for
 * {@link createRewriteNat}, which knows all cases.
 */
export function createRewriteNat4(burst: Burst, frames: FrameViews): (image: Image) => void {
  return function rewriteNat4(image) {
    const w = burst.words;
    const { words, vips, ass } = image;
    const { u16, u32 } = frames;
    const side = SIDE_DESTINATION;
    const count = burst.count;
    for (let i = 0; i < count; i++) {
      if (w[B.VERDICT + i] !== Verdict.PENDING || w[B.ENCAP + i] !== EncapCode.NAT4) continue;
      const ip = w[B.IP + i];
      const usual = (w[B.FLAGS + i] & Flag.ICMP_ERROR) === 0 && w[B.CLIENT_PORT + i] === (w[B.PORTS + i] & 0xffff);
      if (!usual) continue;
      const as = ass + w[B.AS + i] * A.WORDS;
      const l4 = w[B.L4 + i];
      const port = l4 === 0 ? -1 : words[vips + w[B.VIP + i] * V.WORDS + V.TARGET_PORT];
      natIp4(u16, u32, ip, l4, w[B.PROTOCOL + i], side, words[as + A.ADDRESS], port);
      decrementTtl4(u16, ip);
      setNextHop(frames, words, as, w[B.OFFSET + i]);
      w[B.LENGTH + i] = ip - w[B.OFFSET + i] + w[B.IP_LENGTH + i];
      w[B.VERDICT + i] = Verdict.FORWARD;
    }
  };
}
