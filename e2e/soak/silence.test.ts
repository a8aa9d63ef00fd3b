import { describe, expect, it } from 'vitest';
import { mayBeSilent, type Outage } from './silence.js';

const forever = 120_000;
/** Outages of 100 ms around moments. */
const around = (...moments: number[]): Outage[] => moments.map((at) => ({ fromMs: at - 50, toMs: at + 50 }));

describe('TCP that sends again after 200, 400, 800, … ms', () => {
  const silence = { askedMs: 0, toMs: 15_000, opening: false };
  const sent = [0, 200, 600, 1_400, 3_000, 6_200, 12_600];

  it('may be silent for 15 seconds when seven short outages meet all it sends', () => {
    expect(mayBeSilent(silence, around(...sent), forever)).toBe(true);
  });

  it('may be when one outage lasts all the time', () => {
    expect(mayBeSilent(silence, [{ fromMs: -10, toMs: 15_000 }], forever)).toBe(true);
  });

  it.each(sent)('may not when the one sent after %i ms went through', (at) => {
    const others = sent.filter((moment) => moment !== at);
    expect(mayBeSilent(silence, around(...others), forever)).toBe(false);
  });

  it('may not without outages', () => {
    expect(mayBeSilent(silence, [], forever)).toBe(false);
  });

  it('may not with the same outages where it sends every second at least', () => {
    expect(mayBeSilent(silence, around(...sent), 1_000)).toBe(false);
  });
});

describe('a SYN that is sent again after 1 s four times, then after 1, 2, 4, … s', () => {
  const silence = { askedMs: 0, toMs: 15_000, opening: true };
  const sent = [0, 1_000, 2_000, 3_000, 4_000, 5_000, 7_000, 11_000];

  it('may stay without an answer when eight outages meet all of them', () => {
    expect(mayBeSilent(silence, around(...sent), forever)).toBe(true);
  });

  it.each(sent.slice(0, 3))('may not when the one sent after %i ms went through', (at) => {
    const others = sent.filter((moment) => moment !== at);
    expect(mayBeSilent(silence, around(...others), forever)).toBe(false);
  });
});
