import type { VipSample } from '@lb/control/client';

/** Finds the VIPs of a sample by their identifiers. */
export interface VipIndex {
  get(id: string): VipSample | undefined;
}

const NONE: readonly VipSample[] = [];
const indexes = new WeakMap<readonly VipSample[], VipIndex>();

/** The index of the VIPs of a sample, made once for all who ask: a sample is that of now, then for some time one of before. */
export function vipsById(vips: readonly VipSample[] = NONE): VipIndex {
  const known = indexes.get(vips);
  if (known !== undefined) return known;
  const index = new Map(vips.map((vip) => [vip.id, vip]));
  indexes.set(vips, index);
  return index;
}

/** Gives VIPs an index that is known already. */
export function setIndex(vips: readonly VipSample[], index: VipIndex): void {
  indexes.set(vips, index);
}
