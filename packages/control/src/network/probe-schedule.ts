import { isUsable } from './neighbour-states.js';
import type { ProbeTarget } from './probe-targets.js';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** Asking again for a neighbour that went stale starts the kernel's own check; its outcome takes some seconds. */
const REFRESH_MS = 10_000;

interface Entry {
  target: ProbeTarget;
  /** Time of the next probe; Infinity while there is nothing to ask. */
  dueMs: number;
  /** Until the one after that. */
  pauseMs: number;
}

/**
 * When to probe which neighbour; pure, times are given. An unresolved one is asked for at once, then after 1, 2, 4, … and
 * every 30 seconds; a stale one at once, as the kernel would upon the first packet if the packets were its own: so that a
 * server that has moved to another Ethernet address is noticed.
 */
export class ProbeSchedule {
  #entries = new Map<string, Entry>();

  /** Sets what is wanted now, with the kernel's states. Those wanted before keep their times. */
  update(targets: readonly ProbeTarget[], nowMs: number): void {
    const entries = new Map<string, Entry>();
    for (const target of targets) {
      const key = `${target.device} ${target.address}`;
      entries.set(key, follow(this.#entries.get(key), target, nowMs));
    }
    this.#entries = entries;
  }

  /** Up to `limit` targets whose time has come, longest overdue first; they count as probed. */
  take(nowMs: number, limit: number): readonly ProbeTarget[] {
    const due = [...this.#entries.values()].filter((entry) => entry.dueMs <= nowMs);
    due.sort((a, b) => a.dueMs - b.dueMs);
    for (const entry of due.slice(0, limit)) {
      entry.dueMs = nowMs + entry.pauseMs;
      if (!isUsable(entry.target.state)) entry.pauseMs = Math.min(entry.pauseMs * 2, LONGEST_PAUSE_MS);
    }
    return due.slice(0, limit).map((entry) => entry.target);
  }

  /** Time of the next probe; Infinity if there is none. */
  nextDueMs(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { dueMs } of this.#entries.values()) next = Math.min(next, dueMs);
    return next;
  }
}

function follow(old: Entry | undefined, target: ProbeTarget, nowMs: number): Entry {
  if (!isUsable(target.state)) {
    if (old === undefined || isUsable(old.target.state)) return { target, dueMs: nowMs, pauseMs: FIRST_PAUSE_MS };
    return { ...old, target };
  }
  if (target.state !== 'STALE') return { target, dueMs: Number.POSITIVE_INFINITY, pauseMs: REFRESH_MS };
  return old?.target.state === 'STALE' ? { ...old, target } : { target, dueMs: nowMs, pauseMs: REFRESH_MS };
}
