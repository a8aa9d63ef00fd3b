import { parseConfig } from '@lb/control';
import { expect, test } from 'vitest';
import { compileConfig } from './compiled.js';
import { reportTable } from './table/table-report.js';

const { config } = parseConfig({
  vips: [
    {
      prefix: '10.0.0.1',
      newLen: 64,
      ass: [
        { address: '192.0.2.1', state: 'disabled' },
        { address: '192.0.2.2', state: 'draining' },
        { address: '192.0.2.3' },
      ],
    },
  ],
});

test('an AS that is cut has no place in the image, and the others keep their names', () => {
  const [vip] = compileConfig(config).vips;
  expect(vip!.ass.map((as) => [as.config.address, as.buckets])).toEqual([
    ['192.0.2.2', 0],
    ['192.0.2.3', 64],
  ]);
});

test('a table names the ASs that have its buckets', () => {
  const report = reportTable(config, config.vips[0]!);
  expect(new Set(report.buckets)).toEqual(new Set(['192.0.2.3']));
  expect(report.ass).toMatchObject([
    { address: '192.0.2.2', weight: 0, buckets: 0 },
    { address: '192.0.2.3', weight: 100, buckets: 64 },
  ]);
});
