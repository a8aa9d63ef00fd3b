import type { FlowView } from '@lb/control/client';

/** Flows of a VIP by the bucket that their first packets went by. */
export interface CountedFlows {
  /** Flows of each bucket. */
  readonly counts: Uint32Array;
  /** Flows whose bucket is not known. */
  readonly unknown: number;
  /** The flows that were counted. */
  readonly flows: readonly FlowView[];
  /** False: there are more flows than were asked for. */
  readonly complete: boolean;
}

/** @param newLen buckets of the table that the flows were given to ASs by, a power of two */
export function countFlows(flows: readonly FlowView[], newLen: number, complete: boolean): CountedFlows {
  const counts = new Uint32Array(newLen);
  let unknown = 0;
  for (const { bucket } of flows) {
    if (bucket === null) unknown++;
    else counts[bucket & (newLen - 1)]!++;
  }
  return { counts, unknown, flows, complete };
}

/** Flows of a bucket of a table that may be longer than the one that was counted by. */
export function flowsOfBucket({ counts, flows }: CountedFlows, bucket: number): readonly FlowView[] {
  const mask = counts.length - 1;
  return flows.filter((flow) => flow.bucket !== null && (flow.bucket & mask) === (bucket & mask));
}
