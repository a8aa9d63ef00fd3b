import { describe, expect, it } from 'vitest';
import { Port, placeOf } from './layout.js';
import { hashPlaces, rawPort } from './port-hash.js';

/** Records that stand elsewhere than where a look-up begins, of so many VIPs of one address, each of TCP and UDP. */
function displaced(vips: number, prefix: number): number {
  const mask = hashPlaces(vips * 2) - 1;
  const taken = new Set<number>();
  let count = 0;
  for (let port = 80; port < 80 + vips; port++) {
    for (const protocol of [Port.PROTOCOL_TCP, Port.PROTOCOL_UDP]) {
      let place = placeOf(prefix | protocol, rawPort(port), mask);
      if (taken.has(place)) count++;
      while (taken.has(place)) place = (place + 1) & mask;
      taken.add(place);
    }
  }
  return count;
}

describe('the port hash', () => {
  it('tells TCP from UDP of a port in tables of every size', () => {
    let total = 0;
    let records = 0;
    for (const vips of [1, 2, 4, 8, 16, 32, 64, 128]) {
      for (let prefix = 0; prefix < 50; prefix++) {
        total += displaced(vips, prefix);
        records += vips * 2;
      }
    }
    // Half full and chosen at random, a fifth to a quarter find their place taken.
    expect(total / records).toBeLessThan(0.27);
  });
});
