import { effectiveAss, parseConfig, plan } from '@lb/control';
import { describe, expect, it } from 'vitest';
import { pairBuckets } from './bucket-pair.js';
import { parseState, stateKey, stateText, usualRight } from './compared-states.js';
import { configTable, weighVip } from './config-table.js';
import { movesOfPair } from './moves-of-pair.js';

const ID = '90.0.0.0/8';
const healthy = () => 'healthy' as const;
const configOf = (ass: readonly object[], newLen = 1024) =>
  parseConfig({ vips: [{ prefix: ID, encap: 'gre4', newLen, ass }] }).config;

describe('moves between two states', () => {
  const three = configOf([{ address: '10.0.0.1' }, { address: '10.0.0.2', weight: 40 }, { address: '10.0.0.3' }]);
  it.each([
    ['an AS goes', configOf([{ address: '10.0.0.1' }, { address: '10.0.0.3' }])],
    ['all go', configOf([])],
    ['the table grows', configOf([{ address: '10.0.0.1' }, { address: '10.0.0.9' }], 4096)],
    ['nothing changes', three],
  ])('%s: are those of the plan', (_, other) => {
    const table = (config: typeof three) => configTable(config, weighVip(config, ID, 0, healthy)!);
    const planned = plan(
      { config: three, effective: effectiveAss(three, 0, healthy) },
      { config: other, effective: effectiveAss(other, 0, healthy) },
    );
    const key = ({ from, to, buckets }: { from: string | null; to: string | null; buckets: number }) =>
      `${from} > ${to}: ${buckets}`;
    const moves = movesOfPair(pairBuckets(table(three), table(other)));
    expect(moves.map(key).sort()).toEqual((planned.vips[0]?.moves ?? []).map(key).sort());
    expect([...moves].sort((a, b) => b.buckets - a.buckets)).toEqual(moves);
  });

  it('with nothing to compare with are none', () => {
    expect(movesOfPair(pairBuckets({ ass: ['10.0.0.1'], buckets: Int32Array.of(0) }, null))).toEqual([]);
  });
});

describe('a state to compare with', () => {
  it('is what is staged, else the revision before', () => {
    expect(usualRight(true, [3, 2, 1], 3)).toBe('staged');
    expect(usualRight(false, [3, 2, 1], 3)).toBe(2);
    expect(usualRight(false, [1], 1)).toBeNull();
  });

  it('is read back from what a list of choices has', () => {
    for (const state of ['now', 'staged', 17] as const) expect(parseState(stateKey(state))).toBe(state);
    expect([stateText('now'), stateText(17), stateKey(null)]).toEqual(['now', 'revision 17', '']);
  });
});
