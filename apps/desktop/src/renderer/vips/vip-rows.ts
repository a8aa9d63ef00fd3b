import { type Config, type VipConfig, vipId } from '@lb/control';
import type { CountersSample } from '@lb/control/client';
import { type RatePair, vipsById } from '../stores/index.js';

/** What the staged change does to a row. */
export type Mark = 'adding' | 'removing' | 'changing' | null;

/** A VIP as the table shows it; null where a number is not known. */
export interface VipRow {
  readonly id: string;
  /** As staged; as it serves where the staged change removes it. */
  readonly vip: VipConfig;
  readonly mark: Mark;
  readonly packetsPerSec: number | null;
  /** First packets of flows, which open them. */
  readonly firstPerSec: number | null;
  /** Part of the packets, 0 to 1, whose flow had no room in the flow table. */
  readonly untracked: number | null;
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
  const samples = vipsById(sample?.vips);
  const before = vipsById(rates?.before.vips);
  const after = vipsById(rates?.after.vips);
  return vips.map((vip) => {
    const { id } = vip;
    return new LiveRow(vip, samples.get(id), before.get(id), after.get(id), rates?.seconds);
  });
}

/** Reckons when it is asked: of ten thousand rows a few are seen. */
class LiveRow implements VipRow {
  readonly id: string;
  readonly vip: VipConfig;
  readonly mark: Mark;

  constructor(
    { id, vip, mark }: MarkedVip,
    private readonly live: VipSample | undefined,
    private readonly before: VipSample | undefined,
    private readonly after: VipSample | undefined,
    private readonly seconds: number | undefined,
  ) {
    this.id = id;
    this.vip = vip;
    this.mark = mark;
  }

  get packetsPerSec(): number | null {
    return packetRates(this.before, this.after, this.seconds).packetsPerSec;
  }

  get firstPerSec(): number | null {
    return packetRates(this.before, this.after, this.seconds).firstPerSec;
  }

  get untracked(): number | null {
    return packetRates(this.before, this.after, this.seconds).untracked;
  }

  get flows(): number | null {
    return this.live?.ass.reduce((sum, { flows }) => sum + flows, 0) ?? null;
  }

  get imbalance(): number | null {
    return this.live?.imbalance ?? null;
  }

  get failing(): number | null {
    return this.live?.ass.reduce((sum, { health }) => sum + (health === 'failing' ? 1 : 0), 0) ?? null;
  }
}

/** What no edit touched is the same object. */
function isChanged(a: VipConfig, b: VipConfig): boolean {
  return a !== b && JSON.stringify(a) !== JSON.stringify(b);
}

/** Packets to the VIP, also those that no AS got. */
function packetRates(
  before: VipSample | undefined,
  after: VipSample | undefined,
  seconds: number | undefined,
): Pick<VipRow, 'packetsPerSec' | 'firstPerSec' | 'untracked'> {
  const packets = before && after ? packetsOf(after) - packetsOf(before) : -1;
  if (before === undefined || after === undefined || seconds === undefined || packets < 0)
    return { packetsPerSec: null, firstPerSec: null, untracked: null };
  return {
    packetsPerSec: packets / seconds,
    firstPerSec: (after.first - before.first) / seconds,
    untracked: packets === 0 ? 0 : (after.untracked - before.untracked) / packets,
  };
}

function packetsOf({ existing, first, untracked, noServer }: VipSample): number {
  return existing + first + untracked + noServer;
}

/** Whether a row has all words of the filter: in its name, encap, mark, or the address of an AS. */
export function matchesVip({ vip, id, mark }: VipRow, filter: string): boolean {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const text = `${id.replaceAll(',', ' ')} ${vip.encap} ${mark ?? ''}`.toLowerCase();
  return words.every((word) => text.includes(word) || vip.ass.some(({ address }) => address.includes(word)));
}
