import { describe, expect, it } from 'vitest';
import { formatBits, formatCount, formatDuration, formatPercent, formatRate, formatShort } from './format.js';

/** Numbers are in the locale of the process; what is tested is which digits and units are there. */
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

describe('numbers for reading', () => {
  it.each([
    [0, '0'],
    [87, '87'],
    [999.4, '999'],
    [999.7, '1 k'],
    [312_345, '312 k'],
    [4_810_000, '4.81 M'],
    [999_600, '1 M'],
    [2_000_000_000, '2 G'],
  ])('%d is %s', (value, text) => expect(plain(formatShort(value))).toBe(text));

  it('tell what is not known from 0', () => {
    for (const format of [formatCount, formatShort, formatRate, formatBits, formatPercent, formatDuration]) {
      expect(format(null)).toBe('–');
      expect(format(0)).not.toBe('–');
    }
  });

  it('have their unit', () => {
    expect(formatRate(312_000)).toBe('312 k/s');
    expect(formatBits(125_000_000)).toBe('1 Gbit/s');
    expect(formatBits(1)).toBe('8 bit/s');
  });
});

describe('parts', () => {
  it.each([
    [0, '0 %'],
    [0.0625, '6.25 %'],
    [1, '100 %'],
    [0.000_01, '< 0.01 %'],
    [0.999_99, '> 99.99 %'],
  ])('%d is %s', (part, text) => expect(formatPercent(part)).toBe(text));
});

describe('durations', () => {
  it.each([
    [400, '0.4 s'],
    [12_000, '12 s'],
    [240_000, '4 min'],
    [3 * 3_600_000, '3 h'],
    [4 * 86_400_000, '4 d'],
  ])('%d ms is %s', (ms, text) => expect(formatDuration(ms)).toBe(text));
});
