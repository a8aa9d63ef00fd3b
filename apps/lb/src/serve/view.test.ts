import { stripVTControlCharacters } from 'node:util';
import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { assShown, renderView, type ViewModel } from './view.js';
import { modelOf } from './view.testkit.js';

const plain = pc.createColors(false);
const colored = pc.createColors(true);

const MODEL = modelOf({ '203.0.113.0/24': [100, 50, 0], '2001:db8:100::/48': [10, 20, 30, 40] });
const MANY = modelOf(Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`10.${i}.0.0/16`, [1, 2, 3]])));
const WIDE = modelOf({ '2001:db8:1111:2222:3333:4444:5555:6666/128': Array(300).fill(7) });

it('looks like this on a terminal of 80 by 24', () => {
  expect(renderView(MODEL, { columns: 80, rows: 24 }, plain)).toEqual([
    'lb serve  test, 1 worker, up 00:01:23                                    q quits',
    '2.50 k packets/s   500 flows   0 dropped/s   0 untracked/s',
    '',
    '  server       weight  buckets                      share    packets       flows',
    '203.0.113.0/24  gre4                                        1.50 k/s         300',
    '  10.0.0.1        100  █████████████████████████   66.7 %   1.00 k/s         200',
    '  10.0.0.2         50  ████████████▌               33.3 %      500/s         100',
    '  10.0.0.3          0                               0.0 %        0/s           0',
    '',
    '2001:db8:100::/48  gre4                                     1.00 k/s         200',
    '  2001:db8::1      10  ██████▎                     10.0 %      100/s          20',
    '  2001:db8::2      20  ████████████▌               20.0 %      200/s          40',
    '  2001:db8::3      30  ██████████████████▊         30.0 %      300/s          60',
    '  2001:db8::4      40  █████████████████████████   40.0 %      400/s          80',
  ]);
});

describe('fits', () => {
  const sizes = [1, 10, 20, 32, 40, 55, 60, 79, 80, 100, 133, 250].flatMap((columns) =>
    [1, 2, 3, 5, 8, 13, 24, 50, 200].map((rows) => ({ columns, rows })),
  );
  const models: [string, ViewModel][] = [
    ['two VIPs', MODEL],
    ['many VIPs', MANY],
    ['many servers with a long address', WIDE],
    ['no VIP', modelOf({})],
    ['a VIP without servers', modelOf({ '10.0.0.0/8': [] })],
  ];

  it.each(models)('any terminal: %s', (_, model) => {
    for (const size of sizes) {
      for (const colors of [plain, colored]) {
        const lines = renderView(model, size, colors);
        expect(lines.length).toBeLessThanOrEqual(size.rows);
        for (const line of lines) expect(stripVTControlCharacters(line).length).toBeLessThanOrEqual(size.columns);
      }
    }
  });

  it('a full screen, and says what is left out', () => {
    const lines = renderView(MANY, { columns: 80, rows: 24 }, plain);
    expect(lines).toHaveLength(24);
    expect(lines.at(-1)).toBe('… and 20 more VIPs');
    const few = renderView(MODEL, { columns: 80, rows: 9 }, plain);
    expect(few).toHaveLength(9);
    expect(few.slice(3)).toEqual([
      expect.stringContaining('203.0.113.0/24'),
      expect.stringContaining('10.0.0.1'),
      '  … 2 more servers',
      expect.stringContaining('2001:db8:100::/48'),
      expect.stringContaining('2001:db8::1'),
      '  … 3 more servers',
    ]);
  });

  it('narrow terminals without the less important columns', () => {
    const titlesAt = (columns: number) =>
      renderView(MODEL, { columns, rows: 30 }, plain).find((line) => line.includes('server'));
    expect(titlesAt(60)).toMatch(/server +buckets +share +packets +flows$/);
    expect(titlesAt(50)).toMatch(/server +buckets +share +packets$/);
    expect(titlesAt(35)).toMatch(/server +buckets +share$/);
    expect(titlesAt(25)).toMatch(/server +buckets$/);
  });
});

it('shows drops, untracked packets and their reasons', () => {
  const { verdicts } = MODEL.now;
  const now = {
    ...MODEL.now,
    verdicts: { ...verdicts, dropped: { 'ttl-expired': 5, 'no-server': 1200 }, puntedBy: { 'no-vip': 3 } },
  };
  const lines = renderView({ ...MODEL, now }, { columns: 80, rows: 24 }, plain);
  expect(lines[1]).toContain('   1.21 k dropped/s   ');
  expect(lines.at(-1)).toBe('not forwarded so far: ttl-expired 5, no-server 1.20 k, no-vip 3');
});

it('shares out lines in turns', () => {
  expect(assShown([3, 1, 5], 100)).toEqual([3, 1, 5]);
  expect(assShown([3, 1, 5], 6)).toEqual([3, 1, 2]);
  expect(assShown([3, 1, 5], 0)).toEqual([0, 0, 0]);
});
