import { GROUND, mix, NO_SERVER, type Rgb, type Theme } from '../colors/palette.js';
import type { BucketPair } from './bucket-pair.js';

/** What the colour of a bucket says. */
export type Reading = 'as' | 'flows' | 'moved';
/** Which table is read. */
export type Time = 'now' | 'staged';

export interface ShadeOptions {
  readonly reading: Reading;
  readonly time: Time;
  readonly theme: Theme;
  /** By index into the ASs of the pair. */
  readonly colors: readonly Rgb[];
  /** Flows of each bucket, for the reading by flows; as long as the pair's tables or shorter by a power of two. */
  readonly flows: Uint32Array | null;
  /** Index of an AS that comes forward while all others step back; null: none does. */
  readonly only: number | null;
}

/** How much of its colour a bucket keeps that steps back. */
const BACK = 0.24;
const HEAT_STEPS = 64;
/** Colours of buckets by flows: of none, of few, of most. */
export const HEAT: Readonly<Record<Theme, { readonly none: Rgb; readonly few: Rgb; readonly many: Rgb }>> = {
  dark: { none: 0x20262e, few: 0x2f4a63, many: 0xffe9a8 },
  light: { none: 0xe6eaee, few: 0xf7dcae, many: 0x7a1f00 },
};

/**
 * The colour of every bucket, as pixels of ImageData (RGBA bytes) on a little-endian machine.
 * @param out one element a bucket
 */
export function shadeBuckets(pair: BucketPair, options: ShadeOptions, out: Uint32Array): void {
  const { reading, time } = options;
  const table = time === 'staged' && pair.staged !== null ? pair.staged : pair.now;
  // What stays as it is steps back once there is something to compare with.
  const moved = time === 'staged' || reading === 'moved' ? pair.moved : null;
  if (reading === 'flows') shadeByFlows(pair, options, table, moved, out);
  else shadeByAs(options, table, moved, out);
}

function shadeByAs(
  { reading, theme, colors, only }: ShadeOptions,
  table: Int32Array,
  moved: Uint8Array | null,
  out: Uint32Array,
): void {
  const rgbs = [NO_SERVER[theme], ...colors];
  const seen = (place: number): boolean => only === null || only === place - 1;
  const front = Uint32Array.from(rgbs, (rgb, place) => pixel(seen(place) ? rgb : stepBack(rgb, theme)));
  const plain = reading === 'moved' ? stepBack(NO_SERVER[theme], theme, 0.7) : undefined;
  const back = Uint32Array.from(rgbs, (rgb) => pixel(plain ?? stepBack(rgb, theme)));
  if (reading === 'moved' && moved === null) out.fill(back[0]!);
  else if (moved === null) for (let i = 0; i < out.length; i++) out[i] = front[table[i]! + 1]!;
  else for (let i = 0; i < out.length; i++) out[i] = (moved[i] === 1 ? front : back)[table[i]! + 1]!;
}

function shadeByFlows(
  pair: BucketPair,
  { theme, flows, only }: ShadeOptions,
  table: Int32Array,
  moved: Uint8Array | null,
  out: Uint32Array,
): void {
  const { none, few, many } = HEAT[theme];
  if (flows === null || flows.length === 0) {
    out.fill(pixel(none));
    return;
  }
  const most = flows.reduce((a, b) => Math.max(a, b), 1);
  const rgbs = Array.from({ length: HEAT_STEPS + 1 }, (_, step) =>
    step === 0 ? none : mix(few, many, (step - 1) / (HEAT_STEPS - 1)),
  );
  const front = Uint32Array.from(rgbs, pixel);
  const back = Uint32Array.from(rgbs, (rgb) => pixel(stepBack(rgb, theme, 0.4)));
  const mask = flows.length - 1;
  for (let i = 0; i < pair.newLen; i++) {
    const isBack = (moved !== null && moved[i] === 0) || (only !== null && table[i] !== only);
    out[i] = (isBack ? back : front)[heatStep(flows[i & mask]!, most)]!;
  }
}

/** 0 for no flow, then up to the last step for the fullest bucket; by square roots, so that few and fewer differ. */
export function heatStep(flows: number, most: number): number {
  return flows === 0 ? 0 : 1 + Math.round(Math.sqrt(flows / most) * (HEAT_STEPS - 1));
}

function stepBack(rgb: Rgb, theme: Theme, kept = BACK): Rgb {
  return mix(GROUND[theme], rgb, kept);
}

/** RGBA bytes of an opaque colour as a number of a little-endian machine. */
export function pixel(rgb: Rgb): number {
  return (0xff000000 | ((rgb & 255) << 16) | (rgb & 0xff00) | (rgb >> 16)) >>> 0;
}
