import type { MayBreak, MayLose } from './blame.js';

/** An operation as it was drawn: all that is random in it is fixed. */
export interface Operation {
  readonly what: string;
  /** Undefined: it may break nothing. */
  readonly mayBreak?: MayBreak;
  /** Undefined: it loses no packet. */
  readonly mayLose?: MayLose;
  /** Since when it may have broken something, if not since it was carried out; milliseconds since 1970. */
  readonly sinceMs?: number;
  run(): Promise<void>;
  /** Whether it is over, for one that may break something after it was carried out. */
  isOver?(): Promise<boolean>;
}
