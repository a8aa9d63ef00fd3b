import { parseConfig } from '@lb/control';
import { formatPrefix } from '@lb/core';
import { expect, it } from 'vitest';
import { trafficTargets } from './traffic.js';

it('has two targets for each VIP, of the protocols it serves', () => {
  const { config } = parseConfig({
    vips: [
      { prefix: '90.0.0.0/8' },
      { prefix: '91.0.0.1', port: 53 },
      { prefix: '2004::1', port: 80, protocol: 'tcp' },
    ],
  });
  const targets = trafficTargets(config).map(
    ({ prefix, protocol, port }) => `${formatPrefix(prefix)} ${protocol} ${port}`,
  );
  expect(targets).toEqual([
    '90.0.0.0/8 6 0',
    '90.0.0.0/8 17 0',
    '91.0.0.1/32 6 53',
    '91.0.0.1/32 17 53',
    '2004::1/128 6 80',
    '2004::1/128 6 80',
  ]);
});
