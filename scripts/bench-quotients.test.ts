import { describe, expect, it } from 'vitest';
import { casesOf, quotients, verdictOf } from './bench-quotients.mjs';

describe('bench:compare', () => {
  it('divides neighbours, and takes the median', () => {
    const pairs = [
      { before: 10, now: 9 },
      { before: 20, now: 20 },
      { before: 10, now: 3 },
    ];
    expect(quotients(pairs)).toEqual({ value: 0.9, min: 0.3, max: 1, n: 3 });
    expect(quotients(pairs.slice(0, 2)).value).toBe(0.95);
  });

  it('calls a case slower from more than five in a hundred on', () => {
    expect([0.94, 0.95, 1, 1.05, 1.06].map((value) => verdictOf({ value, min: 0, max: 0, n: 1 }))).toEqual([
      'slower',
      'same',
      'same',
      'same',
      'faster',
    ]);
  });

  it('measures every encapsulation, or what it is told', () => {
    expect(new Set(casesOf(undefined).map(({ encap }) => encap)).size).toBe(5);
    expect(casesOf(['nat4:64'])).toEqual([{ encap: 'nat4', flows: 64, protocol: 'udp' }]);
    expect(casesOf(['gre6:8:tcp'])).toEqual([{ encap: 'gre6', flows: 8, protocol: 'tcp' }]);
    expect(() => casesOf(['gre6:8:sctp'])).toThrow("--case is 'gre6:8:sctp'");
    expect(() => casesOf(['nat4'])).toThrow("--case is 'nat4'");
  });
});
