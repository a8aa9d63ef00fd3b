import { applyCommands, type Config, parseCommands } from '@lb/control';
import { describe, expect, it } from 'vitest';
import { configOf, NOW, oneVip, sampleOf } from '../stores/stores.testkit.js';
import { asRows, markAss } from './as-rows.js';
import { configLines, vipLines } from './command-rows.js';
import { markVips, matchesVip, vipRows } from './vip-rows.js';

const ID = '90.0.0.0/8';

function staged(base: Config, ...lines: string[]): Config {
  return applyCommands(base, parseCommands(lines.join('\n')), new Date(NOW)).config;
}

function ratesOf(config: Config) {
  return { before: sampleOf(config, { packets: 100 }), after: sampleOf(config, { packets: 300 }), seconds: 2 };
}

describe('rows of VIPs', () => {
  it('mark what the staged change does, and keep what it removes', () => {
    const base = configOf({ vips: [{ prefix: ID }, { prefix: '91.0.0.0/8' }, { prefix: '93.0.0.0/8' }] });
    const after = staged(base, 'lb vip 92.0.0.0/8', 'lb vip 90.0.0.0/8 del', 'lb as 91.0.0.0/8 10.0.0.1');
    const rows = markVips(base, after);
    expect(rows.map(({ id, mark }) => [id, mark])).toEqual([
      ['91.0.0.0/8', 'changing'],
      ['93.0.0.0/8', null],
      ['92.0.0.0/8', 'adding'],
      [ID, 'removing'],
    ]);
  });

  it('have live numbers, which are not 0 where they are not known', () => {
    const base = oneVip(4);
    const after = staged(base, 'lb vip 92.0.0.0/8');
    const [live, added] = vipRows(
      markVips(base, after),
      sampleOf(base, { flows: 5, failing: ['10.0.0.1'] }),
      ratesOf(base),
    );
    expect(live).toMatchObject({ packetsPerSec: 100, flows: 20, failing: 1 });
    expect(added).toMatchObject({ packetsPerSec: null, flows: null, failing: null });
  });

  it('are found by prefix, port, encap, AS and mark', () => {
    const [row] = vipRows(markVips(configOf({ vips: [] }), oneVip(2, { port: 80, protocol: 'tcp' })), null, undefined);
    for (const filter of ['', '90.0', 'tcp 80', 'GRE4', '10.0.0.2', 'adding'])
      expect(matchesVip(row!, filter)).toBe(true);
    for (const filter of ['udp', '91.', '10.0.0.3', '90.0 443']) expect(matchesVip(row!, filter)).toBe(false);
  });
});

describe('rows of ASs', () => {
  const rowsOf = (base: Config, after: Config, sample = sampleOf(base)) =>
    asRows(markAss(base.vips[0], after.vips[0]), after.vips[0], {
      ...{ sample: sample.vips[0], rates: ratesOf(base), id: ID, now: NOW },
    });

  it('mark what the staged change does', () => {
    const base = oneVip(3);
    const rows = rowsOf(
      base,
      staged(base, `lb as ${ID} 10.0.0.1 del`, `lb as ${ID} 10.0.0.2 drain`, `lb as ${ID} 10.0.0.9`),
    );
    expect(rows.map(({ address, mark }) => [address, mark])).toEqual([
      ['10.0.0.2', 'changing'],
      ['10.0.0.3', null],
      ['10.0.0.9', 'adding'],
      ['10.0.0.1', 'removing'],
    ]);
  });

  it('have the share of now beside the ideal of the staged weights', () => {
    const base = oneVip(4);
    const [one, two] = rowsOf(base, staged(base, `lb as ${ID} 10.0.0.1 weight 50`));
    expect(one).toMatchObject({ share: 0.25, packetsPerSec: 100, bytesPerSec: 10_000, flows: 5 });
    expect(one?.ideal).toBeCloseTo(50 / 350);
    expect(two?.ideal).toBeCloseTo(100 / 350);
  });

  it('have their own numbers wherever they stand in the sample', () => {
    const base = oneVip(4);
    const sample = sampleOf(base);
    const [vip] = sample.vips;
    const turned = {
      ...sample,
      vips: [{ ...vip!, ass: [...vip!.ass].reverse().map((as, i) => ({ ...as, flows: i })) }],
    };
    const rows = rowsOf(base, staged(base, `lb as ${ID} 10.0.0.2 del`), turned);
    expect(rows.map(({ address, flows }) => [address, flows])).toEqual([
      ['10.0.0.1', 3],
      ['10.0.0.3', 1],
      ['10.0.0.4', 0],
      ['10.0.0.2', 2],
    ]);
  });

  it('give a failing AS no ideal share', () => {
    const base = oneVip(4, { check: { type: 'tcp', port: 80 } });
    const [one, two] = rowsOf(base, base, sampleOf(base, { failing: ['10.0.0.1'] }));
    expect(one).toMatchObject({ ideal: 0, reason: 'failing', health: 'failing' });
    expect(two?.ideal).toBeCloseTo(1 / 3);
  });
});

describe('rows as command lines', () => {
  const config = staged(oneVip(3), `lb as ${ID} 10.0.0.2 weight 20 drain`, 'lb vip 91.0.0.0/8 new_len 64');

  it('make the same VIPs elsewhere', () => {
    const again = staged(configOf({ ip4SrcAddress: '192.0.2.254' }), vipLines(config.vips));
    expect(again).toEqual(config);
  });

  it('make the same configuration of nothing', () => {
    expect(staged(configOf({}), configLines(config))).toEqual(config);
  });
});
