import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import xxhash from 'xxhash-wasm';
import { xxh64, xxh64Words } from './xxh64.js';

const PRIME32 = 2654435761n;
const PRIME64 = 11400714785074694797n;

/** The input of the xxHash project's own sanity check. */
function sanityBuffer(length: number): Uint8Array {
  let state = PRIME32;
  return new Uint8Array(length).map(() => {
    const byte = Number(state >> 56n);
    state = BigInt.asUintN(64, state * PRIME64);
    return byte;
  });
}

/** Published with xxHash 0.8 (tests/sanity_test_vectors.h): length, seed, XXH64 of the sanity buffer. */
const PUBLISHED: [number, bigint, bigint][] = [
  [0, 0n, 0xef46db3751d8e999n],
  [0, PRIME32, 0xac75fda2929b17efn],
  [1, 0n, 0xe934a84adb052768n],
  [1, PRIME32, 0x5014607643a9b4c3n],
  [2, 0n, 0x5d48cd60a77e23ffn],
  [3, 0n, 0xff7e1959cb50794an],
  [4, 0n, 0x9136a0dca57457een],
  [8, 0n, 0xcdbcf538e71d1348n],
  [8, PRIME32, 0xfe0c047a5353cdacn],
  [9, 0n, 0x554b1ae991eda6b6n],
  [14, 0n, 0x8282dcc4994e35c8n],
  [14, PRIME32, 0xc3bd6bf63deb6df0n],
  [16, 0n, 0x98c90b57fdfcb55cn],
  [17, 0n, 0x0d39a2d051a30c2cn],
  [31, 0n, 0x299b39a290e6d783n],
  [32, 0n, 0x18b216492bb44b70n],
  [32, PRIME32, 0xb3f33bdf93ade409n],
  [33, 0n, 0x55c8dc3e578f5b59n],
  [64, 0n, 0xef558f8acac2b5cdn],
  [222, 0n, 0xb641ae8cb691c174n],
  [222, PRIME32, 0x20cb8ab7ae10c14an],
  [403, 0n, 0xd99858fee82283dfn],
  [4160, 0n, 0xeee6a4e2ac952a5en],
];

const anySeed = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });

function hashWords(bytes: Uint8Array, seed: bigint): bigint {
  // At an odd word, so that a wrong offset shows.
  const words = new Uint32Array(1 + bytes.length / 4);
  new Uint8Array(words.buffer, 4).set(bytes);
  const out = new Uint32Array(4);
  xxh64Words(words, 1, bytes.length / 8, Number(seed & 0xffffffffn), Number(seed >> 32n), out, 1);
  expect([out[0], out[3]]).toEqual([0, 0]);
  return (BigInt(out[2]) << 32n) | BigInt(out[1]);
}

describe('XXH64', () => {
  it.each(PUBLISHED)('of %i bytes with seed %i is as published', (length, seed, hash) => {
    expect(xxh64(sanityBuffer(length), seed)).toBe(hash);
  });

  it.each(PUBLISHED.filter(([length]) => length === 8 || length === 16))(
    'of %i bytes with seed %i is as published, in 32-bit arithmetic',
    (length, seed, hash) => {
      expect(hashWords(sanityBuffer(length), seed)).toBe(hash);
    },
  );

  it('agrees with xxhash-wasm on any bytes and seed', async () => {
    const { h64Raw } = await xxhash();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), anySeed, (bytes, seed) => {
        expect(xxh64(bytes, seed)).toBe(h64Raw(bytes, seed));
      }),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(8, 16, 24),
        fc.uint8Array({ minLength: 24, maxLength: 24 }),
        anySeed,
        (n, all, seed) => {
          const bytes = all.subarray(0, n);
          expect(hashWords(bytes, seed)).toBe(h64Raw(bytes, seed));
        },
      ),
      { numRuns: 500 },
    );
  });
});
