import type { Incident } from '../support/http-load.js';
import { mayBeSilent } from './silence.js';

/** What an operation may break; what is not named does not restrict. */
export interface MayBreak {
  /** Name of a loaded VIP. */
  readonly vip?: string;
  /** Name of a server: connections that it answered, and any that are being opened meanwhile. */
  readonly server?: string;
  /** Connections that nothing had answered yet, and no others. */
  readonly openingOnly?: boolean;
}

/** Whose packets an operation may lose while it is under way. */
export interface MayLose {
  /** Name of a server: those to it and from it. Without: all packets. */
  readonly server?: string;
}

/** An operation that was carried out. Times are in milliseconds since 1970. */
export interface Done {
  readonly what: string;
  readonly fromMs: number;
  /** When it was over, as far as connections go; Infinity as long as that is not known. */
  readonly toMs: number;
  /** Undefined: nothing at all. */
  readonly mayBreak?: MayBreak;
  /** Undefined: no packet. */
  readonly mayLose?: MayLose;
}

/**
 * How long packets may be lost after what lost them was over: the kernel asks for a neighbour a second after it asked in vain, and the
 * balancer follows what it finds within a second.
 */
export const FOLLOWS_WITHIN_MS = 2_000;

/** What is known of the senders. */
export interface Senders {
  /** Longest pause before TCP sends again, milliseconds. */
  readonly longestPauseMs: number;
}

/**
 * The operations that explain why a connection broke. Its last answered question was asked at one moment, and it was broken at a later
 * one, so an operation that may break it has to have been under way between the two. A silence may also come of lost packets, if TCP's
 * own pauses turn them into one that long.
 * @param vip name of the VIP that the connection was to
 */
export function explanations(vip: string, incident: Incident, operations: readonly Done[], senders: Senders): Done[] {
  const breaking = operations.filter(({ fromMs, toMs, mayBreak }) => {
    if (incident.toMs < fromMs || incident.fromMs > toMs) return false;
    if (mayBreak === undefined || (mayBreak.vip !== undefined && mayBreak.vip !== vip)) return false;
    if (incident.server === '') return true;
    if (mayBreak.openingOnly === true) return false;
    return mayBreak.server === undefined || mayBreak.server === incident.server;
  });
  if (breaking.length > 0 || !/(timeout|ETIMEDOUT|EHOSTUNREACH)$/.test(incident.reason)) return breaking;
  const losing = operations.filter(({ fromMs, toMs, mayLose }) => {
    if (mayLose === undefined || incident.toMs < fromMs || incident.fromMs > toMs + FOLLOWS_WITHIN_MS) return false;
    return mayLose.server === undefined || incident.server === '' || mayLose.server === incident.server;
  });
  // A router says so that has lost a neighbour.
  if (incident.reason.endsWith('EHOSTUNREACH')) return losing;
  const outages = losing.map(({ fromMs, toMs }) => ({ fromMs, toMs: toMs + FOLLOWS_WITHIN_MS }));
  const silence = { ...incident, opening: incident.clientPort === 0 };
  return mayBeSilent(silence, outages, senders.longestPauseMs) ? losing : [];
}
