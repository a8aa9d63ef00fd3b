import { ENTRIES_PER_LINE, LINE_WORDS } from '@lb/core';
import { COUNTER_VALUES } from '../counters.js';
import { MAX_AS_SLOTS } from '../image/compiler.js';
import { SESSION_SIDE_WORDS } from '../pipeline/nat-sessions.js';
import type { SharedWordsSource } from './shared-words.js';
import type { WorkerMemory } from './worker-setup.js';
import { Gauge, Status } from './worker-status.js';

/**
 * Zeroed memory for a worker: 64 bytes for each line of its flow table, 192 for each of its NAT sessions. The system
 * gives pages only as they are written, so sessions that nobody needs cost nothing.
 */
export function takeMemory(source: SharedWordsSource, lines: number): WorkerMemory {
  return {
    status: new Int32Array(new SharedArrayBuffer(Status.WORDS * 4)),
    gauges: sharedDoubles(Gauge.COUNT),
    counters: sharedDoubles(COUNTER_VALUES),
    flowCounts: sharedDoubles(MAX_AS_SLOTS + 1),
    flows: source.take(lines * LINE_WORDS),
    sessions: {
      words: source.take(lines * LINE_WORDS),
      side: source.take(lines * ENTRIES_PER_LINE * SESSION_SIDE_WORDS),
    },
  };
}

function sharedDoubles(count: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(count * 8));
}
