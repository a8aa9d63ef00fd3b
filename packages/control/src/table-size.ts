import { settledVip } from './effective/effective.js';
import { type Finding, finding } from './finding.js';
import type { Config, VipConfig } from './schema.js';

/** Above this, the difference between the share of an AS and its weight is worth a warning. */
const TOLERATED = 1.1;
const MAX_NEW_LEN = 2 ** 24;

/**
 * How far the fullest AS may exceed the share that its weight asks for, as a factor; 1 when no AS is in use.
 *
 * `maglev` gives whole buckets: the ideal rounded up at most. ASs below the average weight are left out: one bucket
 * too many for them is a small load in itself. `vpp` deals buckets in turns to `weight` copies of each AS, so with
 * unequal weights the copies that get a turn more than others may all be of one AS.
 */
export function expectedImbalance(table: Config['table'], newLen: number, weights: readonly number[]): number {
  const inUse = weights.filter((weight) => weight > 0);
  const sum = inUse.reduce((total, weight) => total + weight, 0);
  if (table === 'vpp' && new Set(inUse).size > 1) return roundedUp(newLen / sum);
  const heavy = inUse.filter((weight) => weight * inUse.length >= sum);
  return heavy.reduce((worst, weight) => Math.max(worst, roundedUp((newLen * weight) / sum)), 1);
}

function roundedUp(ideal: number): number {
  return Math.ceil(ideal) / ideal;
}

/** Warnings about the new-flow table of one VIP; paths are relative to it. */
export function checkTableSize(table: Config['table'], vip: VipConfig): Finding[] {
  const weights = settledVip(vip).map((as) => as.weight);
  const inUse = weights.filter((weight) => weight > 0).length;
  if (inUse === 0) return [finding('LB_CFG_WARN_NO_AS', ['ass'], `${whyNone(vip)}: packets of new flows are dropped`)];
  const imbalance = expectedImbalance(table, vip.newLen, weights);
  if (imbalance <= TOLERATED) return [];
  const excess = `an AS may get ${Math.round((imbalance - 1) * 100)} % more than its share`;
  const enough = sufficientNewLen(table, weights);
  if (table === 'vpp' && expectedImbalance('maglev', vip.newLen, weights) <= TOLERATED) {
    const sum = weights.reduce((total, weight) => total + weight, 0);
    const says = `${vip.newLen} is small for VPP's fill with weights that add up to ${sum}: ${excess}`;
    return [finding('LB_CFG_WARN_VPP_WEIGHTS', ['newLen'], says, `use table maglev, or ${enough} buckets or more`)];
  }
  const left = inUse - vip.newLen;
  const says = `${vip.newLen} is small for ${inUse} ASs: ${left > 0 ? `${left} of them get no new flow` : excess}`;
  return [finding('LB_CFG_WARN_NEW_LEN', ['newLen'], says, `use ${enough} or more`)];
}

function whyNone({ ass }: VipConfig): string {
  if (ass.length === 0) return 'is empty';
  if (ass.every(({ weight }) => weight === 0)) return 'has weight 0 throughout';
  return 'has none that is enabled with a weight above 0';
}

function sufficientNewLen(table: Config['table'], weights: readonly number[]): number {
  let newLen = 1;
  while (newLen < MAX_NEW_LEN && expectedImbalance(table, newLen, weights) > TOLERATED) newLen *= 2;
  return newLen;
}
