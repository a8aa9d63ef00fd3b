import { buildMaglevTable } from './maglev-table.js';
import { buildVppTable } from './vpp-table.js';
import type { WeightedAs } from './weighted-as.js';

const NEW_FLOW_TABLES = { maglev: buildMaglevTable, vpp: buildVppTable } as const;

/**
 * The new-flow table of a VIP as images hold it and previews show it: whoever needs one takes it from here, so that
 * what was shown is what is served.
 * @param newLen number of buckets, a power of two up to 2^24
 * @returns bucket → index into `ass`, or −1 when no AS has a weight
 * @throws LbError LB_TABLE_NEW_LEN, LB_TABLE_WEIGHT, LB_TABLE_DUPLICATE_AS
 */
export function buildNewFlowTable(
  kind: keyof typeof NEW_FLOW_TABLES,
  ass: readonly WeightedAs[],
  newLen: number,
): Int32Array {
  return NEW_FLOW_TABLES[kind](ass, newLen);
}
