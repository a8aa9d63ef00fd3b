/** Swaps the two bytes of a 16-bit number: host value to raw field and back. */
export function swap16(value: number): number {
  return ((value & 0xff) << 8) | ((value >>> 8) & 0xff);
}
