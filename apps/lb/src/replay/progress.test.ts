import { describe, expect, it } from 'vitest';
import { Progress, progressLine } from './progress.js';

function progressOn(isTTY: boolean) {
  const written: string[] = [];
  const clock = { ms: 1000 };
  const output = { isTTY, columns: 40, write: (text: string) => written.push(text) };
  const progress = new Progress(output, () => clock.ms);
  const at = (ms: number, bytesRead: number) => {
    clock.ms = 1000 + ms;
    progress.update({ packets: bytesRead / 100, bytesRead, sizeBytes: 10_000_000 });
  };
  return { written, progress, at };
}

describe('progress of a replay', () => {
  it('says nothing about a short one', () => {
    for (const isTTY of [true, false]) {
      const { written, progress, at } = progressOn(isTTY);
      at(100, 5_000_000);
      at(400, 10_000_000);
      progress.end();
      expect(written).toEqual([]);
    }
  });

  it('redraws one line of a terminal, no wider than that, and takes it away', () => {
    const { written, progress, at } = progressOn(true);
    at(600, 1_000_000);
    at(700, 1_100_000);
    at(900, 2_000_000);
    progress.end();
    expect(written).toHaveLength(3);
    expect(written[0]).toBe('\r10 %  1.00 MB of 10.0 MB  10.0 k packet\x1b[K');
    expect(written[2]).toBe('\r\x1b[K');
  });

  it('writes a line now and then elsewhere', () => {
    const { written, progress, at } = progressOn(false);
    for (let ms = 0; ms <= 11_000; ms += 50) at(ms, ms * 500);
    progress.end();
    expect(written).toHaveLength(2);
    expect(written[0]).toBe('lb replay: 25 %  2.50 MB of 10.0 MB  25.0 k packets  5.00 k packets/s  15 s left\n');
  });

  it('of a pipe knows no end', () => {
    expect(progressLine({ packets: 5000, bytesRead: 1_000_000, sizeBytes: undefined }, 2)).toBe(
      '1.00 MB  5.00 k packets  2.50 k packets/s',
    );
  });
});
