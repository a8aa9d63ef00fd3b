import type { CountersSample, VipSample } from '@lb/control/client';
import {
  AS_LENGTH,
  AS_NUMBERS,
  AS_WORDS,
  type PackedSample,
  VIP_LENGTH,
  VIP_NUMBERS,
  type VipNames,
} from './packed-sample.js';

/** Of all packers: the page never takes the layout of one for that of another. */
let layouts = 0;

/** Packs the samples of one daemon for a page that gets them all, in order. */
export class SamplePacker {
  private last: readonly VipSample[] | undefined;
  private layout = 0;
  private readonly words = new Map<string, number>();

  pack({ vips, ...totals }: CountersSample): PackedSample {
    const isKnown = this.last !== undefined && sameNames(this.last, vips);
    this.last = vips;
    if (!isKnown) this.layout = ++layouts;
    const numbers = this.numbersOf(vips);
    return {
      layout: this.layout,
      names: isKnown ? null : JSON.stringify(vips.map(namesOf)),
      totals: JSON.stringify({ totals, words: [...this.words.keys()] }),
      numbers,
    };
  }

  private numbersOf(vips: readonly VipSample[]): Float64Array {
    const ass = vips.reduce((sum, vip) => sum + vip.ass.length, 0);
    const numbers = new Float64Array(vips.length * VIP_LENGTH + ass * AS_LENGTH);
    let at = 0;
    for (const vip of vips) for (const name of VIP_NUMBERS) numbers[at++] = vip[name];
    for (const vip of vips) {
      for (const as of vip.ass) {
        for (const name of AS_NUMBERS) numbers[at++] = as[name] ?? Number.NaN;
        for (const name of AS_WORDS) numbers[at++] = this.placeOf(as[name]);
      }
    }
    return numbers;
  }

  private placeOf(word: string): number {
    const known = this.words.get(word);
    if (known !== undefined) return known;
    this.words.set(word, this.words.size);
    return this.words.size - 1;
  }
}

function namesOf({ id, prefix, protocol, port, encap, newLen, ass }: VipSample): VipNames {
  return { id, prefix, protocol, port, encap, newLen, ass: ass.map(({ address }) => address) };
}

/** The id says prefix, protocol and port. */
function sameNames(a: readonly VipSample[], b: readonly VipSample[]): boolean {
  return a.length === b.length && a.every((vip, i) => sameVip(vip, b[i]!));
}

function sameVip(a: VipSample, b: VipSample): boolean {
  if (a.id !== b.id || a.encap !== b.encap || a.newLen !== b.newLen || a.ass.length !== b.ass.length) return false;
  return a.ass.every(({ address }, i) => address === b.ass[i]!.address);
}
