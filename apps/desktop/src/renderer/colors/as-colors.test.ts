import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignColors, rgbOf } from './as-colors.js';

const addresses = fc.uniqueArray(fc.ipV4(), { maxLength: 60 });

describe('colours of ASs', () => {
  it('do not depend on their order or on how often they are named', () => {
    fc.assert(
      fc.property(addresses, (given) => {
        const again = [...given].reverse();
        expect(assignColors([...again, ...again])).toEqual(assignColors(given));
      }),
    );
  });

  it('are all different up to sixteen, and as different as can be beyond', () => {
    fc.assert(
      fc.property(addresses, (given) => {
        const colors = [...assignColors(given).values()];
        expect(new Set(colors.map(({ place, round }) => `${place} ${round}`)).size).toBe(given.length);
        const plain = colors.filter(({ round }) => round === 0);
        expect(plain).toHaveLength(Math.min(16, given.length));
      }),
    );
  });

  it('stay from session to session', () => {
    expect([...assignColors(['10.0.0.1', '10.0.0.2', '10.0.0.3', '2001:db8::1'])].sort()).toMatchInlineSnapshot(`
      [
        [
          "10.0.0.1",
          {
            "place": 2,
            "round": 0,
          },
        ],
        [
          "10.0.0.2",
          {
            "place": 6,
            "round": 0,
          },
        ],
        [
          "10.0.0.3",
          {
            "place": 5,
            "round": 0,
          },
        ],
        [
          "2001:db8::1",
          {
            "place": 7,
            "round": 0,
          },
        ],
      ]
    `);
  });

  it('stay while an AS is added that asks for another place', () => {
    const before = assignColors(['10.0.0.1']).get('10.0.0.1');
    for (let n = 2; n < 250; n++) {
      const both = assignColors(['10.0.0.1', `10.0.0.${n}`]);
      const alone = assignColors([`10.0.0.${n}`]).get(`10.0.0.${n}`);
      if (alone?.place !== before?.place) expect(both.get('10.0.0.1')).toEqual(before);
      expect(both.get('10.0.0.1')?.place).not.toBe(both.get(`10.0.0.${n}`)?.place);
    }
  });

  it('of a later round are paler', () => {
    expect(rgbOf({ place: 5, round: 1 }, 'light')).not.toBe(rgbOf({ place: 5, round: 0 }, 'light'));
  });
});
