import { ENTRIES_PER_LINE, LINE_WORDS } from '@lb/core';
import { COUNTER_VALUES } from '../counters.js';
import { MAX_AS_SLOTS } from '../image/compiler.js';
import { FLOW_STATES } from '../image/lifetimes.js';
import { FLOW_SIDE_WORDS } from '../pipeline/flow-details.js';
import { SESSION_SIDE_WORDS } from '../pipeline/nat-sessions.js';
import { TAP_WORDS } from '../tap/tap-layout.js';
import type { SharedWordsSource } from './shared-words.js';
import type { WorkerMemory, WorkerTables } from './worker-setup.js';
import { Gauge, Status } from './worker-status.js';

/**
 * Memory for a worker: zeroed, but for the tables if they are kept ones.
 * @param details whether tables that are not kept have details of flows
 */
export function takeMemory(
  source: SharedWordsSource,
  lines: number,
  details: boolean,
  kept?: WorkerTables,
): WorkerMemory {
  return {
    status: new Int32Array(new SharedArrayBuffer(Status.WORDS * 4)),
    gauges: sharedDoubles(Gauge.COUNT),
    counters: sharedDoubles(COUNTER_VALUES),
    flowCounts: { values: sharedDoubles(MAX_AS_SLOTS + 1), states: sharedDoubles(FLOW_STATES) },
    tap: new Int32Array(new SharedArrayBuffer(TAP_WORDS * 4)),
    ...(kept ?? takeTables(source, lines, details)),
  };
}

/**
 * 64 bytes for each line of the flow table, 192 for its details, 192 for each of the NAT sessions. The system gives pages only as they are
 * written, so sessions that nobody needs cost nothing.
 */
function takeTables(source: SharedWordsSource, lines: number, details: boolean): WorkerTables {
  return {
    flows: source.take(lines * LINE_WORDS),
    sessions: {
      words: source.take(lines * LINE_WORDS),
      side: source.take(lines * ENTRIES_PER_LINE * SESSION_SIDE_WORDS),
    },
    ...(details && { flowDetails: source.take(lines * ENTRIES_PER_LINE * FLOW_SIDE_WORDS) }),
  };
}

function sharedDoubles(count: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(count * 8));
}
