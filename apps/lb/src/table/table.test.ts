import { readFileSync } from 'node:fs';
import { buildMaglevTable, parseAddress } from '@lb/core';
import { afterAll, describe, expect, it } from 'vitest';
import { runMain, TestFolder } from '../cli.testkit.js';
import { asLabels, bucketMap } from './bucket-map.js';
import type { TableReport } from './table-report.js';

const folder = new TestFolder();
afterAll(() => folder.remove());

const CONFIG = folder.write(
  'site.lb',
  'lb conf ip4-src-address 192.0.2.1',
  'lb vip 90.0.0.0/8 encap gre4 new_len 1024',
  'lb as 90.0.0.0/8 10.0.0.1 10.0.0.4 weight 100',
  'lb as 90.0.0.0/8 10.0.0.2 weight 50',
  'lb as 90.0.0.0/8 10.0.0.3 weight 1',
  'lb as 90.0.0.0/8 10.0.0.9 weight 0',
  'lb vip 90.1.2.1 protocol tcp port 80 new_len 16',
  'lb vip 90.1.2.1 protocol udp port 80 new_len 32',
  'lb as 90.1.2.1 protocol udp port 80 10.0.0.7',
  'lb vip 90.1.2.1 port 53 new_len 64',
);

async function table(...argv: string[]): Promise<TableReport> {
  const { status, stdout } = await runMain('table', '--exec', CONFIG, '--json', ...argv);
  expect(status).toBe(0);
  return JSON.parse(stdout) as TableReport;
}

describe('the report', () => {
  it('has exactly the agreed form, with the buckets that the core builds', async () => {
    const report = await table('90.0.0.0/8');
    expect(Object.keys(report).sort()).toEqual(['ass', 'buckets', 'imbalance', 'newLen', 'prefix']);
    expect(report).toMatchObject({ prefix: '90.0.0.0/8', newLen: 1024 });
    const addresses = ['10.0.0.1', '10.0.0.4', '10.0.0.2', '10.0.0.3', '10.0.0.9'];
    const weights = [100, 100, 50, 1, 0];
    const wanted = buildMaglevTable(
      addresses.map((address, i) => ({ address: parseAddress(address), weight: weights[i]! })),
      1024,
    );
    expect(report.buckets).toEqual(Array.from(wanted, (index) => addresses[index]));
    expect(report.ass.map(({ address, weight, ideal }) => [address, weight, ideal])).toEqual(
      addresses.map((address, i) => [address, weights[i], weights[i]! / 251]),
    );
    for (const { address, buckets, share, ideal } of report.ass) {
      expect(buckets).toBe(report.buckets.filter((owner) => owner === address).length);
      expect(share).toBe(buckets / 1024);
      expect(Math.abs(buckets - ideal * 1024)).toBeLessThan(1);
    }
    expect(report.imbalance).toBe(Math.max(...report.ass.slice(0, 4).map(({ share, ideal }) => share / ideal)));
  });

  it('with --table vpp is the table of a running VPP', async () => {
    const vector = new URL('../../../../packages/core/test/vectors/vpp-table-ip4-gre4-1024.txt', import.meta.url);
    const lines = readFileSync(vector, 'utf8')
      .split('\n')
      .filter((line) => /^\d/.test(line));
    const report = await table('90.0.0.0/8', '--table', 'vpp');
    expect(report.buckets.map((address, i) => `${i} ${address}`)).toEqual(lines);
  });

  it('has null where there is no server', async () => {
    const report = await table('90.1.2.1', '--port', '80', '--protocol', 'tcp');
    expect(report).toEqual({ prefix: '90.1.2.1/32', newLen: 16, buckets: Array(16).fill(null), ass: [], imbalance: 0 });
  });
});

describe('which VIP is meant', () => {
  it.each([
    [['90.1.2.1', '--port', '80', '--protocol', 'udp'], 32],
    [['90.1.2.1/32', '--port', '53'], 64],
    // Serves both protocols.
    [['90.1.2.1/32', '--port', '53', '--protocol', 'tcp'], 64],
    [['90.1.2.99/8'], 1024],
  ])('%j', async (argv, newLen) => {
    expect((await table(...argv)).newLen).toBe(newLen);
  });

  it.each([
    [
      ['90.1.2.1'],
      '90.1.2.1/32 has 3 VIPs: 90.1.2.1/32 tcp port 80, 90.1.2.1/32 udp port 80, 90.1.2.1/32 port 53; say which with --port and --protocol',
    ],
    [
      ['90.1.2.1', '--port', '80'],
      '90.1.2.1/32 has 2 VIPs: 90.1.2.1/32 tcp port 80, 90.1.2.1/32 udp port 80; say which with --port and --protocol',
    ],
    [
      ['90.1.2.1', '--port', '81'],
      'there is no VIP 90.1.2.1/32 port 81, only 90.1.2.1/32 tcp port 80, 90.1.2.1/32 udp port 80, 90.1.2.1/32 port 53',
    ],
    [
      ['90.7.0.0/16'],
      'there is no VIP 90.7.0.0/16; there are 90.0.0.0/8, 90.1.2.1/32 tcp port 80, 90.1.2.1/32 udp port 80, 90.1.2.1/32 port 53; 90.7.0.0/16 lies inside 90.0.0.0/8',
    ],
    [
      ['9.0.0.0/8'],
      "there is no VIP 9.0.0.0/8; there are 90.0.0.0/8, 90.1.2.1/32 tcp port 80, 90.1.2.1/32 udp port 80, 90.1.2.1/32 port 53; did you mean '90.0.0.0/8'?",
    ],
  ])('%j is refused with what there is', async (argv, message) => {
    const { status, stderr } = await runMain('table', '--exec', CONFIG, ...argv);
    expect({ status, stderr }).toEqual({ status: 1, stderr: `lb table: ${message} (LB_CLI_VIP)\n` });
  });

  it('a prefix that is none is refused', async () => {
    const { status, stderr } = await runMain('table', '--exec', CONFIG, '90.0.0/8');
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('(LB_PREFIX_INVALID)') });
  });
});

describe('for a person', () => {
  it('shows shares with bars, then a map of the buckets', async () => {
    const { stdout } = await runMain('table', '--exec', CONFIG, '90.0.0.0/8');
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(/^VIP 90\.0\.0\.0\/8: encap gre4, new_len 1024, table maglev, fullest AS at 1\.\d{3} of/);
    expect(lines.find((line) => line.startsWith('A '))).toMatch(
      /^A {2}10\.0\.0\.1 +100 +40[78] +39\.\d\d % +39\.84 % +█{31}/,
    );
    expect(lines.find((line) => line.startsWith('E '))).toBe('E  10.0.0.9       0        0   0.00 %   0.00 %');
    expect(lines.filter((line) => /^ *\d+ {2}([A-E]{8} ){7}[A-E]{8}$/.test(line))).toHaveLength(16);
  });

  it('lists every bucket when asked to', async () => {
    const { stdout } = await runMain(
      'table',
      '--exec',
      CONFIG,
      '90.1.2.1',
      '--port',
      '80',
      '--protocol',
      'udp',
      '--buckets',
    );
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(32);
    expect([lines[0], lines[31]]).toEqual([' 0  10.0.0.7', '31  10.0.0.7']);
  });

  it('has numbers where letters run out, and dots for buckets without a server', () => {
    expect(asLabels(3)).toEqual(['A', 'B', 'C']);
    expect(asLabels(100).slice(8, 10)).toEqual(['  9', ' 10']);
    const ass = Array.from({ length: 60 }, (_, i) => ({
      address: `10.0.0.${i}`,
      weight: 1,
      buckets: 0,
      share: 0,
      ideal: 0,
    }));
    const buckets = [...ass.slice(0, 31).map(({ address }) => address), null];
    const rows = bucketMap({ prefix: '', newLen: 32, imbalance: 1, ass, buckets });
    expect(rows).toEqual([
      ' 0   1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16',
      '16  17 18 19 20 21 22 23 24 25 26 27 28 29 30 31  ·',
    ]);
  });

  it('maps the beginning of a very large table', async () => {
    const large = folder.write('large.lb', 'lb vip 90.0.0.0/8 new_len 65536', 'lb as 90.0.0.0/8 10.0.0.1 10.0.0.2');
    const { stdout } = await runMain('table', '--exec', large, '90.0.0.0/8');
    expect(stdout.split('\n').length).toBeLessThan(100);
    expect(stdout).toContain('… and 61,440 more; --buckets lists them all\n');
  });
});
