import { expect, it } from 'vitest';
import type { Churned } from './disturbances.js';
import { Operations } from './operations.js';
import { Random } from './random.js';
import { shortChurn } from './short.js';

/** Servers that are never reached: operations are drawn here, not carried out. */
function drawn(seed: number, count: number): string[] {
  const servers = [1, 2, 3, 4].map((number) => ({ address: { 4: `10.0.0.${number}`, 6: `2001::${number}` } }));
  const topology = { servers, router: { ns: {} } };
  const churned = { topology, servers, random: new Random(seed), runs: { started: 1 } } as unknown as Churned;
  const operations = new Operations(churned);
  return Array.from({ length: count }, () => operations.draw().what);
}

it('a seed stands for the same operations each time', () => {
  expect(drawn(7, 100)).toEqual(drawn(7, 100));
  expect(drawn(7, 100)).not.toEqual(drawn(8, 100));
});

const kinds = [
  ...[
    / weight \d+$/,
    / drain$/,
    / drain deadline /,
    / disable$/,
    /\d del$/,
    / del flush$/,
    / enable$/,
    /^lb as .*\d flush$/,
  ],
  ...[/^lb flush vip/, / newLen /, /^lb vip .* with /, / then again$/, / dies$/, / returns$/, / until checks notice$/],
  ...[/^worker/, /SIGTERM$/, /kill -9$/, /^s\d is down for/, /^lb0 is down for/, / MAC address /, /^eth0 is off for/],
];

it.each(kinds)('the short form has an operation %s', (kind) => {
  expect(drawn(shortChurn.seed, shortChurn.operations).filter((what) => kind.test(what))).not.toEqual([]);
});
