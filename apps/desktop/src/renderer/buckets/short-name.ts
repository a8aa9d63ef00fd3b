/** The end of an address, which tells servers of one network apart in few letters: `.3`, `:a1`. */
export function shortName(address: string): string {
  const at = Math.max(address.lastIndexOf('.'), address.lastIndexOf(':'));
  return address.slice(at);
}

/** Whether dark letters are read more easily than light ones on a pixel (RGBA bytes, little-endian), by its luminance (sRGB weights). */
export function wantsDarkText(pixel: number): boolean {
  const [red, green, blue] = [pixel & 255, (pixel >>> 8) & 255, (pixel >>> 16) & 255];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 110;
}
