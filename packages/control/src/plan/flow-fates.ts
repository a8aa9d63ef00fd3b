import type { EffectiveAs } from '../effective/index.js';
import { AS_FAMILY } from '../rules-vip.js';
import type { VipConfig } from '../schema.js';
import { familyOf } from '../vip-ref.js';
import type { VipSides } from './sides.js';
import type { AsPlan, FlowCount, FlowsOf } from './types.js';

/** What becomes of the established flows of one AS. */
export type AsFate = Pick<AsPlan, 'address' | 'flows' | 'fate'>;

/** For every AS of either side: those before in their order, then those that are new. */
export function flowFates(sides: VipSides, flowsOf: FlowsOf | undefined): AsFate[] {
  const addresses = new Set([...(sides.before?.ass.keys() ?? []), ...(sides.after?.ass.keys() ?? [])]);
  return [...addresses].map((address) => {
    const flows = flowsOf?.(sides.ref, address) ?? null;
    return { address, flows, fate: fateOf(sides, address, flows ?? 0) };
  });
}

function fateOf(sides: VipSides, address: string, flows: number): AsFate['fate'] {
  const was = sides.before?.ass.get(address);
  const is = sides.after?.ass.get(address);
  if (was?.effective.cut) return 'none';
  // One that had left the configuration keeps the flows that it still has.
  if (was === undefined && flows === 0) return 'none';
  if (sides.after === undefined || changesIdentity(sides)) return 'cut';
  // An AS that leaves goes on with its flows, unless they could no longer be sent to an address of its family.
  if (is === undefined) return AS_FAMILY[sides.after.config.encap] === familyOf(address) ? 'kept' : 'cut';
  return is.effective.cut || endsUdp(sides.after.config, was?.effective, is.effective) ? 'cut' : 'kept';
}

/** Whether the flows that end are all that the AS has: counts do not tell protocols apart. */
function endsUdp({ protocol }: VipConfig, was: EffectiveAs | undefined, is: EffectiveAs): boolean {
  return protocol === 'udp' && is.udpEnds && was !== undefined && !was.udpEnds;
}

/** Whether what makes packets one flow changes: then no packet finds the entry that was made before. */
export function changesIdentity({ before, after }: VipSides): boolean {
  return before !== undefined && after !== undefined && before.config.srcIpSticky !== after.config.srcIpSticky;
}

/** The sums of what is known. */
export function countFlows(fates: Iterable<AsFate>): FlowCount {
  let kept = 0;
  let cut = 0;
  for (const { flows, fate } of fates) {
    if (fate === 'kept') kept += flows ?? 0;
    if (fate === 'cut') cut += flows ?? 0;
  }
  return { kept, cut };
}
