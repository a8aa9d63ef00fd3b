import { describe, expect, it } from 'vitest';
import { cssColor, GROUND, mix, PALETTE, type Rgb } from './palette.js';

/** Linear light of a colour in sRGB (IEC 61966-2-1), red, green, blue. */
function linear(rgb: Rgb): number[] {
  return [16, 8, 0].map((shift) => {
    const c = ((rgb >> shift) & 255) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
}

function luminance(rgb: Rgb): number {
  const [r, g, b] = linear(rgb);
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

/** WCAG 2.1, contrast ratio. */
function contrast(a: Rgb, b: Rgb): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light! + 0.05) / (dark! + 0.05);
}

/** Normal vision, then Machado, Oliveira and Fernandes 2009, severity 1: protanopia, deuteranopia, tritanopia. */
const VISIONS = [
  [1, 0, 0, 0, 1, 0, 0, 0, 1],
  [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
];

function times(matrix: readonly number[], v: readonly number[]): number[] {
  return [0, 3, 6].map((row) => matrix[row]! * v[0]! + matrix[row + 1]! * v[1]! + matrix[row + 2]! * v[2]!);
}

/** Oklab coordinates of linear light. */
function oklab(light: readonly number[]): number[] {
  const toCones = [
    0.4122214708, 0.5363325363, 0.0514459929, 0.2119034982, 0.6806995451, 0.1073969566, 0.0883024619, 0.2817188376,
    0.6299787005,
  ];
  const toLab = [
    0.2104542553, 0.793617785, -0.0040720468, 1.9779984951, -2.428592205, 0.4505937099, 0.0259040371, 0.7827717662,
    -0.808675766,
  ];
  return times(toLab, times(toCones, light).map(Math.cbrt));
}

/** The least distance of two colours over all kinds of vision. */
function distance(a: Rgb, b: Rgb): number {
  const seen = (rgb: Rgb, vision: readonly number[]): number[] =>
    oklab(times(vision, linear(rgb)).map((c) => Math.min(1, Math.max(0, c))));
  return Math.min(
    ...VISIONS.map((vision) => {
      const other = seen(b, vision);
      return Math.hypot(...seen(a, vision).map((c, i) => c - other[i]!));
    }),
  );
}

describe.each(['dark', 'light'] as const)('the %s palette', (theme) => {
  const colors = PALETTE[theme];

  it('keeps every two colours apart, whatever colours one sees', () => {
    for (const [i, a] of colors.entries()) {
      for (const b of colors.slice(0, i)) {
        expect(distance(a, b), `${cssColor(a)} and ${cssColor(b)}`).toBeGreaterThan(0.065);
      }
    }
  });

  it('stands out from its ground', () => {
    for (const color of colors) expect(contrast(color, GROUND[theme]), cssColor(color)).toBeGreaterThanOrEqual(3);
  });
});

describe('the measure of distance', () => {
  it('tells red and green that only normal vision tells apart', () => {
    expect(distance(0xff0000, 0x00ff00)).toBeGreaterThan(0.1);
    // Confused in protanopia and deuteranopia.
    expect(distance(0xa84a00, 0x5f6a00)).toBeLessThan(0.065);
  });
});

describe('mix', () => {
  it('goes from one colour to the other', () => {
    expect(mix(0x102030, 0xf0e0d0, 0)).toBe(0x102030);
    expect(mix(0x102030, 0xf0e0d0, 1)).toBe(0xf0e0d0);
    expect(cssColor(mix(0x000000, 0x0000ff, 0.5))).toBe('#000080');
  });
});
