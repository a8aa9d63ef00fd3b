import { expect, it } from 'vitest';
import { bar, countText, durationText, momentText, percentText, plural, sizeText } from './text.js';

it.each([
  [0, '0'],
  [999, '999'],
  [999.6, '1.00 k'],
  [1234, '1.23 k'],
  [9996, '10.0 k'],
  [99_960, '100 k'],
  [999_499, '999 k'],
  [999_500, '1.00 M'],
  [12_345_678, '12.3 M'],
  [1e18, '1000000 T'],
])('writes %d as %s', (count, text) => {
  expect(countText(count)).toBe(text);
});

it('draws bars to an eighth of a character', () => {
  expect(bar(1, 4)).toBe('████');
  expect(bar(0, 4)).toBe('');
  expect(bar(0.5, 3)).toBe('█▌');
  expect(bar(1 / 32, 4)).toBe('▏');
  expect(bar(7, 2)).toBe('██');
});

it('writes sizes, parts, times and numbers of things', () => {
  expect([sizeText(999), sizeText(1_040_000_000)]).toEqual(['999 bytes', '1.04 GB']);
  expect([percentText(0.2002), percentText(1 / 3, 0)]).toEqual(['20.02 %', '33 %']);
  expect([durationText(59.9), durationText(3 * 3600 + 62)]).toEqual(['00:00:59', '03:01:02']);
  expect([plural(1, 'packet'), plural(1000, 'packet'), plural(2, 'AS', 'ASs')]).toEqual([
    '1 packet',
    '1,000 packets',
    '2 ASs',
  ]);
});

it('moments are told in the time zone of the reader', () => {
  expect(momentText(new Date(2026, 10, 5, 7, 8, 9).toISOString())).toBe('2026-11-05 07:08:09');
});
