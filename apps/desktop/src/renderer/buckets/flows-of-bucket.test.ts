import type { FlowView } from '@lb/control/client';
import { expect, it } from 'vitest';
import { flowsOfBucket } from './flows-of-bucket.js';

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
    state: 'established',
    expiresInSec: 10,
  };
}

it('finds flows by their bucket, also by one of a longer table', () => {
  const flows = [flow(1, 1), flow(3, 2), flow(1, 3), flow(null, 4)];
  const portsOf = (bucket: number) => flowsOfBucket(flows, 4, bucket).map(({ clientPort }) => clientPort);
  expect(portsOf(1)).toEqual([1, 3]);
  expect(portsOf(5)).toEqual([1, 3]);
  expect(portsOf(0)).toEqual([]);
});
