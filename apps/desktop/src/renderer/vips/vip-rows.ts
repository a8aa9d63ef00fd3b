import { type Config, type VipConfig, vipId } from '@lb/control';
import type { CountersSample } from '@lb/control/client';
import type { RatePair } from '../stores/index.js';

/** What the staged change does to a row. */
export type Mark = 'adding' | 'removing' | 'changing' | null;

/** A VIP as the table shows it; null where a number is not known. */
export interface VipRow {
  readonly id: string;
  /** As staged; as it serves where the staged change removes it. */
  readonly vip: VipConfig;
  readonly mark: Mark;
  readonly packetsPerSec: number | null;
  readonly flows: number | null;
  readonly imbalance: number | null;
  readonly failing: number | null;
}

type VipSample = CountersSample['vips'][number];

/** A VIP with what the staged change does to it. */
export type MarkedVip = Pick<VipRow, 'id' | 'vip' | 'mark'>;

/** The VIPs of the staged configuration in its order, then those that it removes. */
export function markVips(base: Config, staged: Config): MarkedVip[] {
  const ofBase = new Map(base.vips.map((vip) => [vipId(vip), vip]));
  const vips = staged.vips.map((vip): MarkedVip => {
    const id = vipId(vip);
    const old = ofBase.get(id);
    ofBase.delete(id);
    return { id, vip, mark: old === undefined ? 'adding' : isChanged(old, vip) ? 'changing' : null };
  });
  return [...vips, ...[...ofBase].map(([id, vip]): MarkedVip => ({ id, vip, mark: 'removing' }))];
}

/** The VIPs with what is counted of them just now. */
export function vipRows(
  vips: readonly MarkedVip[],
  sample: CountersSample | null,
  rates: RatePair | undefined,
): VipRow[] {
  const samples = byId(sample?.vips);
  const before = byId(rates?.before.vips);
  const after = byId(rates?.after.vips);
  return vips.map((vip) => {
    const live = samples.get(vip.id);
    return {
      ...vip,
      packetsPerSec: packetRate(before.get(vip.id), after.get(vip.id), rates?.seconds),
      flows: live?.ass.reduce((sum, { flows }) => sum + flows, 0) ?? null,
      imbalance: live?.imbalance ?? null,
      failing: live?.ass.filter(({ health }) => health === 'failing').length ?? null,
    };
  });
}

function byId(vips: readonly VipSample[] = []): ReadonlyMap<string, VipSample> {
  return new Map(vips.map((vip) => [vip.id, vip]));
}

/** What no edit touched is the same object. */
function isChanged(a: VipConfig, b: VipConfig): boolean {
  return a !== b && JSON.stringify(a) !== JSON.stringify(b);
}

/** Packets to the VIP, also those that no AS got. */
function packetRate(before: VipSample | undefined, after: VipSample | undefined, seconds: number | undefined) {
  if (before === undefined || after === undefined || seconds === undefined) return null;
  const grown = packetsOf(after) - packetsOf(before);
  return grown < 0 ? null : grown / seconds;
}

function packetsOf({ existing, first, untracked, noServer }: VipSample): number {
  return existing + first + untracked + noServer;
}

/** Whether a row has all words of the filter: in its name, encap, mark, or the address of an AS. */
export function matchesVip({ vip, id, mark }: VipRow, filter: string): boolean {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const text = `${id.replaceAll(',', ' ')} ${vip.encap} ${mark ?? ''}`.toLowerCase();
  return words.every((word) => text.includes(word) || vip.ass.some(({ address }) => address.includes(word)));
}
