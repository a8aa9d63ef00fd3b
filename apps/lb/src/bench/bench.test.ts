import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { libraryPath } from '@lb/dataplane';
import { describe, expect, it } from 'vitest';
import { builtProgram } from '../cli.testkit.js';
import { linesFor } from './engine-case.js';
import { FloodRun, TABLE_STATES } from './flood-run.js';
import { benchLifetimes } from './lifetime-bench.js';
import { figure, median } from './statistics.js';
import { benchVip, VIP_TYPES, vipTypeOf } from './vip-types.js';

function bench(...argv: string[]): string {
  return execFileSync(process.execPath, [builtProgram(), 'bench', ...argv], { encoding: 'utf8' });
}

const built = existsSync(libraryPath());

describe('lb bench', () => {
  it('prints a line of JSON for the case asked for', () => {
    const stdout = bench('--encap', 'nat6', '--flows', '500', '--packet-size', '128', '--seconds', '0.1', '--json');
    expect(stdout.split('\n')).toHaveLength(2);
    const { value, min, max, totalMpps, limitMpps, ofLimit, copyMpps, ...rest } = JSON.parse(stdout);
    expect(rest).toEqual({
      name: 'engine ip6-nat6, 500 flows, 128 bytes',
      unit: 'Mpps',
      n: 20,
      stages: built ? 'native' : 'typescript',
      encap: 'nat6',
      vipType: 'ip6-nat6',
      flows: 500,
      packetSize: 128,
      port: 0,
      protocol: 'udp',
      occupancy: expect.closeTo(0.488, 2),
      untracked: 0,
      machine: expect.stringMatching(/^\d+ x .+, .+/),
      node: process.version,
    });
    expect(min).toBeGreaterThan(0);
    expect(value).toBeGreaterThanOrEqual(min);
    expect(max).toBeGreaterThanOrEqual(value);
    // Beside it what plain C makes of the same packets, which has been compared with them.
    expect([limitMpps > 0, ofLimit > 0, copyMpps > limitMpps]).toEqual([built, built, built]);
    // The generator takes time as well.
    expect(totalMpps).toBeLessThan(max);
  });

  it('measures TCP as well, without a limit beside it', () => {
    const stdout = bench('--encap', 'gre4', '--flows', '500', '--protocol', 'tcp', '--seconds', '0.1', '--json');
    const figure = JSON.parse(stdout);
    expect(figure).toMatchObject({ name: 'engine ip4-gre4, 500 flows, 64 bytes, tcp', protocol: 'tcp', untracked: 0 });
    expect(figure).not.toHaveProperty('limitMpps');
    expect(figure.value).toBeGreaterThan(0);
  });

  it('prints build times for both ways to fill a table', () => {
    const figures = bench('--build', '--json')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(figures).toMatchObject([
      { unit: 'ms', table: 'maglev', ass: 1000, newLen: 65536, n: 15 },
      { unit: 'ms', table: 'vpp', ass: 1000, newLen: 65536, n: 15 },
    ]);
    for (const { value } of figures) expect(value).toBeGreaterThan(0);
    const [small] = bench('--build', '--servers', '7', '--buckets-log2', '8', '--json').split('\n');
    expect(JSON.parse(small!)).toMatchObject({
      ass: 7,
      newLen: 256,
      name: 'build table maglev, 7 servers, 256 buckets',
    });
  });

  it('prints what a change of the image costs a worker', () => {
    const figure = JSON.parse(bench('--publish', '--servers', '10', '--buckets-log2', '8', '--json'));
    expect(figure).toMatchObject({
      name: 'change of image, 10 servers, 256 buckets',
      unit: 'us',
      n: 100,
      ass: 10,
      newLen: 256,
    });
    const { min, value, max, imageBytes } = figure;
    expect([0 < min, min <= value, value <= max, imageBytes > 256 * 4]).not.toContain(false);
  });

  it('prints a table for a person', () => {
    const lines = bench('--encap', 'ip6-gre4', '--flows', '1000', '--seconds', '0.1').split('\n');
    expect(lines[0]).toMatch(/^VIP TYPE +FLOWS +BYTES +ENGINE Mpps/);
    expect(lines[1]).toMatch(/^ip6-gre4 +1,000 +64 +\d+\.\d\d /);
  });
});

it('takes the median, and the extremes beside it', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(figure('x', 'ms', [3, 1, 2.00049])).toEqual({ name: 'x', unit: 'ms', value: 2, n: 3, min: 1, max: 3 });
});

it('gives flow tables twice the room they need', () => {
  expect([1, 1000, 1_000_000].map(linesFor)).toEqual([1, 512, 524288]);
});

it('knows every VIP type, and a type for each encapsulation', () => {
  expect(VIP_TYPES.map((type) => vipTypeOf(type))).toEqual(VIP_TYPES);
  expect(['gre4', 'gre6', 'l3dsr', 'nat4', 'nat6'].map(vipTypeOf)).toEqual([
    'ip4-gre4',
    'ip6-gre6',
    'ip4-l3dsr',
    'ip4-nat4',
    'ip6-nat6',
  ]);
  expect(benchVip('ip4-nat4', 0)).toMatchObject({ port: 80, targetPort: 8080, encap: 'nat4' });
  expect(benchVip('ip4-gre6', 0)).toMatchObject({ port: 0, ass: { length: 100 } });
});

it('measures what short connections and floods leave in the table: half full instead of full', () => {
  const figures = benchLifetimes('typescript', 1 << 11);
  const of = (load: string, timeouts: string) => figures.find((f) => f.load === load && f.timeouts === timeouts)!;
  // 50,000 a second for a million entries, for 1.1 s and the timeout: twice the table, or half of it.
  for (const load of ['short connections', 'flood of SYNs']) {
    expect(of(load, 'one of 40 s')).toMatchObject({ capacity: 2048, n: 80 });
    expect(of(load, 'one of 40 s').occupancy).toBeGreaterThan(0.85);
    expect(of(load, 'one of 40 s').untracked).toBeGreaterThan(0.3);
    expect(of(load, 'TCP-aware').occupancy).toBeCloseTo(load === 'flood of SYNs' ? 0.477 : 0.53, 1);
    expect(of(load, 'TCP-aware').untracked).toBeLessThan(0.01);
  }
});

it('measures a flood with a half full, a nearly full and a full table', () => {
  const run = new FloodRun('typescript', 1 << 13);
  const { half, 'nearly full': nearly, full } = run.occupancy;
  expect(half).toBeCloseTo(0.516, 2);
  expect(nearly).toBeGreaterThan(0.94);
  expect(nearly).toBeLessThan(0.98);
  expect(full).toBeGreaterThan(0.99);
  for (const state of TABLE_STATES) {
    for (const flood of [0, 0.5, 1]) expect(run.measure({ state, flood }, 1)).toBeGreaterThan(0);
  }
});
