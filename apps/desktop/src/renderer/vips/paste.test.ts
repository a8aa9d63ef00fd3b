import { applyCommands, type Config, parseCommands, type VipConfig } from '@lb/control';
import { describe, expect, it } from 'vitest';
import { configOf, NOW, oneVip } from '../stores/stores.testkit.js';
import { clipAss } from './as-clip.js';
import { pastedLines } from './paste.js';
import { clipVips } from './vip-clip.js';

const clipboard = (data: Readonly<Record<string, string>>) => ({ getData: (type: string) => data[type] ?? '' });
const staged = (base: Config, lines: readonly string[]) =>
  applyCommands(base, parseCommands(lines.join('\n')), new Date(NOW)).config;

const TWO = configOf({
  ip4SrcAddress: '192.0.2.254',
  vips: [
    {
      prefix: '90.0.0.0/8',
      ass: [{ address: '10.0.0.1' }, { address: '10.0.0.2', weight: 30 }, { address: '10.0.0.3', state: 'draining' }],
    },
    { prefix: '91.2.3.4', port: 443, protocol: 'tcp', ass: [{ address: '10.0.0.2' }] },
  ],
});
const [from, to] = TWO.vips as [VipConfig, VipConfig];
/** What a spreadsheet gives back of a table that it was given. */
const asSpreadsheet = (html: string) =>
  [...html.matchAll(/<tr>(.*?)<\/tr>/g)]
    .map(([, row]) => [...row!.matchAll(/<td>(.*?)<\/td>/g)].map(([, cell]) => cell).join('\t'))
    .join('\n');

describe('rows of ASs', () => {
  it('land in the VIP that they are pasted into, with weight and state, also where it has them already', () => {
    const lines = pastedLines(clipboard(clipAss(from, from.ass)), to);
    expect(lines).toEqual([
      'lb as 91.2.3.4/32 protocol tcp port 443 10.0.0.1 weight 100 enable',
      'lb as 91.2.3.4/32 protocol tcp port 443 10.0.0.2 weight 30 enable',
      'lb as 91.2.3.4/32 protocol tcp port 443 10.0.0.3 weight 100 drain',
    ]);
    const after = staged(TWO, lines!);
    expect(after.vips[0]).toEqual(from);
    expect([...after.vips[1]!.ass].sort((a, b) => (a.address < b.address ? -1 : 1))).toEqual(from.ass);
  });

  it('are command lines for a text editor, which name their VIP and mean it wherever they are pasted', () => {
    const { 'text/plain': text } = clipAss(from, from.ass.slice(0, 2)) as { 'text/plain': string };
    expect(text).toBe('lb as 90.0.0.0/8 10.0.0.1\nlb as 90.0.0.0/8 10.0.0.2 weight 30\n');
    expect(pastedLines(clipboard({ 'text/plain': text }), to)).toEqual(text.trim().split('\n'));
  });

  it('are a table for a spreadsheet, and come back from it', () => {
    const table = asSpreadsheet(clipAss(from, from.ass)['text/html']!);
    expect(table).toBe(
      'address\tweight\tstate\n10.0.0.1\t100\tenabled\n10.0.0.2\t30\tenabled\n10.0.0.3\t100\tdraining',
    );
    expect(pastedLines(clipboard({ 'text/plain': table }), to)).toEqual(
      pastedLines(clipboard(clipAss(from, from.ass)), to),
    );
  });

  it.each([
    ['10.0.0.8', ['lb as 90.0.0.0/8 10.0.0.8 weight 100 enable']],
    ['10.0.0.8\r\n10.0.0.9\r\n', ['lb as 90.0.0.0/8 10.0.0.8 10.0.0.9 weight 100 enable']],
    [
      '10.0.0.8;20\n10.0.0.9;20;disabled',
      ['lb as 90.0.0.0/8 10.0.0.8 weight 20 enable', 'lb as 90.0.0.0/8 10.0.0.9 weight 20 disable'],
    ],
  ])('are made of the text %j', (text, lines) => {
    expect(pastedLines(clipboard({ 'text/plain': text }), from)).toEqual(lines);
  });

  it.each([
    '',
    'hello',
    '10.0.0.8 del',
    '10.0.0.8 101',
    '10.0.0.8 50 enabled flush',
    '10.0.0.256',
    'lb\nsomething else',
  ])('are not made of the text %j', (text) => {
    expect(pastedLines(clipboard({ 'text/plain': text }), from)).toBeUndefined();
  });

  it('are not made of a clipboard that says it is ours and is not', () => {
    for (const forged of [
      '',
      '{',
      '[]',
      '[{"address": "10.0.0.1 del"}]',
      '[{"address": "10.0.0.1", "weight": "1 del"}]',
    ]) {
      expect(pastedLines(clipboard({ 'application/x-lb-ass': forged }), from)).toBeUndefined();
    }
  });
});

describe('rows of VIPs', () => {
  it('make the same VIPs elsewhere, as text and by way of a spreadsheet', () => {
    const empty = configOf({ ip4SrcAddress: '192.0.2.254' });
    const plain = oneVip(3).vips;
    const data = clipVips([...plain, to]);
    const expected = { ...empty, vips: [...plain, to] };
    expect(staged(empty, pastedLines(clipboard({ 'text/plain': data['text/plain']! }), undefined)!)).toEqual(expected);
    const table = asSpreadsheet(data['text/html']!);
    expect(staged(empty, pastedLines(clipboard({ 'text/plain': table }), undefined)!)).toEqual(expected);
  });

  it('are not made of a table with other columns', () => {
    expect(pastedLines(clipboard({ 'text/plain': 'prefix\tcolour\n90.0.0.0/8\tred' }), undefined)).toBeUndefined();
  });
});
