import { buildNewFlowTable, diffTables, formatAddress } from '@lb/core';
import type { EffectiveAs } from '../effective/index.js';
import type { Problem } from '../errors.js';
import { countOf, percent } from './change-text.js';
import type { AffectedVip, PlanFacts } from './facts.js';
import type { PlannedAs, VipSides } from './sides.js';
import { assText, pathOf, vipText, warning } from './warning.js';

/** Above this, the difference between the share of an AS and its weight is worth a warning. */
const TOLERATED = 1.1;
/** So many times its new flows may take an AS by surprise. */
const SURPRISING = 2;

export function warnNoAs({ sides, tables }: AffectedVip): Problem[] {
  if (tables.after === undefined || tables.after.ass.some(({ weight }) => weight > 0)) return [];
  const message = `${vipText(sides.ref)} has no AS that takes new flows: their packets are dropped`;
  return [warning('LB_PLAN_WARN_NO_AS', [...pathOf(sides), 'ass'], message)];
}

/** What health checks have to do with the shares after the change. */
export function warnHealth({ sides, tables, plan }: AffectedVip): Problem[] {
  const { after } = sides;
  if (after === undefined || tables.after === undefined) return [];
  const vip = vipText(sides.ref);
  const warn = (message: string) => warning('LB_PLAN_WARN_HEALTH', pathOf(sides), message);
  if (withReason(sides, 'panic').length > 0) {
    return [warn(`${vip}: less than ${after.config.panic} % of its ASs are healthy, so health is ignored`)];
  }
  const lastAs = withReason(sides, 'last-as');
  if (lastAs.length > 0) {
    return [
      warn(
        `${vip}: no AS would take new flows, so ${assText(lastAs)} ${lastAs.length === 1 ? 'goes' : 'go'} on, as lastAs keep asks for`,
      ),
    ];
  }
  const failing = withReason(sides, 'failing');
  if (failing.length === 0) return [];
  const most = plan.ass.reduce((largest, { bucketsAfter }) => Math.max(largest, bucketsAfter), 0);
  const rest = most === 0 ? '' : `; another AS carries up to ${percent(most / plan.newLenAfter)} of the new flows`;
  return [warn(`${vip}: health check failing for ${assText(failing)}${rest}`)];
}

function withReason({ after }: VipSides, reason: EffectiveAs['reason']): string[] {
  return entriesOf(after?.ass).flatMap(([address, as]) => (as.effective.reason === reason ? [address] : []));
}

/** ASs that get much more to do without anybody having asked for it. */
export function warnLoad({ sides, plan }: AffectedVip): Problem[] {
  const { before, after } = sides;
  const growth = plan.ass.flatMap(({ address, bucketsBefore, bucketsAfter }) => {
    const was = before?.ass.get(address)?.effective.weight;
    if (bucketsBefore === 0 || was !== after?.ass.get(address)?.effective.weight) return [];
    const times = bucketsAfter / plan.newLenAfter / (bucketsBefore / plan.newLenBefore);
    return times < SURPRISING ? [] : [{ address, times }];
  });
  if (growth.length === 0) return [];
  const most = growth.reduce((largest, { times }) => Math.max(largest, times), 0);
  const who = `${assText(growth.map(({ address }) => address))} of ${vipText(sides.ref)}`;
  const message = `${who}: up to ${most.toFixed(1)} times the new flows of now`;
  return [warning('LB_PLAN_WARN_LOAD', [...pathOf(sides), 'ass'], message)];
}

/** As LB_CFG_WARN_NEW_LEN, but of the table that is built, with the weights of the moment. */
export function warnShare({ sides, plan }: AffectedVip): Problem[] {
  const inUse = plan.ass.filter(({ idealAfter }) => idealAfter > 0);
  const average = plan.newLenAfter / inUse.length;
  // For ASs below the average, one bucket too many is a small load in itself.
  const heavy = inUse.filter(({ idealAfter }) => idealAfter >= average);
  const excess = heavy.map((as) => ({ ...as, times: as.bucketsAfter / as.idealAfter }));
  const [worst] = excess.sort((a, b) => b.times - a.times);
  if (worst === undefined || worst.times <= TOLERATED) return [];
  const who = `AS ${worst.address} of ${vipText(sides.ref)}`;
  const got = `${worst.bucketsAfter} of ${countOf(plan.newLenAfter, 'bucket')}`;
  const message = `${who} gets ${got}, ${percent(worst.times - 1)} more than its weight asks for`;
  return [warning('LB_PLAN_WARN_SHARE', [...pathOf(sides), 'newLen'], message, 'use a larger newLen')];
}

/** Ramps that begin or go on with the change, and what they come to. */
export function warnRamp({ sides, tables }: AffectedVip, { after }: PlanFacts): Problem[] {
  const ramps = entriesOf(sides.after?.ass).filter(([, { effective }]) => effective.reason === 'ramp');
  if (ramps.length === 0 || tables.after === undefined) return [];
  const settled = new Map(ramps.map(([address, { config }]) => [address, config.weight]));
  const ass = tables.after.ass.map((as) => ({ ...as, weight: settled.get(formatAddress(as.address)) ?? as.weight }));
  const inTheEnd = { ass, table: buildNewFlowTable(after.table, ass, tables.after.newLen) };
  const { moved } = diffTables(tables.after, inTheEnd);
  const until = ramps.reduce((latest, [, as]) => Math.max(latest, endOfRamp(as)), 0);
  const who = `${assText(ramps.map(([address]) => address))} of ${vipText(sides.ref)}`;
  const share = percent(moved / tables.after.newLen);
  const message = `${who}: weight on its way until ${new Date(until).toISOString()}; ${share} of the buckets move by then`;
  return [warning('LB_PLAN_WARN_RAMP', [...pathOf(sides), 'ass'], message)];
}

function endOfRamp({ config: { ramp } }: PlannedAs): number {
  return ramp === undefined ? 0 : Date.parse(ramp.start) + ramp.seconds * 1000;
}

function entriesOf(ass: ReadonlyMap<string, PlannedAs> | undefined): [string, PlannedAs][] {
  return ass === undefined ? [] : [...ass];
}
