import { buildNewFlowTable, diffTables, formatAddress, NO_AS, type TableDiff, type WeightedAs } from '@lb/core';
import { resolveConfig } from '../resolve.js';
import type { Config } from '../schema.js';
import { vipKey } from '../vip-ref.js';
import { sameValue } from './diff-configs.js';
import type { VipSides } from './sides.js';
import type { Planned } from './types.js';

/** The new-flow table of a VIP with the ASs that it names. */
export interface VipTable {
  readonly newLen: number;
  /** Bucket → index into `ass`, or −1. */
  readonly table: Int32Array;
  readonly ass: readonly WeightedAs[];
}

export interface TablePair {
  readonly before: VipTable | undefined;
  readonly after: VipTable | undefined;
  readonly diff: TableDiff;
}

/** The tables of some VIPs as images of both sides would hold them. */
export function tablePairs(before: Planned, after: Planned, vips: readonly VipSides[]): TablePair[] {
  const inputsBefore = tableInputs(before, vips.map((vip) => vip.before?.config).filter(isThere));
  const inputsAfter = tableInputs(after, vips.map((vip) => vip.after?.config).filter(isThere));
  return vips.map(({ ref }) => {
    const key = vipKey(ref);
    return tablePair(inputsBefore.get(key), inputsAfter.get(key));
  });
}

/** At least one of the inputs is there. */
function tablePair(inputBefore: TableInput | undefined, inputAfter: TableInput | undefined): TablePair {
  const before = inputBefore && build(inputBefore);
  const after = inputAfter && (sameTable(inputBefore, inputAfter) ? before! : build(inputAfter));
  return { before, after, diff: diffTables(before ?? vacant(after!), after ?? vacant(before!)) };
}

/** What a VIP that is not there would say to each of these buckets. */
function vacant({ newLen }: VipTable): VipTable {
  return { newLen, table: new Int32Array(newLen).fill(NO_AS), ass: [] };
}

interface TableInput {
  readonly kind: Config['table'];
  readonly newLen: number;
  readonly ass: readonly WeightedAs[];
}

function build({ kind, newLen, ass }: TableInput): VipTable {
  return { newLen, ass, table: buildNewFlowTable(kind, ass, newLen) };
}

function sameTable(a: TableInput | undefined, b: TableInput): boolean {
  if (a === undefined || a.kind !== b.kind || a.newLen !== b.newLen) return false;
  return a.ass.length === b.ass.length && a.ass.every((as, i) => sameAs(as, b.ass[i]!));
}

function sameAs(a: WeightedAs, b: WeightedAs): boolean {
  return a.weight === b.weight && formatAddress(a.address) === formatAddress(b.address);
}

/** From the same form that images are compiled from; by vipKey. */
function tableInputs({ config, effective }: Planned, vips: Config['vips']): Map<string, TableInput> {
  const spec = resolveConfig({ ...config, vips }, effective);
  const inputs = spec.vips.map(({ newLen, ass }, i) => [vipKey(vips[i]!), { kind: spec.table, newLen, ass }] as const);
  return new Map(inputs);
}

function isThere<T>(value: T | undefined): value is T {
  return value !== undefined;
}

/** Whether the plan has something to say of a VIP: its table, its ASs or its flows are not what they were. */
export function isAffected({ before, after }: VipSides, tableChanges: boolean): boolean {
  if (before === undefined || after === undefined || tableChanges) return true;
  const settings = ({ newLen, srcIpSticky }: Config['vips'][number]) => [newLen, srcIpSticky];
  if (!sameValue(settings(before.config), settings(after.config))) return true;
  if (before.ass.size !== after.ass.size) return true;
  return [...after.ass].some(([address, as]) => !sameValue(as, before.ass.get(address)));
}
