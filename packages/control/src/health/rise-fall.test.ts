import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { NO_RESULTS, nextStreak } from './rise-fall.js';

const count = fc.integer({ min: 1, max: 6 });
const results = fc.array(fc.boolean(), { maxLength: 60 });

/** The same by its definition: the last row of equal results that was long enough decides. */
function healthByDefinition(row: readonly boolean[], rise: number, fall: number) {
  const text = row.map((ok) => (ok ? '+' : '-')).join('');
  const lastGood = text.lastIndexOf('+'.repeat(rise));
  const lastBad = text.lastIndexOf('-'.repeat(fall));
  if (lastGood < 0 && lastBad < 0) return 'unknown';
  return lastGood > lastBad ? 'healthy' : 'failing';
}

test('health follows the last row of enough equal results', () => {
  fc.assert(
    fc.property(results, count, count, (row, rise, fall) => {
      let streak = NO_RESULTS;
      row.forEach((ok, i) => {
        streak = nextStreak(streak, ok, { rise, fall });
        expect(streak.health).toBe(healthByDefinition(row.slice(0, i + 1), rise, fall));
      });
    }),
    { numRuns: 500 },
  );
});

test('counts the results in a row that were alike', () => {
  fc.assert(
    fc.property(results, (row) => {
      const streak = row.reduce((before, ok) => nextStreak(before, ok, { rise: 2, fall: 3 }), NO_RESULTS);
      const text = row.map((ok) => (ok ? '+' : '-')).join('');
      expect(streak.consecutive).toBe(/(\+*|-*)$/.exec(text)![0].length);
    }),
  );
});

test('nothing is failing before it was probed `fall` times', () => {
  fc.assert(
    fc.property(count, count, (rise, fall) => {
      let streak = NO_RESULTS;
      for (let i = 1; i < fall; i++) {
        streak = nextStreak(streak, false, { rise, fall });
        expect(streak.health).toBe('unknown');
      }
      expect(nextStreak(streak, false, { rise, fall }).health).toBe('failing');
    }),
  );
});
