import { LbError } from '@lb/core';

/** Every code this folder can throw, with what it means. The codes are stable. */
export const WORKER_ERRORS = {
  LB_WORKER_START: 'A worker ended before it had served its queues for the first time.',
  LB_WORKER_OPTIONS: 'The workers were asked for something that does not fit together, such as none at all.',
  LB_FLOWS_FOLDER: 'The folder for flow tables that outlive the process cannot be used.',
  LB_FLOWS_LOCKED: 'Another process uses the folder for flow tables that outlive the process.',
  LB_FLOWS_BOOT: 'Flow tables that were found are from before the last start of the system; they were removed.',
  LB_FLOWS_INCOMPATIBLE: 'Flow tables that were found are of another version or size; they were set aside.',
  LB_FLOWS_DAMAGED: 'Flow tables that were found are damaged or not complete; they were set aside.',
  LB_FLOWS_FOREIGN: 'Flow tables that were found may have been written or read by other users; they were set aside.',
  LB_FLOWS_OWNERS:
    'Which AS the entries of flow tables belong to is not written down: they cannot be used after a restart.',
  LB_WORKER_CURSOR: 'A list of flows is to go on from a place that no page of it has named.',
  LB_WORKER_TAP_BUSY: 'Packets are being captured or traced already; there is one capture or trace at a time.',
} as const;

export type WorkerErrorCode = keyof typeof WORKER_ERRORS;

/** Makes (does not throw) the error for `code`; the type keeps codes outside the table from compiling. */
export function workerError(code: WorkerErrorCode, message: string, hint?: string): LbError {
  return new LbError(code, message, hint);
}

/** The text of what ended a thread. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What ended a worker before it served: with its own code where it has one, for a missing library is no less so there. */
export function startError(index: number, error: unknown): LbError {
  const text = `worker ${index}: ${errorText(error)}`;
  const { code, hint } = error as { code?: unknown; hint?: unknown };
  if (typeof code !== 'string' || !code.startsWith('LB_')) return workerError('LB_WORKER_START', text);
  return new LbError(code, text, typeof hint === 'string' ? hint : undefined);
}
