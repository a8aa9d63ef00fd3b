import { formatPath, type Path } from '../finding.js';
import type { AsConfig, Config, VipConfig } from '../schema.js';
import { describeVip, type VipRef, vipKey, vipRefOf } from '../vip-ref.js';
import { changeText, countOf, valueText } from './change-text.js';
import type { PlanChange } from './types.js';

/** Whose fields are compared, and how the text of a difference begins. */
interface Owner {
  /** Its place after. */
  readonly path: Path;
  readonly pathBefore: Path;
  readonly who: string;
  readonly vip?: VipRef;
  readonly as?: string;
}

/**
 * What has to be done to get from configuration `a` to `b`: settings first, then VIPs that go, change and come. VIPs are
 * the same if their names are, ASs of a VIP if their addresses are. Takes validated configurations.
 */
export function diffConfigs(a: Config, b: Config): readonly PlanChange[] {
  const { vips: before, ...settingsBefore } = a;
  const { vips: after, ...settingsAfter } = b;
  const { gone, kept, come } = pairs(before, after, vipKey);
  return [
    ...diffFields(settingsBefore, settingsAfter, { path: [], pathBefore: [], who: '' }),
    ...gone.map(([vip, i]) => removedVip(vip, i)),
    ...kept.flatMap(([vipBefore, vipAfter, i, was]) => diffVip(vipBefore, vipAfter, i, was)),
    ...(isReordered(kept) ? [reordered(['vips'], 'VIPs')] : []),
    ...come.map(([vip, i]) => addedVip(vip, i)),
  ];
}

function removedVip(vip: VipConfig, i: number): PlanChange {
  const text = `remove VIP ${describeVip(vip)} with its ${countOf(vip.ass.length, 'AS')}`;
  return { kind: 'remove', path: formatPath(['vips', i]), vip: vipRefOf(vip), from: vip, text };
}

function addedVip(vip: VipConfig, i: number): PlanChange {
  const text = `add VIP ${describeVip(vip)}: ${vip.encap}, newLen ${vip.newLen}, ${countOf(vip.ass.length, 'AS')}`;
  return { kind: 'add', path: formatPath(['vips', i]), vip: vipRefOf(vip), to: vip, text };
}

/** A VIP that stays, from its place `was` to its place `i`. */
function diffVip(before: VipConfig, after: VipConfig, i: number, was: number): PlanChange[] {
  if (sameValue(before, after)) return [];
  const vip = vipRefOf(after);
  const owner: Owner = { path: ['vips', i], pathBefore: ['vips', was], who: `VIP ${describeVip(vip)}`, vip };
  const { ass: assBefore, ...settingsBefore } = before;
  const { ass: assAfter, ...settingsAfter } = after;
  const { gone, kept, come } = pairs(assBefore, assAfter, ({ address }) => address);
  const asPath = (k: number): Path => [...owner.path, 'ass', k];
  const asPathBefore = (k: number): Path => [...owner.pathBefore, 'ass', k];
  return [
    ...diffFields(settingsBefore, settingsAfter, owner),
    ...gone.map(([as, k]): PlanChange => {
      const text = `remove AS ${as.address} from ${owner.who}`;
      return { kind: 'remove', path: formatPath(asPathBefore(k)), vip, as: as.address, from: as, text };
    }),
    ...kept.flatMap(([asBefore, asAfter, k, kWas]) => {
      if (sameValue(asBefore, asAfter)) return [];
      const { address } = asAfter;
      const who = `AS ${address} of ${owner.who}`;
      return diffFields(asBefore, asAfter, { path: asPath(k), pathBefore: asPathBefore(kWas), who, vip, as: address });
    }),
    ...(isReordered(kept) ? [reordered([...owner.path, 'ass'], 'ASs', owner)] : []),
    ...come.map(([as, k]): PlanChange => {
      const text = `add AS ${as.address} to ${owner.who}, ${settingsText(as)}`;
      return { kind: 'add', path: formatPath(asPath(k)), vip, as: as.address, to: as, text };
    }),
  ];
}

/** Mappings are compared field by field; lists and plain values as a whole. */
function diffFields(before: object, after: object, owner: Owner): PlanChange[] {
  const fieldsBefore = before as Record<string, unknown>;
  const fieldsAfter = after as Record<string, unknown>;
  const keys = new Set([...Object.keys(fieldsAfter), ...Object.keys(fieldsBefore)]);
  return [...keys].flatMap((key): PlanChange[] => {
    const from = fieldsBefore[key];
    const to = fieldsAfter[key];
    if (sameValue(from, to)) return [];
    const path = [...owner.path, key];
    const pathBefore = [...owner.pathBefore, key];
    if (isMapping(from) && isMapping(to)) return diffFields(from, to, { ...owner, path, pathBefore });
    const about =
      owner.vip === undefined ? {} : { vip: owner.vip, ...(owner.as === undefined ? {} : { as: owner.as }) };
    const values = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
    const kind = from === undefined ? 'add' : to === undefined ? 'remove' : 'change';
    const text = changeText(owner.who, fieldName(path), from, to);
    return [{ kind, path: formatPath(to === undefined ? pathBefore : path), ...about, ...values, text }];
  });
}

/** The field as seen from its owner: `check.interval`. */
function fieldName(path: Path): string {
  const from = path.findLastIndex((key) => typeof key === 'number') + 1;
  return path.slice(from).join('.');
}

function reordered(path: Path, what: string, owner?: Owner): PlanChange {
  const text = `${what} in another order; nothing else comes of it`;
  if (owner?.vip === undefined) return { kind: 'change', path: formatPath(path), text };
  return { kind: 'change', path: formatPath(path), vip: owner.vip, text: `${owner.who}: ${text}` };
}

/** Settings of a new AS; that it is enabled goes without saying. */
function settingsText({ address: _, state, ...settings }: AsConfig): string {
  return valueText({ ...settings, state: state === 'enabled' ? undefined : state });
}

interface Pairs<T> {
  /** With their places before. */
  readonly gone: readonly (readonly [T, number])[];
  /** Before, after, place after; in the order after. */
  readonly kept: readonly (readonly [T, T, number, number])[];
  /** With their places after. */
  readonly come: readonly (readonly [T, number])[];
}

function pairs<T>(before: readonly T[], after: readonly T[], keyOf: (item: T) => string): Pairs<T> {
  const places = new Map(before.map((item, i) => [keyOf(item), i]));
  const kept: [T, T, number, number][] = [];
  const come: [T, number][] = [];
  after.forEach((item, i) => {
    const key = keyOf(item);
    const place = places.get(key);
    places.delete(key);
    if (place === undefined) come.push([item, i]);
    else kept.push([before[place]!, item, i, place]);
  });
  return { gone: [...places.values()].map((i) => [before[i]!, i] as const), kept, come };
}

function isReordered<T>(kept: Pairs<T>['kept']): boolean {
  return kept.some(([, , , place], i) => i > 0 && place < kept[i - 1]![3]);
}

function isMapping(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether two values of the model are equal; the order of keys does not count. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length && keys.every((key) => sameValue(left[key], right[key]));
}
