/**
 * pcapng (draft-ietf-opsawg-pcapng). A file is a row of blocks; each section header sets the byte order anew.
 *
 *     any block                      section header   8 byte-order magic, 12 major, 14 minor, 16 section length (64 bits)
 *      0  type                       interface        8 link type (16 bits), 12 snapshot length (0: none)
 *      4  total length L             enhanced packet  8 interface, 12 time high, 16 time low, 20 captured, 24 original length
 *      8  body, then options         obsolete packet  8 interface (16 bits), 10 drops, and then as the enhanced packet
 *     L-4 total length again         simple packet    8 original length
 *
 * Packet bytes are padded to a multiple of 4. An option is: code, length (16 bits each), value, padding to 4.
 */
export const BLOCK_SECTION = 0x0a0d0d0a;
export const BLOCK_INTERFACE = 1;
export const BLOCK_OBSOLETE_PACKET = 2;
export const BLOCK_SIMPLE_PACKET = 3;
export const BLOCK_ENHANCED_PACKET = 6;

export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
export const PCAPNG_VERSION_MAJOR = 1;

/** Type, length and trailing length: the bytes of an empty block. */
export const BLOCK_OVERHEAD_BYTES = 12;
export const SECTION_BLOCK_BYTES = 28;
export const INTERFACE_BLOCK_BYTES = 20;
/** Enhanced and obsolete packet blocks alike. */
export const PACKET_BLOCK_BYTES = 32;
export const SIMPLE_PACKET_BLOCK_BYTES = 16;

export const OPTION_END = 0;
export const OPTION_COMMENT = 1;
export const OPTION_IF_NAME = 2;
export const OPTION_IF_TSRESOL = 9;
export const OPTION_IF_TSOFFSET = 14;

/** `length` (below 2^31) rounded up to a multiple of 4. */
export function padded(length: number): number {
  return (length + 3) & ~3;
}
