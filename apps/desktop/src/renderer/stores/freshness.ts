import type { DaemonInfo } from '../../shared/daemon-info.js';

/** How far what is shown can be taken for what is. */
export interface Freshness {
  /** null: nothing has come yet. */
  readonly ageMs: number | null;
  readonly level: 'none' | 'fresh' | 'stale';
}

/** Samples are asked for once a second; one that is late by two is missed. */
export const STALE_AFTER_MS = 3000;

/** @param receivedAt when the latest sample came; both times in ms of this machine's clock */
export function freshness(receivedAt: number | null, now: number, state: DaemonInfo['state'] | undefined): Freshness {
  if (receivedAt === null) return { ageMs: null, level: 'none' };
  const ageMs = Math.max(0, now - receivedAt);
  return { ageMs, level: state === 'connected' && ageMs < STALE_AFTER_MS ? 'fresh' : 'stale' };
}
