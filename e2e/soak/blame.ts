import type { Incident } from '../support/http-load.js';

/** What an operation may break; what is not named does not restrict. */
export interface MayBreak {
  /** Name of a loaded VIP. */
  readonly vip?: string;
  /** Name of a server: connections that it answered, and any that are being opened meanwhile. */
  readonly server?: string;
  /** Connections that nothing had answered yet, and no others. */
  readonly openingOnly?: boolean;
}

/** An operation that was carried out. Times are in milliseconds since 1970. */
export interface Done {
  readonly what: string;
  readonly fromMs: number;
  /** When it was over, as far as connections go. */
  readonly toMs: number;
  /** Undefined: nothing at all. */
  readonly mayBreak?: MayBreak;
}

/** How long after an operation was told to be done it may still show: one round of the loads and of their scheduler. */
export const SLACK_MS = 500;

/**
 * The operations that explain why a connection broke: it was well at one moment and broken at a later one, so an operation that may
 * break it has to have been under way between the two.
 * @param vip name of the VIP that the connection was to
 */
export function explanations(vip: string, incident: Incident, operations: readonly Done[]): Done[] {
  return operations.filter(({ fromMs, toMs, mayBreak }) => {
    if (mayBreak === undefined || incident.toMs < fromMs || incident.fromMs > toMs + SLACK_MS) return false;
    if (mayBreak.vip !== undefined && mayBreak.vip !== vip) return false;
    if (incident.server === '') return true;
    if (mayBreak.openingOnly === true) return false;
    return mayBreak.server === undefined || mayBreak.server === incident.server;
  });
}
