import type { FrameViews } from '@lb/encap';
import type { Burst } from '../burst.js';
import type { Image } from '../image/image.js';
import { EncapCode } from '../image/layout.js';
import { createRewriteDsr } from './rewrite-dsr.js';
import { createRewriteGre4 } from './rewrite-gre4.js';
import { createRewriteGre6 } from './rewrite-gre6.js';
import { createRewriteNat } from './rewrite-nat.js';
import { createRewriteNat4 } from './rewrite-nat4.js';

/**
 * Stage 7, rewrite: make of each packet what its AS expects. The frame's offset and length follow; Ethernet padding
 * behind the IP packet is left behind. One loop per encap, each over the whole burst: in one loop for all V8 stops
 * inlining half way (docs/performance.md).
 */
export function createRewrite(burst: Burst, frames: FrameViews): (image: Image) => void {
  const rewriteGre4 = createRewriteGre4(burst, frames);
  const rewriteGre6 = createRewriteGre6(burst, frames);
  const rewriteDsr = createRewriteDsr(burst, frames);
  const rewriteNat4 = createRewriteNat4(burst, frames);
  const rewriteNat = createRewriteNat(burst, frames);
  return function rewrite(image) {
    const { encaps } = burst;
    if ((encaps & (1 << EncapCode.GRE4)) !== 0) rewriteGre4(image);
    if ((encaps & (1 << EncapCode.GRE6)) !== 0) rewriteGre6(image);
    if ((encaps & (1 << EncapCode.L3DSR)) !== 0) rewriteDsr(image);
    if ((encaps & (1 << EncapCode.NAT4)) !== 0) rewriteNat4(image);
    if ((encaps & ((1 << EncapCode.NAT4) | (1 << EncapCode.NAT6))) !== 0) rewriteNat(image);
  };
}
