import { expect } from 'vitest';
import type { Need } from './needs.js';

/** What the tests of live traffic need. */
export const livePrograms: readonly Need[] = [
  ...[
    'root',
    'native library',
    'ip',
    'ethtool',
    'nginx',
    'curl',
    'dnsmasq',
    'dig',
    'iperf3',
    'wrk',
    'nft',
    'tcpdump',
    'tshark',
  ],
];

/** No failure, in `toMatchObject`, which takes `{}` for any object. */
export const none: unknown = expect.toSatisfy(
  (failures: object) => typeof failures === 'object' && Object.keys(failures).length === 0,
  'no failure',
);

/** The names with which the servers of a topology answer. */
export const serverNames = ['s1', 's2', 's3', 's4'];

/**
 * Every server has a share that pure chance would give it: within six and a half standard deviations of the ideal. For 200
 * connections and four servers that fails once in 10⁹ times; with four deviations one run of all tests in a hundred would fail.
 */
export function expectEvenShares(
  counts: Readonly<Record<string, number>>,
  names: readonly string[] = serverNames,
): void {
  expect(Object.keys(counts).sort()).toEqual(names);
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const ideal = all / names.length;
  const allowed = 6.5 * Math.sqrt(ideal * (1 - 1 / names.length));
  for (const name of names) {
    expect(counts[name], `${name} of ${JSON.stringify(counts)}`).toBeGreaterThan(ideal - allowed);
    expect(counts[name], `${name} of ${JSON.stringify(counts)}`).toBeLessThan(ideal + allowed);
  }
}
