import { formatPrefix, type Prefix, parsePrefix, prefixMask } from '@lb/core';
import type { Problem } from '../errors.js';
import type { Config } from '../schema.js';
import type { PlanFacts } from './facts.js';
import type { VipSides } from './sides.js';
import { pathOf, vipText, warning } from './warning.js';

/**
 * The longest prefix decides for a destination, whatever its VIPs serve. So a prefix that comes takes its addresses from
 * the one around it, and one that goes leaves them to that. Counts of flows are not known by address.
 */
export function warnNested({ before, after, sides }: PlanFacts): Problem[] {
  const left = prefixesOf(before);
  const right = prefixesOf(after);
  const lengths = lengthsOf([...left, ...right]);
  const warned = new Set<string>();
  const firstOfPrefix = sides.filter(({ ref: { prefix } }) => {
    if (left.has(prefix) === right.has(prefix) || warned.has(prefix)) return false;
    warned.add(prefix);
    return true;
  });
  return firstOfPrefix.flatMap((vip) => {
    const comes = right.has(vip.ref.prefix);
    const around = outerOf(vip.ref.prefix, comes ? left : right, lengths);
    // What is itself about to go cuts its flows anyhow.
    if (around === undefined || (comes && !right.has(around))) return [];
    return [comes ? taken(vip, around) : leftTo(vip, around)];
  });
}

function taken(vip: VipSides, around: string): Problem {
  const { prefix, port } = vip.ref;
  const flows = `flows to ${prefix} are balanced anew, though they count as kept`;
  const ports =
    port === undefined ? '' : `; what goes to ports that no VIP of ${prefix} serves is not balanced any more`;
  const message = `${vipText(vip.ref)} lies in ${around} and takes its traffic from there: ${flows}${ports}`;
  return warning('LB_PLAN_WARN_NESTED', [...pathOf(vip), 'prefix'], message);
}

function leftTo(vip: VipSides, around: string): Problem {
  const message = `${vipText(vip.ref)} goes: what is sent to ${vip.ref.prefix} then belongs to ${around} around it`;
  return warning('LB_PLAN_WARN_NESTED', pathOf(vip), message);
}

function prefixesOf({ vips }: Config): ReadonlySet<string> {
  return new Set(vips.map(({ prefix }) => prefix));
}

/** Prefix lengths in use, longest first: there are few of them. */
function lengthsOf(prefixes: readonly string[]): number[] {
  const lengths = new Set(prefixes.map((prefix) => parsePrefix(prefix).length));
  return [...lengths].sort((a, b) => b - a);
}

/** The longest of some prefixes that contains a prefix and is shorter. */
function outerOf(prefix: string, among: ReadonlySet<string>, lengths: readonly number[]): string | undefined {
  const inner = parsePrefix(prefix);
  const outers = lengths
    .filter((length) => length < inner.length)
    .map((length) => formatPrefix(shortened(inner, length)));
  return outers.find((outer) => among.has(outer));
}

function shortened({ address: { family, bytes } }: Prefix, length: number): Prefix {
  const mask = prefixMask(family, length);
  return { address: { family, bytes: bytes.map((byte, i) => byte & mask[i]!) }, length };
}
