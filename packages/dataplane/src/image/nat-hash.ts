import { rawWord } from '@lb/core';
import { N, placeOf } from './layout.js';
import type { AsPlacement, Placement } from './placement.js';
import { hashPlaces, rawPort } from './port-hash.js';
import type { VipSpec } from './spec.js';

/** Build the NAT return hash: all that may answer for a NAT VIP, ASs that left the configuration included. */
export function buildNatHash(vips: readonly VipSpec[], placement: Placement): { words: Uint32Array; mask: number } {
  const servers = vips.flatMap((vip) => vip.ass.map((as) => ({ vip, as })));
  const keys = new Map<string, readonly number[]>();
  for (const server of [...servers, ...placement.lingering]) {
    for (const key of keysOf(server)) keys.set(key.join(' '), key);
  }
  const mask = hashPlaces(keys.size) - 1;
  const words = new Uint32Array((mask + 1) * N.WORDS);
  for (const key of keys.values()) {
    let place = placeOf(key[0] ^ key[1] ^ key[2] ^ key[3], key[N.TAIL], mask);
    while (words[place * N.WORDS + N.TAIL] !== 0) place = (place + 1) & mask;
    words.set(key, place * N.WORDS);
  }
  return { words, mask };
}

/** Keys of an AS of a NAT VIP: one for each protocol the VIP serves. */
function keysOf({ vip, as }: Omit<AsPlacement, 'slot'>): number[][] {
  if (vip.encap !== 'nat4' && vip.encap !== 'nat6') return [];
  const { bytes, family } = as.address;
  const address = [0, 4, 8, 12].map((at) => (at < bytes.length ? rawWord(bytes, at) : 0));
  const protocols = vip.protocol === 0 ? [6, 17] : [vip.protocol];
  return protocols.map((protocol) => [...address, rawPort(vip.targetPort) | (protocol << 16) | (family << 24)]);
}
