import { formatAddress } from '@lb/core';
import { type AsFate, countFlows } from './flow-fates.js';
import type { VipSides } from './sides.js';
import type { AsPlan, VipPlan } from './types.js';
import type { TablePair, VipTable } from './vip-tables.js';

/** Puts together what the tables and the flows of one VIP say. */
export function vipPlan(sides: VipSides, tables: TablePair, fates: readonly AsFate[], countsFlows: boolean): VipPlan {
  const { before, after, diff } = tables;
  const sharesBefore = before && bucketsOf(before);
  const sharesAfter = after && bucketsOf(after);
  const idealAfter = after && idealsOf(after);
  const [namesBefore, namesAfter] = [namesOf(before), namesOf(after)];
  return {
    vip: sides.ref,
    change: before === undefined ? 'added' : after === undefined ? 'removed' : 'changed',
    newLenBefore: before?.newLen ?? 0,
    newLenAfter: after?.newLen ?? 0,
    buckets: diff.newLen,
    moved: diff.moved,
    share: diff.moved / diff.newLen,
    moves: diff.flows.map(({ from, to, buckets }) => ({
      from: namesBefore[from] ?? null,
      to: namesAfter[to] ?? null,
      buckets,
    })),
    ass: fates.map(({ address, flows, fate }): AsPlan => {
      const bucketsBefore = sharesBefore?.get(address) ?? 0;
      const bucketsAfter = sharesAfter?.get(address) ?? 0;
      return { address, bucketsBefore, bucketsAfter, idealAfter: idealAfter?.get(address) ?? 0, flows, fate };
    }),
    flows: countsFlows ? countFlows(fates) : null,
  };
}

/** Addresses by index; there is none at −1. */
function namesOf(table: VipTable | undefined): string[] {
  return table === undefined ? [] : table.ass.map(({ address }) => formatAddress(address));
}

/** Buckets by address. */
function bucketsOf({ table, ass }: VipTable): Map<string, number> {
  const counts = new Int32Array(ass.length);
  for (const index of table) if (index >= 0) counts[index]++;
  return new Map(ass.map(({ address }, i) => [formatAddress(address), counts[i]!]));
}

/** What each weight asks for, in buckets, by address. */
function idealsOf({ ass, newLen }: VipTable): Map<string, number> {
  const sum = ass.reduce((total, { weight }) => total + weight, 0);
  return new Map(ass.map(({ address, weight }) => [formatAddress(address), sum === 0 ? 0 : (newLen * weight) / sum]));
}
