/** A colour as 0xRRGGBB. */
export type Rgb = number;
export type Theme = 'dark' | 'light';

/**
 * Sixteen colours for each theme; a place has about the same hue in both. Chosen so that every two stay apart for normal
 * and for dichromatic vision, and each stands out from the ground it is drawn on (palette.test.ts measures both).
 */
export const PALETTE: Readonly<Record<Theme, readonly Rgb[]>> = {
  dark: [
    0x9ba0fe, 0xbd321b, 0xf8e597, 0x5867a6, 0xe39383, 0x97e9ff, 0x9d7a8e, 0x3670fd, 0xc3aac8, 0xe65f2a, 0xb4d0b3,
    0xedc14d, 0x816073, 0xc677c4, 0x89c4fb, 0xd1eed0,
  ],
  light: [
    0x5656b0, 0x620c01, 0xa28f42, 0x222c65, 0x934b3e, 0x2a97af, 0x5a3c4d, 0x0025af, 0x77617c, 0x852c03, 0x678166,
    0x95740a, 0x452839, 0x7c327b, 0x3d76a9, 0x7e987d,
  ],
};

/** What maps and swatches are drawn on. */
export const GROUND: Readonly<Record<Theme, Rgb>> = { dark: 0x14171c, light: 0xffffff };
/** Of a bucket without a server. */
export const NO_SERVER: Readonly<Record<Theme, Rgb>> = { dark: 0x2a3038, light: 0xd8dde3 };

/** `part` of `over`, the rest of `under`, channel by channel. */
export function mix(under: Rgb, over: Rgb, part: number): Rgb {
  const channel = (shift: number): number => {
    const from = (under >> shift) & 255;
    return Math.round(from + (((over >> shift) & 255) - from) * part) << shift;
  };
  return channel(16) | channel(8) | channel(0);
}

/** `#rrggbb`. */
export function cssColor(rgb: Rgb): string {
  return `#${rgb.toString(16).padStart(6, '0')}`;
}
