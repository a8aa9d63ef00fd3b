import type { FlowTable } from '@lb/core';
import type { FrameViews } from '@lb/encap';
import type { Burst } from '../burst.js';
import type { Counters } from '../counters.js';
import type { Image } from '../image/image.js';
import type { NatSessions } from './nat-sessions.js';

/** Where {@link FastStages.run} begins, and where it is to go on: native/include/lbqueue_stages.h. */
export const enum Step {
  PARSE = 0,
  CLASSIFY = 1,
  HASH = 2,
  NAT = 3,
  REWRITE = 4,
  DONE = 5,
}

/**
 * The stages in another language, for the packets that nearly all are. They stop where a packet is not usual, and the
 * stages of this folder, which are the reference, do the rest: what at which step, {@link Engine} knows.
 */
export interface FastStages {
  /** How many packets the last run has left to the caller; their numbers are in the burst's column B.MISSES. */
  readonly listed: number;
  /** Follow another image and its sessions. */
  follow(image: Image, sessions: NatSessions): void;
  /**
   * Run the stages from `from` on. Returns the step at which to go on, Step.DONE at the end.
   * @param received packets that came with this burst
   * @param held fragments that wait for their first
   */
  run(from: Step, received: number, held: number): Step;
}

/** What fast stages work on: the parts of one engine. */
export interface StageParts {
  readonly burst: Burst;
  readonly frames: FrameViews;
  readonly flows: FlowTable;
  readonly counters: Counters;
}

export type CreateFastStages = (parts: StageParts) => FastStages;
