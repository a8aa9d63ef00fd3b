/**
 * @typedef {{ encap: string, flows: number, protocol: string }} Case
 * @typedef {{ before: number, now: number }} Pair
 * @typedef {{ value: number, min: number, max: number, n: number }} Quotients
 */

/** What is measured unless said otherwise: every encapsulation with flows that fit the caches and with those that don't. */
const CASES = ['gre4', 'gre6', 'l3dsr', 'nat4', 'nat6'].flatMap((encap) =>
  [1000, 1_000_000].map((flows) => ({ encap, flows, protocol: 'udp' })),
);

/** A case more than this much slower is a regression. */
const TOLERANCE = 0.05;

/**
 * Reads `gre4:1000` and `gre4:1000:tcp`.
 * @param {string[] | undefined} words
 * @returns {Case[]}
 */
export function casesOf(words) {
  if (words === undefined) return CASES;
  return words.map((word) => {
    const [encap = '', flows = '', protocol = 'udp'] = word.split(':');
    if (!/^\d+$/.test(flows) || !['udp', 'tcp'].includes(protocol))
      throw new Error(`--case is '${word}', expected an encapsulation and flows, as in gre4:1000 or gre4:1000:tcp`);
    return { encap, flows: Number(flows), protocol };
  });
}

/**
 * What is now by what was before, of neighbours in time: median, least and most.
 * @param {Pair[]} pairs at least one
 * @returns {Quotients}
 */
export function quotients(pairs) {
  const sorted = pairs.map(({ before, now }) => now / before).sort((a, b) => a - b);
  const at = /** @param {number} k */ (k) => Math.round((sorted[k] ?? Number.NaN) * 1000) / 1000;
  const middle = sorted.length >> 1;
  const value = sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2;
  return { value, min: at(0), max: at(sorted.length - 1), n: sorted.length };
}

/**
 * @param {Quotients} found
 * @returns {'slower' | 'faster' | 'same'}
 */
export function verdictOf({ value }) {
  if (value < 1 - TOLERANCE) return 'slower';
  return value > 1 + TOLERANCE ? 'faster' : 'same';
}
