/** The ASs that take part in a fill: one column per property, in the order that settles ties. */
export interface Claimants {
  /** Positive weights; only their ratios matter. */
  readonly weight: Float64Array;
  /** How many buckets each must end up with; the sum is the number of buckets. */
  readonly quota: Int32Array;
  /** First bucket of each AS's permutation. */
  readonly offset: Int32Array;
  /** Step of each AS's permutation: odd, so that it visits every bucket once. */
  readonly skip: Int32Array;
}

/** Share of the table that one round's claims may visit. Larger rounds clash more, smaller ones cost more overhead. */
const ROUND = 1 / 4;

/**
 * Gives every bucket to an AS so that each gets exactly its quota and the result is stable (Gale and Shapley 1962):
 * no AS and bucket would both rather have each other. An AS likes buckets in the order of its permutation
 * `offset + n * skip`; a bucket likes the AS with the lowest `claimKey`. Both rank a pair by the same key, so there is
 * only one stable result, whatever the order in which claims are made.
 *
 * Claims are made in rounds of rising key. Buckets claimed in earlier rounds are settled: a bitmap, small enough
 * for the first-level cache, answers for them, and only clashes within a round compare keys.
 * @param newLen number of buckets, a power of two
 * @returns bucket → index of its AS in `claimants`
 */
export function stableFill(claimants: Claimants, newLen: number): Int32Array {
  const { weight, offset, skip } = claimants;
  const count = weight.length;
  const mask = newLen - 1;
  const need = claimants.quota.slice();
  const position = offset.map((first) => first & mask);
  const claims = new Int32Array(count);
  const holder = new Int32Array(newLen).fill(-1);
  const holderClaim = new Int32Array(newLen);
  const settled = new Int32Array((newLen + 31) >>> 5);
  const taken = new Int32Array(newLen);
  let takenCount = 0;
  const stack = new Int32Array(count);
  const stacked = new Uint8Array(count);
  let keyLimit = 0;

  while (takenCount < newLen) {
    const roundStart = takenCount;
    let depth = 0;
    let needyWeight = 0;
    for (let i = count - 1; i >= 0; i--) {
      if (need[i] === 0) continue;
      stack[depth++] = i;
      stacked[i] = 1;
      needyWeight += weight[i];
    }
    keyLimit += ROUND / needyWeight;

    while (depth > 0) {
      const i = stack[--depth];
      stacked[i] = 0;
      const limit = claimsUpTo(keyLimit, weight[i], newLen);
      const step = skip[i];
      let claim = claims[i];
      let bucket = position[i];
      let wanted = need[i];
      for (; wanted > 0 && claim < limit; claim++, bucket = (bucket + step) & mask) {
        if ((settled[bucket >>> 5] & (1 << bucket)) !== 0) continue;
        const rival = holder[bucket];
        if (rival < 0) taken[takenCount++] = bucket;
        else {
          const mine = claimKey(claim, weight[i], newLen);
          const theirs = claimKey(holderClaim[bucket], weight[rival], newLen);
          if (mine > theirs || (mine === theirs && i > rival)) continue;
          need[rival]++;
          if (stacked[rival] === 0) {
            stacked[rival] = 1;
            stack[depth++] = rival;
          }
        }
        holder[bucket] = i;
        holderClaim[bucket] = claim;
        wanted--;
      }
      claims[i] = claim;
      position[i] = bucket;
      need[i] = wanted;
    }
    for (let k = roundStart; k < takenCount; k++) settled[taken[k] >>> 5] |= 1 << taken[k];
  }
  return holder;
}

/**
 * How late an AS's claim number `claim` (from 0) comes. If claims were raindrops that fall at a rate given by the
 * weight, then −ln(1 − x) / weight would be the time at which the share x of the table is wet, and a bucket's first
 * drop would come from each AS with a probability exactly as its weight. This takes the logarithm's Padé approximant,
 * which needs only operations that IEEE 754 defines to the last bit: every machine gets the same table.
 */
export function claimKey(claim: number, weight: number, newLen: number): number {
  const x = (claim + 1) / newLen;
  return (x * (6 - 3 * x)) / (6 - 6 * x + x * x) / weight;
}

/** How many claims of an AS have a key of at most `key`. */
function claimsUpTo(key: number, weight: number, newLen: number): number {
  const y = key * weight;
  if (y >= 3) return newLen;
  let claims = Math.trunc(((3 + 3 * y - Math.sqrt(9 + 3 * y * y)) / (3 + y)) * newLen);
  // The closed form can be off by a rounding error; rounds must be cut exactly where the keys say.
  while (claims < newLen && claimKey(claims, weight, newLen) <= key) claims++;
  while (claims > 0 && claimKey(claims - 1, weight, newLen) > key) claims--;
  return claims;
}
