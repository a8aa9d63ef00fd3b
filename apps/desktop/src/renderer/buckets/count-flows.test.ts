import type { FlowView } from '@lb/control/client';
import { describe, expect, it } from 'vitest';
import { countFlows, flowsOfBucket } from './count-flows.js';

function flow(bucket: number | null, clientPort: number): FlowView {
  return {
    worker: 0,
    vip: '90.0.0.0/8',
    as: '10.0.0.1',
    protocol: 'tcp',
    client: '198.51.100.1',
    clientPort,
    destination: '90.1.2.1',
    destinationPort: 80,
    identity: `0x${clientPort}`,
    bucket,
    ageSec: null,
    expiresInSec: 10,
  };
}

describe('flows by bucket', () => {
  const counted = countFlows([flow(1, 1), flow(3, 2), flow(1, 3), flow(null, 4)], 4, true);

  it('are counted, and those of which the bucket is not known are told apart', () => {
    expect([...counted.counts]).toEqual([0, 2, 0, 1]);
    expect(counted.unknown).toBe(1);
  });

  it('are found by a bucket, also of a longer table', () => {
    expect(flowsOfBucket(counted, 1).map(({ clientPort }) => clientPort)).toEqual([1, 3]);
    expect(flowsOfBucket(counted, 5).map(({ clientPort }) => clientPort)).toEqual([1, 3]);
    expect(flowsOfBucket(counted, 0)).toEqual([]);
  });
});
