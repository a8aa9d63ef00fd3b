import { describeVip, parseCommands, type VipRef } from '@lb/control';
import type { Proposal } from './proposal.js';

/** Established flows that command lines have balanced anew: those of some ASs of a VIP, or of all. */
export interface Flush {
  readonly vip: VipRef;
  /** Absent: all of them. */
  readonly ass?: readonly string[];
}

/**
 * What a proposal flushes. A plan compares configurations, and so counts these flows as kept.
 * @throws ConfigError for lines that are no commands
 */
export function flushesOf(proposal: Proposal): Flush[] {
  if (proposal.kind !== 'lines') return [];
  return parseCommands(proposal.lines.join('\n')).flatMap((command): Flush[] => {
    if (command.kind === 'flush-vip') return [{ vip: command.vip }];
    return command.kind === 'as' && command.flush ? [{ vip: command.vip, ass: command.addresses }] : [];
  });
}

/** For a person, below the plan. */
export function flushText(flushes: readonly Flush[]): string {
  if (flushes.length === 0) return '';
  const lines = flushes.map(({ vip, ass }) => {
    return `  ${ass === undefined ? 'all flows' : `the flows of ${ass.join(', ')}`} of VIP ${describeVip(vip)}`;
  });
  return `\nFLUSHED, though counted as kept above\n${lines.join('\n')}\n`;
}
