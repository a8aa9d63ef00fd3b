import {
  decrementHopLimit6,
  decrementTtl4,
  type FrameViews,
  natIcmpError4,
  natIcmpError6,
  natIp4,
  natIp6,
} from '@lb/encap';
import { B, type Burst, Flag } from '../burst.js';
import type { Image } from '../image/image.js';
import { A, EncapCode, V } from '../image/layout.js';
import { Verdict } from '../verdicts.js';
import { SIDE_DESTINATION, SIDE_SOURCE } from './nat-sides.js';
import { setNextHop } from './next-hop.js';

/**
 * NAT towards the AS: destination address and port, the client's port where another flow has taken it on that AS;
 * inside ICMP errors also the embedded packet. Counts as a hop.
 */
export function createRewriteNat(burst: Burst, frames: FrameViews): (image: Image) => void {
  return function rewriteNat(image) {
    const w = burst.words;
    const { words, vips, ass } = image;
    const { u8, u16 } = frames;
    const count = burst.count;
    for (let i = 0; i < count; i++) {
      if (w[B.VERDICT + i] !== Verdict.PENDING || w[B.ENCAP + i] < EncapCode.NAT4) continue;
      const six = (w[B.FLAGS + i] & Flag.IPV6) !== 0;
      const ip = w[B.IP + i];
      const as = ass + w[B.AS + i] * A.WORDS;
      const address = as + A.ADDRESS;
      const port = words[vips + w[B.VIP + i] * V.WORDS + V.TARGET_PORT];
      // A later fragment of an error has nothing embedded.
      const error = (w[B.FLAGS + i] & Flag.ICMP_ERROR) !== 0 && w[B.L4 + i] !== 0;
      if (error) translateError(burst, words, frames, i, six, address, port);
      else translatePacket(burst, words, frames, i, six, address, port);
      if (six) decrementHopLimit6(u8, ip);
      else decrementTtl4(u16, ip);
      setNextHop(frames, words, as, w[B.OFFSET + i]);
      w[B.LENGTH + i] = ip - w[B.OFFSET + i] + w[B.IP_LENGTH + i];
      w[B.VERDICT + i] = Verdict.FORWARD;
    }
  };
}

function translatePacket(
  burst: Burst,
  words: Int32Array,
  frames: FrameViews,
  i: number,
  six: boolean,
  address: number,
  port: number,
): void {
  const { u16, u32 } = frames;
  const ip = burst.ip[i];
  const l4 = burst.l4[i];
  const protocol = burst.protocol[i];
  const targetPort = l4 === 0 ? -1 : port;
  const clientPort = l4 === 0 || burst.clientPort[i] === (burst.ports[i] & 0xffff) ? -1 : burst.clientPort[i];
  if (!six) {
    natIp4(u16, u32, ip, l4, protocol, SIDE_DESTINATION, words[address], targetPort);
    if (clientPort >= 0) natIp4(u16, u32, ip, l4, protocol, SIDE_SOURCE, burst.src[i], clientPort);
    return;
  }
  // biome-ignore format: the address on one line
  natIp6(u16, u32, ip, l4, protocol, SIDE_DESTINATION,
    words[address], words[address + 1], words[address + 2], words[address + 3], targetPort);
  if (clientPort >= 0) {
    const s = (ip + 8) >>> 2;
    natIp6(u16, u32, ip, l4, protocol, SIDE_SOURCE, u32[s], u32[s + 1], u32[s + 2], u32[s + 3], clientPort);
  }
}

/** An ICMP error about a packet that left as VIP:port: the AS must find its own address and port in it. */
function translateError(
  burst: Burst,
  words: Int32Array,
  frames: FrameViews,
  i: number,
  six: boolean,
  address: number,
  port: number,
): void {
  const { u16, u32 } = frames;
  const ip = burst.ip[i];
  const icmp = burst.l4[i];
  const length = burst.ipLength[i];
  const embedded = burst.embeddedIp[i];
  const l4 = burst.embeddedL4[i];
  const protocol = burst.protocol[i];
  const end = ip + length;
  const clientPort = burst.clientPort[i];
  const changed = clientPort !== (burst.ports[i] & 0xffff);
  if (!six) {
    const to = words[address];
    natIcmpError4(u16, u32, ip, icmp, length, SIDE_DESTINATION, true, to, to, port, embedded, l4, protocol, end);
    if (changed) {
      const client = burst.src[i];
      natIcmpError4(u16, u32, ip, icmp, length, SIDE_SOURCE, false, 0, client, clientPort, embedded, l4, protocol, end);
    }
    return;
  }
  const w0 = words[address];
  const w1 = words[address + 1];
  const w2 = words[address + 2];
  const w3 = words[address + 3];
  // biome-ignore format: one address to a group
  natIcmpError6(u16, u32, ip, icmp, length, SIDE_DESTINATION, true, w0, w1, w2, w3, w0, w1, w2, w3, port,
    embedded, l4, protocol, end);
  if (changed) {
    const c = burst.src[i] >>> 2;
    // biome-ignore format: as above
    natIcmpError6(u16, u32, ip, icmp, length, SIDE_SOURCE, false, 0, 0, 0, 0, u32[c], u32[c + 1], u32[c + 2], u32[c + 3],
      clientPort, embedded, l4, protocol, end);
  }
}
