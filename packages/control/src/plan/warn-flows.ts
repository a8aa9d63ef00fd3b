import type { Problem } from '../errors.js';
import { countOf } from './change-text.js';
import type { AffectedVip } from './facts.js';
import { changesIdentity } from './flow-fates.js';
import type { VipSides } from './sides.js';
import type { AsPlan } from './types.js';
import { assText, pathOf, vipText, warning } from './warning.js';

/** Flows that lose their AS, with the reason. */
export function warnCut({ sides, plan }: AffectedVip): Problem[] {
  const cut = plan.ass.filter(({ fate, flows }) => fate === 'cut' && flows !== 0);
  if (cut.length === 0) return [];
  const vip = vipText(sides.ref);
  const warn = (message: string, hint?: string) => warning('LB_PLAN_WARN_CUT', pathOf(sides), message, hint);
  if (sides.after === undefined) return [warn(`${vip} goes, and its ${flowsText(cut)} cut`, 'drain its ASs first')];
  if (changesIdentity(sides)) {
    return [warn(`${vip}: its ${flowsText(cut)} balanced anew, as srcIpSticky changes what a flow is`)];
  }
  return Object.entries(CAUSES).flatMap(([cause, { says, hint }]) => {
    const ass = cut.filter(({ address }) => causeOf(sides, address) === cause);
    if (ass.length === 0) return [];
    const who = `${assText(ass.map(({ address }) => address))} of ${vip}`;
    return [warn(`${who} ${says}: ${flowsText(ass)} balanced anew`, hint)];
  });
}

const CAUSES: Record<Cause, { readonly says: string; readonly hint?: string }> = {
  disabled: { says: 'disabled', hint: 'drain first to let them end' },
  overdue: { says: 'past the drain deadline', hint: 'move the deadline to let them end' },
  failing: { says: 'failing' },
  gone: { says: 'removed, and of the family that the encap sends to no more' },
};

type Cause = 'disabled' | 'overdue' | 'failing' | 'gone';

function causeOf({ after }: VipSides, address: string): Cause {
  const as = after?.ass.get(address);
  if (as === undefined) return 'gone';
  if (!as.effective.cut) return 'failing';
  return as.config.state === 'disabled' ? 'disabled' : 'overdue';
}

/** Flows that end although those of their AS are kept on the whole. */
export function warnUdp({ sides }: AffectedVip): Problem[] {
  const ends = [...(sides.after?.ass ?? [])].filter(([address, { effective }]) => {
    const was = sides.before?.ass.get(address)?.effective;
    return was !== undefined && !was.udpEnds && effective.udpEnds && !effective.cut;
  });
  // Where a VIP has one protocol, counts tell all there is to say.
  if (ends.length === 0 || sides.ref.protocol !== undefined) return [];
  const who = `${assText(ends.map(([address]) => address))} of ${vipText(sides.ref)}`;
  const message = `${who}: flows other than TCP are balanced anew, though they count as kept`;
  return [warning('LB_PLAN_WARN_UDP', pathOf(sides), message)];
}

/** With its verb: `52,066 established flows are`. */
function flowsText(ass: readonly AsPlan[]): string {
  const sum = ass.reduce((total, { flows }) => total + (flows ?? 0), 0);
  if (sum === 0) return 'established flows are';
  return `${countOf(sum, 'established flow')} ${sum === 1 ? 'is' : 'are'}`;
}
