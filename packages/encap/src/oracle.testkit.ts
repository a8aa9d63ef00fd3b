/*
 * The slow, plain way to compute checksums: network byte order, one 16-bit addition after the other, always over
 * everything. The incremental updates are held against it.
 */

function sum(bytes: Uint8Array, start: number, end: number): number {
  let total = 0;
  for (let i = start; i < end; i += 2) {
    total += bytes[i] * 256 + (i + 1 < end ? bytes[i + 1] : 0);
    if (total > 0xffff) total -= 0xffff;
  }
  return total;
}

/** Internet checksum (as a number, network order) of bytes[start … end), the field inside counted as it stands. */
export function slowChecksum(bytes: Uint8Array, start: number, end: number, pseudo: Uint8Array = new Uint8Array()) {
  const total = sum(pseudo, 0, pseudo.length) + sum(bytes, start, end);
  return 0xffff - (total > 0xffff ? total - 0xffff : total);
}

/** Pseudo-header bytes for the packet that starts with `ip` (its own bytes), with `l4Bytes` of transport data. */
export function slowPseudoHeader(ip: Uint8Array, protocol: number, l4Bytes: number): Uint8Array {
  const addresses = ip[0] >>> 4 === 4 ? ip.subarray(12, 20) : ip.subarray(8, 40);
  return Uint8Array.from([...addresses, 0, protocol, l4Bytes >>> 8, l4Bytes & 0xff]);
}

/** Offset of the transport checksum inside its header, by protocol number. */
const CHECKSUM_AT: Record<number, number> = { 1: 2, 6: 16, 17: 6, 33: 6, 58: 2, 136: 6 };

/** Computes the IPv4 header checksum and the transport checksum of an unfragmented packet anew, in place. */
export function fillChecksums(packet: Uint8Array, l4: number, protocol: number): void {
  if (packet[0] >>> 4 === 4) put(packet, 10, (p) => slowChecksum(p, 0, (p[0] & 15) * 4));
  const at = CHECKSUM_AT[protocol];
  if (at === undefined) return;
  put(packet, l4 + at, (p) => {
    const pseudo = protocol === 1 ? undefined : slowPseudoHeader(p, protocol, p.length - l4);
    const checksum = slowChecksum(p, l4, p.length, pseudo);
    return checksum === 0 && (protocol === 17 || protocol === 136) ? 0xffff : checksum;
  });
}

function put(packet: Uint8Array, at: number, compute: (packet: Uint8Array) => number): void {
  packet[at] = 0;
  packet[at + 1] = 0;
  const checksum = compute(packet);
  packet[at] = checksum >>> 8;
  packet[at + 1] = checksum & 0xff;
}
