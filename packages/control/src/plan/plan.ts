import { diffConfigs } from './diff-configs.js';
import { countFlows, flowFates } from './flow-fates.js';
import { sidesOf } from './sides.js';
import type { FlowsOf, Plan, Planned } from './types.js';
import { vipPlan } from './vip-plan.js';
import { isAffected, tablePairs } from './vip-tables.js';
import { planWarnings } from './warnings.js';

/**
 * What would come of going from one configuration to another, without doing it. The tables compared are those that
 * images of both would hold, so applying the change does what is said here, as long as weights and flows stay as given.
 * @param flowsOf counts of established flows; without it the plan says nothing about numbers of flows
 */
export function plan(before: Planned, after: Planned, flowsOf?: FlowsOf): Plan {
  const changes = diffConfigs(before.config, after.config);
  const all = sidesOf(before, after).map((sides) => ({ sides, fates: flowFates(sides, flowsOf) }));
  const tableChanges = before.config.table !== after.config.table;
  const affected = all.filter(({ sides }) => isAffected(sides, tableChanges));
  const pairs = tablePairs(
    before,
    after,
    affected.map(({ sides }) => sides),
  );
  const countsFlows = flowsOf !== undefined;
  const vips = affected.map(({ sides, fates }, i) => vipPlan(sides, pairs[i]!, fates, countsFlows));
  return {
    changes,
    vips,
    flows: countsFlows ? countFlows(all.flatMap(({ fates }) => fates)) : null,
    warnings: planWarnings({
      before: before.config,
      after: after.config,
      changes,
      sides: all.map(({ sides }) => sides),
      affected: affected.map(({ sides }, i) => ({ sides, tables: pairs[i]!, plan: vips[i]! })),
    }),
  };
}
