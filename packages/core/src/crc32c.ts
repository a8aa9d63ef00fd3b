/** Castagnoli's polynomial, bits reversed, as RFC 3720 §12.1 and the `crc32` instruction of SSE4.2 use it. */
const POLYNOMIAL = 0x82f63b78;

const TABLE = byteTable();

function byteTable(): Int32Array {
  const table = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    table[byte] = crc;
  }
  return table;
}

/**
 * CRC32C as RFC 3720 defines it: register preset to ones, result inverted.
 * @param previous the result for the bytes before these, to go on with a message in pieces
 * @returns unsigned 32-bit; written to the wire little-endian
 */
export function crc32c(bytes: Uint8Array, previous = 0): number {
  return ~crc32cRaw(bytes, ~previous) >>> 0;
}

/**
 * The bare CRC register fed with `bytes`: no preset, no inversion, what SSE4.2's `crc32` computes.
 * @param crc the register before
 * @returns the register after, unsigned 32-bit
 */
export function crc32cRaw(bytes: Uint8Array, crc = 0): number {
  let register = crc;
  for (let i = 0; i < bytes.length; i++) register = TABLE[(register ^ bytes[i]) & 0xff] ^ (register >>> 8);
  return register >>> 0;
}

/** The bare CRC register fed with the four bytes of a little-endian word. */
export function crc32cRawWord(word: number, crc = 0): number {
  let register = crc ^ word;
  for (let i = 0; i < 4; i++) register = TABLE[register & 0xff] ^ (register >>> 8);
  return register >>> 0;
}

/**
 * Tables that give each byte's part in the raw CRC of a longer message at once: entry `k * 256 + byte` is the register
 * (started at 0) after `byte` and then `firstZeros + k` zero bytes. The CRC of a message, register started at 0, is the
 * exclusive or of its bytes' parts.
 */
export function crc32cPositionTables(firstZeros: number, positions: number): Int32Array {
  const tables = new Int32Array(positions * 256);
  for (let byte = 0; byte < 256; byte++) {
    let register = TABLE[byte];
    for (let zeros = 0; zeros < firstZeros + positions; zeros++) {
      if (zeros >= firstZeros) tables[(zeros - firstZeros) * 256 + byte] = register;
      register = TABLE[register & 0xff] ^ (register >>> 8);
    }
  }
  return tables;
}
