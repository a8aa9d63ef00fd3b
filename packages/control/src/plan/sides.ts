import type { EffectiveAs } from '../effective/index.js';
import type { AsConfig, VipConfig } from '../schema.js';
import { asId, type VipRef, vipKey, vipRefOf } from '../vip-ref.js';
import type { Planned } from './types.js';

/** A VIP on one side of a change. */
export interface PlannedVip {
  readonly config: VipConfig;
  /** Place in the list of VIPs. */
  readonly index: number;
  /** By address, in the order of the configuration. */
  readonly ass: ReadonlyMap<string, PlannedAs>;
}

export interface PlannedAs {
  readonly config: AsConfig;
  readonly effective: EffectiveAs;
}

/** A VIP before and after; it is missing on at most one side. */
export interface VipSides {
  readonly ref: VipRef;
  readonly before: PlannedVip | undefined;
  readonly after: PlannedVip | undefined;
}

/** An AS of which nothing is known is in no table: resolveConfig has it the same way. */
const ABSENT: EffectiveAs = { weight: 0, draining: true, udpEnds: true, cut: true, reason: 'disabled' };

/** All VIPs of both sides: those that go, then those after in their order. */
export function sidesOf(before: Planned, after: Planned): VipSides[] {
  const left = plannedVips(before);
  const right = plannedVips(after);
  const gone = [...left].filter(([key]) => !right.has(key));
  return [
    ...gone.map(([, vip]) => ({ ref: vipRefOf(vip.config), before: vip, after: undefined })),
    ...[...right].map(([key, vip]) => ({ ref: vipRefOf(vip.config), before: left.get(key), after: vip })),
  ];
}

function plannedVips({ config, effective }: Planned): Map<string, PlannedVip> {
  const entries = config.vips.map((vip, index) => {
    // The part that its ASs' ids have in common: there may be a hundred thousand of them.
    const own = asId(vip, '');
    const ass = new Map<string, PlannedAs>();
    for (const as of vip.ass) ass.set(as.address, { config: as, effective: effective.get(own + as.address) ?? ABSENT });
    return [vipKey(vip), { config: vip, index, ass }] as const;
  });
  return new Map(entries);
}
