import type { AsConfig, VipRef } from '@lb/control';

const WORD_OF_STATE = { enabled: 'enable', draining: 'drain', disabled: 'disable' } as const;

/** What names a VIP in a command line: `90.1.2.1/32 protocol tcp port 80`. */
export function vipWords({ prefix, protocol, port }: VipRef): string {
  if (port === undefined) return prefix;
  return `${prefix}${protocol === undefined ? '' : ` protocol ${protocol}`} port ${port}`;
}

/** The line that sets the weight of ASs, at once or over some seconds. */
export function weightLine(vip: VipRef, addresses: readonly string[], weight: number, overSeconds?: number): string {
  const over = overSeconds === undefined ? '' : ` over ${overSeconds}`;
  return `lb as ${vipWords(vip)} ${addresses.join(' ')} weight ${weight}${over}`;
}

/** The line that sets the administrative state of ASs; a deadline, in seconds, ends a drain. */
export function stateLine(
  vip: VipRef,
  addresses: readonly string[],
  state: AsConfig['state'],
  deadlineSeconds?: number,
): string {
  const deadline = deadlineSeconds === undefined ? '' : ` deadline ${deadlineSeconds}`;
  return `lb as ${vipWords(vip)} ${addresses.join(' ')} ${WORD_OF_STATE[state]}${deadline}`;
}

/** The line that gives ASs a weight and a state, and makes those that the VIP does not have. */
export function asLine(
  vip: VipRef,
  addresses: readonly string[],
  { weight, state }: Pick<AsConfig, 'weight' | 'state'>,
): string {
  return `lb as ${vipWords(vip)} ${addresses.join(' ')} weight ${weight} ${WORD_OF_STATE[state]}`;
}

/** The line that removes ASs; established flows go on unless they are flushed. */
export function removeAssLine(vip: VipRef, addresses: readonly string[], flush = false): string {
  return `lb as ${vipWords(vip)} ${addresses.join(' ')} del${flush ? ' flush' : ''}`;
}

export function removeVipLine(vip: VipRef): string {
  return `lb vip ${vipWords(vip)} del`;
}

/** The line that has the established flows of a VIP balanced anew. */
export function flushVipLine(vip: VipRef): string {
  return `lb flush vip ${vipWords(vip)}`;
}

/** Whether the text is meant as command lines: they all begin with `lb`. */
export function isCommandText(text: string): boolean {
  return /^\s*(#|lb(\s|$))/.test(text) || text.trim().includes('\n');
}

/** The lines of a text that say something. */
export function commandLines(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line.trim() !== '');
}
