import { describe, expect, it } from 'vitest';
import { MonitorLines } from './monitor-lines.js';
import { recording } from './recordings.testkit.js';

const tablesOf = (line: string) => [...new MonitorLines().push(`${line}\n`)].sort();
const ALL = ['links', 'neighbours', 'routes'];

describe('MonitorLines', () => {
  it('knows every line of a recorded session', () => {
    const expected: Record<string, readonly string[]> = {
      '[NEIGH]': ['neighbours'],
      '[ROUTE]': ['routes'],
      '[NEXTHO': ['routes'],
      '[ADDR]': ['links', 'routes'],
      '[LINK]': ALL,
    };
    const lines = recording('monitor.txt').trimEnd().split('\n');
    const seen = new Set<string>();
    for (const line of lines) {
      const start = Object.keys(expected).find((label) => line.startsWith(label));
      seen.add(start ?? line);
      expect(tablesOf(line), line).toEqual(expected[start ?? '']);
    }
    expect([...seen].sort()).toEqual(Object.keys(expected).sort());
  });

  it('waits for the end of a line, wherever the pieces were cut', () => {
    const text = recording('monitor.txt');
    const whole = [...new MonitorLines().push(text)].sort();
    const pieces = new MonitorLines();
    const found = new Set([...text].flatMap((character) => [...pieces.push(character)]));
    expect([...found].sort()).toEqual(whole);
    const half = new MonitorLines();
    expect(half.push('[RO').size).toBe(0);
    expect([...half.push('UTE]10.0.0.0/8\n')]).toEqual(['routes']);
  });

  it('takes what it does not know for a change of everything', () => {
    expect(tablesOf('10.1.0.2 dev east lladdr 02:00:00:00:01:01 STALE')).toEqual(ALL);
    expect(tablesOf('[NOVEL]something')).toEqual(ALL);
    expect(tablesOf('')).toEqual(ALL);
  });

  it('does not collect a line without end', () => {
    const lines = new MonitorLines();
    expect(lines.push('x'.repeat(60_000)).size).toBe(0);
    expect([...lines.push('x'.repeat(60_000))].sort()).toEqual(ALL);
    expect([...lines.push('[NEIGH]a\n')]).toEqual(['neighbours']);
  });
});
