import { effectiveAss, parseConfig, plan } from '@lb/control';
import { describe, expect, it } from 'vitest';
import { pairBuckets } from './bucket-pair.js';
import { configTable, tableKey, weighVip } from './config-table.js';

const ID = '90.0.0.0/8';
const configOf = (ass: readonly object[], newLen = 1024) =>
  parseConfig({ vips: [{ prefix: ID, encap: 'gre4', newLen, ass }] }).config;
const three = configOf([{ address: '10.0.0.1' }, { address: '10.0.0.2', weight: 40 }, { address: '10.0.0.3' }]);
const healthy = () => 'healthy' as const;

describe('the table of a configuration', () => {
  it.each([
    ['an AS goes', configOf([{ address: '10.0.0.1' }, { address: '10.0.0.3' }])],
    ['an AS drains', configOf([{ address: '10.0.0.1', state: 'draining' }, { address: '10.0.0.2' }])],
    ['an AS is disabled', configOf([{ address: '10.0.0.1', state: 'disabled' }, { address: '10.0.0.3' }])],
    ['the table grows', configOf([{ address: '10.0.0.1' }, { address: '10.0.0.9' }], 4096)],
  ])('%s: as many buckets move as the plan says', (_, staged) => {
    const table = (config: typeof three) => configTable(config, weighVip(config, ID, 0, healthy)!);
    const planned = plan(
      { config: three, effective: effectiveAss(three, 0, healthy) },
      { config: staged, effective: effectiveAss(staged, 0, healthy) },
    );
    const pair = pairBuckets(table(three), table(staged));
    expect(pair.movedCount).toBeGreaterThan(0);
    expect(pair.movedCount).toBe(planned.vips[0]!.moved);
    expect(pair.newLen).toBe(planned.vips[0]!.buckets);
  });

  it('is another when health changes what an AS weighs', () => {
    const key = (health: 'healthy' | 'failing') =>
      tableKey(three, weighVip(three, ID, 0, (_, address) => (address === '10.0.0.1' ? health : 'healthy'))!);
    expect(key('failing')).not.toBe(key('healthy'));
    expect(key('healthy')).toBe(key('healthy'));
  });

  it('is not there for a VIP that is not', () => {
    expect(weighVip(three, '91.0.0.0/8', 0, healthy)).toBeUndefined();
  });
});
