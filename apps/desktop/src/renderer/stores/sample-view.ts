import type { AsSample, CountersSample, VipSample } from '@lb/control/client';
import {
  AS_LENGTH,
  AS_NUMBERS,
  AS_WORDS,
  type Layout,
  type PackedSample,
  type PackedTotals,
  VIP_LENGTH,
  VIP_NUMBERS,
  type VipNames,
} from '../../shared/packed-sample.js';
import { setIndex } from './vips-by-id.js';

/**
 * Reads samples as they were before they were packed. Their VIPs and ASs are views on the numbers, made when they are first looked
 * at: most of ten thousand never are. Their fields are to be read by name, since a spread of a view copies none of them.
 */
export class SampleReader {
  private layout = 0;
  private names: readonly PlacedNames[] = [];
  private places: ReadonlyMap<string, number> = new Map();

  /** @returns undefined: the names came with an earlier sample, which this reader has not seen */
  read({ layout, names, totals, numbers }: PackedSample): CountersSample | undefined {
    if (names !== null) {
      this.names = placed(JSON.parse(names) as Layout);
      this.places = new Map(this.names.map((of, i) => [of.names.id, i]));
      this.layout = layout;
    }
    if (layout !== this.layout) return undefined;
    const parsed = JSON.parse(totals) as PackedTotals;
    const { names: ofVips, places } = this;
    const columns = { numbers, words: parsed.words };
    let vips: readonly VipSample[] | undefined;
    return Object.defineProperty(parsed.totals, 'vips', {
      enumerable: true,
      get: () => {
        vips ??= viewsOf(ofVips, columns, places);
        return vips;
      },
    }) as CountersSample;
  }
}

interface PlacedNames {
  readonly names: VipNames;
  /** Where the numbers of its first AS begin. */
  readonly assAt: number;
}

interface Columns {
  readonly numbers: Float64Array;
  readonly words: readonly string[];
}

function placed(layout: Layout): PlacedNames[] {
  let assAt = layout.length * VIP_LENGTH;
  return layout.map((names) => {
    const at = assAt;
    assAt += names.ass.length * AS_LENGTH;
    return { names, assAt: at };
  });
}

function viewsOf(
  names: readonly PlacedNames[],
  columns: Columns,
  places: ReadonlyMap<string, number>,
): readonly VipSample[] {
  const vips = names.map((of, i) => new VipView(of, columns, i * VIP_LENGTH) as unknown as VipSample);
  const placeOf = (id: string) => places.get(id) ?? -1;
  setIndex(vips, { get: (id) => vips[placeOf(id)] });
  return vips;
}

class VipView {
  private views: readonly AsSample[] | undefined;

  constructor(
    readonly of: PlacedNames,
    readonly columns: Columns,
    readonly at: number,
  ) {}

  get ass(): readonly AsSample[] {
    this.views ??= this.of.names.ass.map(
      (address, i) => new AsView(address, this.columns, this.of.assAt + i * AS_LENGTH) as unknown as AsSample,
    );
    return this.views;
  }

  toJSON(): object {
    return fieldsOf(this, ['id', 'prefix', 'protocol', 'port', 'encap', 'newLen', ...VIP_NUMBERS, 'ass']);
  }
}

class AsView {
  constructor(
    readonly address: string,
    readonly columns: Columns,
    readonly at: number,
  ) {}

  toJSON(): object {
    return fieldsOf(this, ['address', ...AS_NUMBERS, ...AS_WORDS]);
  }
}

for (const name of ['id', 'prefix', 'protocol', 'port', 'encap', 'newLen'] as const) {
  field(VipView, name, (vip) => vip.of.names[name]);
}
VIP_NUMBERS.forEach((name, i) => {
  field(VipView, name, ({ columns, at }) => columns.numbers[at + i]);
});
AS_NUMBERS.forEach((name, i) => {
  field(AsView, name, ({ columns, at }) => {
    const value = columns.numbers[at + i]!;
    return Number.isNaN(value) ? null : value;
  });
});
AS_WORDS.forEach((name, i) => {
  field(AsView, name, ({ columns, at }) => columns.words[columns.numbers[at + AS_NUMBERS.length + i]!]);
});

function field<V extends object>(view: { readonly prototype: V }, name: string, get: (view: V) => unknown): void {
  Object.defineProperty(view.prototype, name, {
    get(this: V) {
      return get(this);
    },
  });
}

function fieldsOf(view: object, names: readonly string[]): object {
  return Object.fromEntries(names.map((name) => [name, (view as Record<string, unknown>)[name]]));
}
