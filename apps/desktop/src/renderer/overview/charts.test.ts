import { expect, it, vi } from 'vitest';
import { vipLines } from './charts.js';

// It looks at the page's window when it is loaded.
vi.mock('uplot', () => ({ default: class {} }));

it('calls the lines of VIPs as the table below does, and tells them apart by more than colour', () => {
  const ids = ['203.0.113.0/24', '192.0.2.10/32,tcp,443', '2001:db8:200::53/128,any,53', '198.51.100.0/24'];
  const lines = vipLines(ids, 'dark');
  expect(lines.map(({ name }) => name)).toEqual(ids);
  expect(lines.map(({ title }) => title)).toEqual([
    '203.0.113.0/24',
    '192.0.2.10/32 tcp port 443',
    '2001:db8:200::53/128 port 53',
    '198.51.100.0/24',
  ]);
  expect(new Set(lines.map(({ color }) => color)).size).toBe(4);
  expect(new Set(lines.map(({ dash }) => `${dash}`)).size).toBe(4);
});
