import { workerError } from '../worker/errors.js';

/**
 * Where a page of flows ends and the next one begins: the number of a place, counted through the tables of all workers.
 * Tables change while one turns pages: an entry that is moved from one place to another may be missed or seen twice.
 */
export function formatCursor(place: number): string {
  return String(place);
}

/**
 * @param places of all tables
 * @throws LbError LB_WORKER_CURSOR
 */
export function parseCursor(text: string | undefined, places: number): number {
  if (text === undefined) return 0;
  const place = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (place < places) return place;
  throw workerError('LB_WORKER_CURSOR', `cursor '${text}': give one that a page of flows has named, or none`);
}
