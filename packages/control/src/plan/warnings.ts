import type { Problem } from '../errors.js';
import { PLAN_WARNINGS } from './codes.js';
import type { PlanFacts } from './facts.js';
import { warnNested } from './nested.js';
import { warnCut, warnUdp } from './warn-flows.js';
import { warnSettings, warnVipSettings } from './warn-settings.js';
import { warnHealth, warnLoad, warnNoAs, warnRamp, warnShare } from './warn-tables.js';

const OF_VIP = [warnCut, warnNoAs, warnHealth, warnLoad, warnUdp, warnShare, warnRamp];
const ORDER = Object.keys(PLAN_WARNINGS);

/** What deserves a look before the change is made, the most important first. */
export function planWarnings(facts: PlanFacts): Problem[] {
  const found = [
    ...facts.affected.flatMap((vip) => OF_VIP.flatMap((warn) => warn(vip, facts))),
    ...warnNested(facts),
    ...facts.sides.flatMap(warnVipSettings),
    ...warnSettings(facts),
  ];
  const rank = ({ code }: Problem) => (ORDER.includes(code) ? ORDER.indexOf(code) : ORDER.length);
  return found.sort((a, b) => rank(a) - rank(b));
}
