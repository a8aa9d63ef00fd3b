import { buildNewFlowTable } from '@lb/core';
import type { AsSpec, TableKind, VipSpec } from './spec.js';

interface Built {
  readonly kind: TableKind;
  readonly newLen: number;
  readonly ass: readonly AsSpec[];
  readonly table: Int32Array;
}

/**
 * New-flow tables by VIP. Most images differ from the one before in next hops, or in one VIP: a table whose inputs
 * (method, length, ASs in their order with their weights) are the same is kept, since building it is the dearest part.
 */
export class TableCache {
  private built = new Map<string, Built>();
  private next = new Map<string, Built>();

  /**
   * Table of a VIP: bucket → index into its ASs, or −1 (see buildNewFlowTable). Not to be written to.
   * @param key names the VIP
   */
  table(key: string, vip: VipSpec, kind: TableKind): Int32Array {
    const { ass, newLen } = vip;
    let known = this.next.get(key) ?? this.built.get(key);
    if (known === undefined || known.kind !== kind || known.newLen !== newLen || !isSame(known.ass, ass)) {
      known = { kind, newLen, ass, table: buildNewFlowTable(kind, ass, newLen) };
    }
    this.next.set(key, known);
    return known.table;
  }

  /** An image is complete: forget tables that it did not ask for. */
  prune(): void {
    this.built = this.next;
    this.next = new Map();
  }
}

function isSame(before: readonly AsSpec[], after: readonly AsSpec[]): boolean {
  if (before === after) return true;
  if (before.length !== after.length) return false;
  for (let i = 0; i < before.length; i++) {
    if (before[i].weight !== after[i].weight) return false;
    const one = before[i].address.bytes;
    const other = after[i].address.bytes;
    if (one.length !== other.length) return false;
    for (let k = 0; k < one.length; k++) if (one[k] !== other[k]) return false;
  }
  return true;
}
