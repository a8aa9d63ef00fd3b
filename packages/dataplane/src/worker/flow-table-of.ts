import { FlowTable } from '@lb/core';
import type { Secret } from '../pipeline/engine.js';
import { FLOW_SIDE_WORDS } from '../pipeline/flow-details.js';
import { wordsOf } from './shared-words.js';
import type { WorkerTables } from './worker-setup.js';

/** This thread's view of a worker's flow table, with details if it has any. To be read only, and not once they are freed. */
export function flowTableOf(
  { flows, flowDetails }: Pick<WorkerTables, 'flows' | 'flowDetails'>,
  lines: number,
  secret: Secret,
  library: string,
): FlowTable {
  const details = flowDetails && { sideWords: FLOW_SIDE_WORDS, side: wordsOf(flowDetails, library) };
  return new FlowTable({ lines, secret, memory: wordsOf(flows, library), ...details });
}
