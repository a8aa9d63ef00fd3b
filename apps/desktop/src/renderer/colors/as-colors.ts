import { crc32c } from '@lb/core';
import { GROUND, mix, PALETTE, type Rgb, type Theme } from './palette.js';

/** How an AS is told from others: by colour and, where a VIP has more ASs than there are colours, by a mark as well. */
export interface AsColor {
  /** Place in the palette. */
  readonly place: number;
  /** 0: plain; 1 and more: other ASs of the VIP have this place too, and swatches get a mark. */
  readonly round: number;
}

const PLACES = PALETTE.dark.length;
/** Odd, so that steps of it reach every place; large, so that the next place tried has another hue. */
const STEP = 5;
/** Later rounds are drawn paler, by as much. */
const PALER = [1, 0.72, 0.52] as const;

/**
 * Colours for the ASs of a VIP. Each has the place that its address asks for, unless an AS whose address comes before it
 * (by hash) has it: then the next free one. So the colour of an AS is the same in every view and session, and changes with
 * others of the VIP only where two ask for the same place.
 * @param addresses in canonical form, in any order
 */
export function assignColors(addresses: Iterable<string>): ReadonlyMap<string, AsColor> {
  const hashed = [...new Set(addresses)].map((address) => ({ address, hash: hashOf(address) }));
  hashed.sort((a, b) => a.hash - b.hash || (a.address < b.address ? -1 : 1));
  const taken = new Uint32Array(PLACES);
  const colors = new Map<string, AsColor>();
  hashed.forEach(({ address, hash }, nth) => {
    const round = Math.floor(nth / PLACES);
    let place = hash % PLACES;
    while (taken[place]! > round) place = (place + STEP) % PLACES;
    taken[place]!++;
    colors.set(address, { place, round });
  });
  return colors;
}

/** What to draw an AS with. */
export function rgbOf({ place, round }: AsColor, theme: Theme): Rgb {
  return mix(GROUND[theme], PALETTE[theme][place]!, PALER[round % PALER.length]!);
}

function hashOf(address: string): number {
  return crc32c(new TextEncoder().encode(address));
}
