import type { FlowView } from '@lb/control/client';

/**
 * Flows whose first packets went by a bucket.
 * @param newLen buckets of the table that the flows were given to ASs by, a power of two; `bucket` may be one of a longer table
 */
export function flowsOfBucket(flows: readonly FlowView[], newLen: number, bucket: number): readonly FlowView[] {
  const mask = newLen - 1;
  return flows.filter((flow) => flow.bucket !== null && (flow.bucket & mask) === (bucket & mask));
}
