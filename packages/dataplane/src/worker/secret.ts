import { randomFillSync } from 'node:crypto';
import type { Secret } from '../pipeline/engine.js';

/** Fresh words that place flows into tables. */
export function randomSecret(): Secret {
  const [a, b, c, d] = randomFillSync(new Uint32Array(4));
  return [a, b, c, d];
}
