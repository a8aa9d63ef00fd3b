import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { LbError } from '@lb/core';
import { FlowFiles } from '@lb/dataplane';
import { recordOwner, removeAbandoned } from './abandoned-flows.js';
import type { Log } from './log.js';

/** Memory that outlives a process, but not the system: what flow tables are worth. */
const SHARED_MEMORY = '/dev/shm';
const FOLDER = /^lb-flows-[0-9a-f]{16}$/;

/** Where the flow tables of a daemon with this state are. */
export function flowFolder(stateDir: string): string {
  const name = createHash('sha256').update(resolve(stateDir)).digest('hex').slice(0, 16);
  return join(SHARED_MEMORY, `lb-flows-${name}`);
}

/**
 * The flow tables that the daemon before has left, or new ones that the next can take over.
 * Undefined, with a warning, where there is no room for them: to balance is worth more than to be ready for a restart.
 * @throws LbError LB_FLOWS_FOLDER, LB_FLOWS_LOCKED, LB_NATIVE_*
 */
export function openFlowTables(
  stateDir: string,
  workers: number,
  flowTableLines: number,
  log: Log,
): FlowFiles | undefined {
  const dir = flowFolder(stateDir);
  const saveFailed = ({ code, message }: { code: string; message: string }) => log.error({ code }, message);
  for (const gone of removeAbandoned(SHARED_MEMORY, (name) => FOLDER.test(name))) {
    log.info({ state: gone }, `the flow tables of ${gone} are removed, as that folder is gone`);
  }
  let files: FlowFiles;
  try {
    files = FlowFiles.open({ dir, workers, flowTableLines, flowDetails: true, saveFailed });
  } catch (error) {
    const { code, message } = error as LbError;
    if (code !== 'LB_NATIVE_LIMIT') throw error;
    const text = `established flows will not outlive this daemon: ${message}; make room in ${SHARED_MEMORY}, then start it again`;
    log.warn({ code: 'LB_LIVE_WARN_FLOWS' }, text);
    return undefined;
  }
  try {
    recordOwner(dir, stateDir);
  } catch (error) {
    // All that comes of it is that nobody removes them when the state is deleted.
    log.warn({ code: 'LB_LIVE_WARN_FLOWS' }, `${dir} stays if ${stateDir} is deleted: ${(error as Error).message}`);
  }
  for (const { code, message } of files.findings) log.warn({ code }, message);
  if (files.flows > 0) log.info({ flows: files.flows }, `${files.flows} established flows go on`);
  return files;
}
