import { type AsConfig, type EffectiveAs, effectiveVip, type VipConfig } from '@lb/control';
import type { CountersSample } from '@lb/control/client';
import { type RatePair, vipsById } from '../stores/index.js';
import type { Mark } from './vip-rows.js';

type VipSample = CountersSample['vips'][number];
type AsSample = VipSample['ass'][number];

/** An AS of a VIP as the table shows it; null where a number is not known. */
export interface AsRow {
  readonly address: string;
  /** As staged; as it serves where the staged change removes it. */
  readonly as: AsConfig;
  readonly mark: Mark;
  readonly health: AsSample['health'] | null;
  /** Why it weighs what it does, of the staged configuration. */
  readonly reason: EffectiveAs['reason'] | null;
  /** Parts of all buckets, 0 to 1: what it has now, and what its staged weight asks for. */
  readonly share: number | null;
  readonly ideal: number;
  readonly flows: number | null;
  readonly packetsPerSec: number | null;
  readonly bytesPerSec: number | null;
}

/** An AS with what the staged change does to it. */
type MarkedAs = Pick<AsRow, 'address' | 'as' | 'mark'>;

/**
 * The ASs of the staged VIP in its order, then those that the change removes.
 * @param base the VIP that serves; undefined if it is new
 * @param staged undefined if the change removes it
 */
export function markAss(base: VipConfig | undefined, staged: VipConfig | undefined): MarkedAs[] {
  const ofBase = new Map((base?.ass ?? []).map((as) => [as.address, as]));
  const rows = (staged?.ass ?? []).map((as): MarkedAs => {
    const { address } = as;
    const old = ofBase.get(address);
    ofBase.delete(address);
    return { address, as, mark: old === undefined ? 'adding' : isSame(old, as) ? null : 'changing' };
  });
  return [...rows, ...[...ofBase].map(([address, as]): MarkedAs => ({ address, as, mark: 'removing' }))];
}

/** What is counted of the ASs of a VIP just now. */
interface Counted {
  readonly sample: VipSample | undefined;
  readonly rates: RatePair | undefined;
  /** Of the VIP. */
  readonly id: string;
  /** In ms. */
  readonly now: number;
}

/**
 * The ASs with what is counted of them just now.
 * @param marked of {@link markAss}
 */
export function asRows(
  marked: readonly MarkedAs[],
  staged: VipConfig | undefined,
  { sample, rates, id, now }: Counted,
): AsRow[] {
  const live = new AssByPlace(sample);
  const [before, after] = [rates?.before, rates?.after].map((all) => new AssByPlace(vipsById(all?.vips).get(id)));
  let place = 0;
  const health = (address: string) => live.find(address, place++)?.health ?? 'unknown';
  const effective = staged === undefined ? [] : effectiveVip(staged, now, health);
  const sum = effective.reduce((total, { weight }) => total + weight, 0);
  return marked.map((as, i) => {
    const find = (ass: AssByPlace | undefined) => ass?.find(as.address, i);
    const weighs = effective[i];
    const ideal = weighs === undefined || sum === 0 ? 0 : weighs.weight / sum;
    return new LiveRow(as, weighs?.reason ?? null, ideal, sample?.newLen, {
      live: find(live),
      before: find(before),
      after: find(after),
      seconds: rates?.seconds,
    });
  });
}

/** Finds the ASs of a sample by address, first where they are expected: most keep their places. */
class AssByPlace {
  private readonly ass: readonly AsSample[];
  private places: ReadonlyMap<string, AsSample> | undefined;

  constructor(vip: VipSample | undefined) {
    this.ass = vip?.ass ?? [];
  }

  find(address: string, place: number): AsSample | undefined {
    const there = this.ass[place];
    if (there?.address === address) return there;
    this.places ??= new Map(this.ass.map((as) => [as.address, as]));
    return this.places.get(address);
  }
}

interface Samples {
  readonly live: AsSample | undefined;
  readonly before: AsSample | undefined;
  readonly after: AsSample | undefined;
  readonly seconds: number | undefined;
}

/** Reckons when it is asked: of ten thousand rows a few are seen. */
class LiveRow implements AsRow {
  readonly address: string;
  readonly as: AsConfig;
  readonly mark: Mark;

  constructor(
    { address, as, mark }: MarkedAs,
    readonly reason: AsRow['reason'],
    readonly ideal: number,
    private readonly newLen: number | undefined,
    private readonly samples: Samples,
  ) {
    this.address = address;
    this.as = as;
    this.mark = mark;
  }

  get health(): AsRow['health'] {
    return this.samples.live?.health ?? null;
  }

  get share(): number | null {
    const { live } = this.samples;
    return live === undefined || this.newLen === undefined ? null : live.buckets / this.newLen;
  }

  get flows(): number | null {
    return this.samples.live?.flows ?? null;
  }

  get packetsPerSec(): number | null {
    const { before, after, seconds } = this.samples;
    return rate(before?.packets, after?.packets, seconds);
  }

  get bytesPerSec(): number | null {
    const { before, after, seconds } = this.samples;
    return rate(before?.bytes, after?.bytes, seconds);
  }
}

function rate(from: number | undefined, to: number | undefined, seconds: number | undefined): number | null {
  if (from === undefined || to === undefined || seconds === undefined || to < from) return null;
  return (to - from) / seconds;
}

function isSame(a: AsConfig, b: AsConfig): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
