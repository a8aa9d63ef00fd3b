import fc from 'fast-check';
import { fillChecksums, slowChecksum, slowPseudoHeader } from './oracle.testkit.js';

/** A packet with right checksums, and where its transport header is. */
export interface RandomPacket {
  readonly family: 4 | 6;
  readonly protocol: number;
  readonly l4: number;
  readonly bytes: Uint8Array;
}

const TRANSPORTS = [6, 17, 33, 136];

/** Words that put sums next to the two zeros of one's-complement arithmetic, among random ones. */
export const cornerWord16 = fc.oneof(
  fc.constantFrom(0, 1, 0xff, 0xff00, 0xfffe, 0xffff),
  fc.integer({ max: 0xffff, min: 0 }),
);
export const cornerWord32 = fc.oneof(
  fc.constantFrom(0, 0xffff, 0xffff0000, 0xffffffff),
  fc.integer({ max: 0xffffffff, min: 0 }),
);

/** Random bytes that are often all zeros or all ones. */
function bytes(length: fc.Arbitrary<number>): fc.Arbitrary<Uint8Array> {
  return length.chain((n) =>
    fc.oneof(
      { weight: 3, arbitrary: fc.uint8Array({ minLength: n, maxLength: n }) },
      fc.constant(new Uint8Array(n)),
      fc.constant(new Uint8Array(n).fill(0xff)),
    ),
  );
}

const exactly = (n: number) => bytes(fc.constant(n));

/** Puts the word that makes the packet's transport checksum `target` (network order) into its last aligned word. */
function steer(packet: Uint8Array, l4: number, protocol: number, target: number): void {
  const at = l4 + ((packet.length - l4 - 2) & ~1);
  const checksumAt = l4 + (protocol === 6 ? 16 : 6);
  packet.fill(0, at, at + 2);
  packet.fill(0, checksumAt, checksumAt + 2);
  const pseudo = slowPseudoHeader(packet, protocol, packet.length - l4);
  const missing = 0xffff - target + slowChecksum(packet, l4, packet.length, pseudo);
  const word = missing > 0xffff ? missing - 0xffff : missing;
  packet[at] = word >>> 8;
  packet[at + 1] = word & 0xff;
}

/** IPv4 or IPv6 packets of TCP, UDP, DCCP and UDP-Lite with any addresses, options (IPv4) and payload. */
export function randomPacket(family: 4 | 6): fc.Arbitrary<RandomPacket> {
  return fc
    .record({
      header: exactly(family === 4 ? 20 : 40),
      options: family === 4 ? bytes(fc.integer({ min: 0, max: 10 }).map((n) => n * 4)) : exactly(0),
      protocol: fc.constantFrom(...TRANSPORTS),
      transport: bytes(fc.integer({ min: 24, max: 80 })),
      target: fc.option(fc.constantFrom(0, 1, 0xfffe, 0xff00)),
    })
    .map(({ header, options, protocol, transport, target }) => {
      const packet = Uint8Array.from([...header, ...options, ...transport]);
      const l4 = header.length + options.length;
      if (family === 4) {
        packet[0] = 0x40 | (l4 >>> 2);
        packet[9] = protocol;
        packet.set([packet.length >>> 8, packet.length & 0xff], 2);
      } else {
        packet[0] = 0x60 | (packet[0] & 15);
        packet[6] = protocol;
        packet.set([transport.length >>> 8, transport.length & 0xff], 4);
      }
      if (target !== null) steer(packet, l4, protocol, target);
      fillChecksums(packet, l4, protocol);
      return { family, protocol, l4, bytes: packet };
    });
}
