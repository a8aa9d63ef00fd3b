/**
 * Typed-array views over one block of frame memory. All offsets in this package are byte offsets from its start.
 *
 * Alignment: a frame's Ethernet header starts at an offset ≡ 2 (mod 4), so with 0, 1 or 2 VLAN tags the IP header is
 * on a 32-bit boundary, and so is everything behind IPv4 options, IPv6 extension headers and ICMP headers.
 *
 * "Raw" words (suffix `Raw`) are what a little-endian host reads from network-order bytes; they are compared and
 * copied as they are. One's-complement sums do not care about byte order (RFC 1071 §2), so checksums work on them too.
 */
export interface FrameViews {
  readonly buffer: ArrayBufferLike;
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly u32: Uint32Array;
  /** The same words signed, for comparing with signed words. */
  readonly i32: Int32Array;
}

/** Views over `lengthBytes` of `buffer` (a multiple of 4), from `byteOffset` (a multiple of 4). */
export function frameViews(
  buffer: ArrayBufferLike,
  byteOffset = 0,
  lengthBytes = buffer.byteLength - byteOffset,
): FrameViews {
  return {
    buffer,
    u8: new Uint8Array(buffer, byteOffset, lengthBytes),
    u16: new Uint16Array(buffer, byteOffset, lengthBytes >>> 1),
    u32: new Uint32Array(buffer, byteOffset, lengthBytes >>> 2),
    i32: new Int32Array(buffer, byteOffset, lengthBytes >>> 2),
  };
}
