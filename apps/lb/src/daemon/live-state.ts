import { StateStore } from '@lb/control/state';
import type { Log } from './log.js';

/**
 * The folder of the daemon's state, if it has one. What was found damaged is logged.
 * @throws StateError
 */
export async function openState(dir: string | undefined, log: Log): Promise<StateStore | undefined> {
  if (dir === undefined) return undefined;
  const store = await StateStore.open(dir);
  for (const { code, message } of store.findings) log.warn({ code }, message);
  return store;
}
