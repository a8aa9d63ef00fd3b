import type { VipRef } from '@lb/control';
import type { AsSample } from '@lb/control/client';
import { plural } from '../text.js';

/** The command line that does something to ASs of a VIP. */
export function asLine(
  { prefix, protocol, port }: VipRef,
  addresses: readonly string[],
  words: readonly string[],
): string {
  const ref = [prefix, ...(protocol ? ['protocol', protocol] : []), ...(port ? ['port', String(port)] : [])];
  return ['lb as', ...ref, ...addresses, ...words].join(' ');
}

/** How an AS is, in a line. */
export function asText(vip: string, { address, state, weight, effectiveWeight, reason, flows }: AsSample): string {
  const share =
    effectiveWeight === weight ? `weight ${weight}` : `weight ${weight}, now ${weightText(effectiveWeight)}`;
  const why = reason === 'configured' || reason === state ? '' : ` (${reason})`;
  return `${address} of ${vip}: ${state}, ${share}${why}, ${plural(flows, 'flow')}`;
}

/** With a decimal where it has any. */
export function weightText(weight: number): string {
  return Number.isInteger(weight) ? String(weight) : weight.toFixed(1);
}
