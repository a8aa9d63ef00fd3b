import type { Problem } from '../errors.js';
import { formatPath, type Path } from '../finding.js';
import { describeVip, type VipRef } from '../vip-ref.js';
import type { VipSides } from './sides.js';

export function warning(code: Problem['code'], path: Path, message: string, hint?: string): Problem {
  return { code, message, path: formatPath(path), ...(hint === undefined ? {} : { hint }) };
}

/** Place of a VIP after the change, of one that goes before it. */
export function pathOf({ before, after }: VipSides): Path {
  return ['vips', (after ?? before)!.index];
}

/** `VIP 90.1.2.1/32 tcp port 80`. */
export function vipText(vip: VipRef): string {
  return `VIP ${describeVip(vip)}`;
}

const NAMED = 3;

/** `AS 10.0.0.1`, or `5 ASs (10.0.0.1, 10.0.0.2, 10.0.0.3 and 2 more)`. */
export function assText(addresses: readonly string[]): string {
  if (addresses.length === 1) return `AS ${addresses[0]}`;
  const rest = addresses.length - NAMED;
  const named = addresses.slice(0, NAMED).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
  return `${addresses.length} ASs (${named})`;
}
