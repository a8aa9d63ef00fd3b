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

/**
 * The ASs of the staged VIP in its order, then those that the change removes.
 * @param base the VIP that serves; undefined if it is new
 * @param staged undefined if the change removes it
 */
export function asRows(
  base: VipConfig | undefined,
  staged: VipConfig | undefined,
  { sample, rates, id, now }: { sample: VipSample | undefined; rates: RatePair | undefined; id: string; now: number },
): AsRow[] {
  const live = new Map((sample?.ass ?? []).map((as) => [as.address, as]));
  const [before, after] = [rates?.before, rates?.after].map((all) => assOf(all, id));
  const perSec = (address: string, field: 'packets' | 'bytes') =>
    rate(before?.get(address)?.[field], after?.get(address)?.[field], rates?.seconds);
  const ofBase = new Map((base?.ass ?? []).map((as) => [as.address, as]));
  const effective = staged === undefined ? [] : effectiveVip(staged, now, (at) => live.get(at)?.health ?? 'unknown');
  const sum = effective.reduce((total, { weight }) => total + weight, 0);
  const row = (as: AsConfig, mark: Mark, weighs: EffectiveAs | undefined): AsRow => {
    const { address } = as;
    const counted = live.get(address);
    return {
      address,
      as,
      mark,
      health: counted?.health ?? null,
      reason: weighs?.reason ?? null,
      share: counted === undefined || sample === undefined ? null : counted.buckets / sample.newLen,
      ideal: weighs === undefined || sum === 0 ? 0 : weighs.weight / sum,
      flows: counted?.flows ?? null,
      packetsPerSec: perSec(address, 'packets'),
      bytesPerSec: perSec(address, 'bytes'),
    };
  };
  const rows = (staged?.ass ?? []).map((as, i) => {
    const old = ofBase.get(as.address);
    ofBase.delete(as.address);
    return row(as, old === undefined ? 'adding' : isSame(old, as) ? null : 'changing', effective[i]);
  });
  return [...rows, ...[...ofBase.values()].map((as) => row(as, 'removing', undefined))];
}

function assOf(sample: CountersSample | undefined, id: string): ReadonlyMap<string, AsSample> | undefined {
  const vip = vipsById(sample?.vips).get(id);
  return vip && new Map(vip.ass.map((as) => [as.address, as]));
}

function rate(from: number | undefined, to: number | undefined, seconds: number | undefined): number | null {
  if (from === undefined || to === undefined || seconds === undefined || to < from) return null;
  return (to - from) / seconds;
}

function isSame(a: AsConfig, b: AsConfig): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
