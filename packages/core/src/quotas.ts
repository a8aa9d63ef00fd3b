/**
 * Shares out `newLen` buckets by weight: largest remainder (Hamilton's method), in exact integer arithmetic, so every
 * quota is the ideal `weight / sum * newLen` rounded down or up and the quotas add up to `newLen`.
 * @param weights positive integers; the sum at most 2^52. Their order decides who gets the bucket among equal remainders
 * @param newLen a power of two
 */
export function quotas(weights: Float64Array, newLen: number): Int32Array {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const quota = new Int32Array(weights.length);
  const remainder = new Float64Array(weights.length);
  let left = newLen;
  for (let i = 0; i < weights.length; i++) {
    // Long division of weight * newLen by sum, bit by bit: the product itself may exceed 2^53.
    let q = weights[i] === sum ? 1 : 0;
    let rest = weights[i] - q * sum;
    for (let n = newLen; n > 1; n >>>= 1) {
      const twice = rest * 2;
      const bit = twice >= sum ? 1 : 0;
      rest = twice - bit * sum;
      q = q * 2 + bit;
    }
    quota[i] = q;
    remainder[i] = rest;
    left -= q;
  }
  for (const i of largest(remainder, left)) quota[i]++;
  return quota;
}

/** Indexes of the `count` largest values; among equal ones, those in front. */
function largest(values: Float64Array, count: number): number[] {
  if (count === 0) return [];
  const threshold = values.slice().sort()[values.length - count];
  const above: number[] = [];
  const equal: number[] = [];
  values.forEach((value, i) => {
    if (value > threshold) above.push(i);
    else if (value === threshold) equal.push(i);
  });
  return above.concat(equal.slice(0, count - above.length));
}
