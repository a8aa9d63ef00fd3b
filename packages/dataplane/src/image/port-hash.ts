import type { Address } from '@lb/core';
import { Port, placeOf } from './layout.js';
import type { Placement } from './placement.js';
import { hostPrefix, type PrefixSet } from './prefix-set.js';
import type { VipSpec } from './spec.js';

/** A port number as the raw 16-bit word of a header field. */
export function rawPort(port: number): number {
  return ((port & 0xff) << 8) | (port >>> 8);
}

/** Places for `count` entries at most half full: a power of two, at least 2. */
export function hashPlaces(count: number): number {
  let places = 2;
  while (places < count * 2) places *= 2;
  return places;
}

/** Build the port hash: per-port VIPs by prefix, protocol and port, and their node ports by node address. */
export function buildPortHash(
  vips: readonly VipSpec[],
  prefixes: PrefixSet,
  placement: Placement,
  nodeAddress: (vip: VipSpec) => Address | undefined,
): { words: Uint32Array; mask: number } {
  const entries: { key: number; port: number; flags: number; vip: number }[] = [];
  for (const vip of vips) {
    if (vip.port === 0) continue;
    const node = nodeAddress(vip);
    for (const protocol of protocolBits(vip)) {
      const slot = placement.vipSlot(vip);
      entries.push({ key: prefixes.numberOf(vip.prefix) | protocol, port: rawPort(vip.port), flags: 0, vip: slot });
      if (vip.nodePort === 0 || node === undefined) continue;
      const key = prefixes.numberOf(hostPrefix(node)) | protocol;
      entries.push({ key, port: rawPort(vip.nodePort), flags: Port.NODE_PORT, vip: slot });
    }
  }
  const mask = hashPlaces(entries.length) - 1;
  const words = new Uint32Array((mask + 1) * Port.WORDS);
  for (const { key, port, flags, vip } of entries) {
    let place = placeOf(key, port, mask);
    while (words[place * Port.WORDS + Port.VIP] !== 0) place = (place + 1) & mask;
    words.set([key, port | flags, vip + 1], place * Port.WORDS);
  }
  return { words, mask };
}

/** Protocols a per-port VIP serves, as they stand in a key. */
function protocolBits(vip: VipSpec): number[] {
  if (vip.protocol === 6) return [Port.PROTOCOL_TCP];
  return vip.protocol === 17 ? [Port.PROTOCOL_UDP] : [Port.PROTOCOL_TCP, Port.PROTOCOL_UDP];
}
