import { type Counters, REASONS, type ReasonName, reasonCode } from '@lb/dataplane';

/** Packets by verdict, each adding up to `packets`. */
export interface VerdictReport {
  readonly packets: number;
  readonly forwarded: number;
  /** Answered here: echo requests to a VIP with a port. */
  readonly replied: number;
  readonly punted: number;
  readonly puntedBy: Readonly<Record<string, number>>;
  readonly dropped: Readonly<Record<string, number>>;
  /** Of the forwarded packets, those restored on the way back from a server. */
  readonly natReturn: number;
}

const LAST_PUNT = reasonCode('echo-fragment');

/** What workers counted, added up. Packets still held for their first fragment are in none of the numbers. */
export function reportVerdicts(counters: readonly Counters[]): VerdictReport {
  const totals = { forwarded: 0, replied: 0, punted: 0, natReturn: 0 };
  const puntedBy: Record<string, number> = {};
  const dropped: Record<string, number> = {};
  for (const worker of counters) {
    const { forwarded, replied, punted, natReturn } = worker.worker();
    totals.forwarded += forwarded;
    totals.replied += replied;
    totals.punted += punted;
    totals.natReturn += natReturn;
    for (const [reason, packets] of Object.entries(worker.reasons())) {
      const group = isPunt(reason as ReasonName) ? puntedBy : dropped;
      group[reason] = (group[reason] ?? 0) + packets;
    }
  }
  const { forwarded, replied, punted, natReturn } = totals;
  const packets = forwarded + replied + punted + sumOf(dropped);
  return { packets, forwarded, dropped, punted, replied, puntedBy, natReturn };
}

export function isPunt(reason: ReasonName): boolean {
  const code = reasonCode(reason);
  return code > 0 && code <= LAST_PUNT;
}

/** What a reason means, in a sentence. */
export function meaningOf(reason: string): string {
  return REASONS.find(([name]) => name === reason)?.[1] ?? '';
}

export function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
