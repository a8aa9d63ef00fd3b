import { describe, expect, it } from 'vitest';
import { DEFAULT_FLOW_HASH_SEED, flowHash4 } from './flow-hash.js';
import { ENTRIES_PER_LINE, FlowTable } from './flow-table.js';

/*
 * Hash flooding: who floods knows the flow hash and its seed, so he has flows of whatever identities he likes
 * (tupleOf). He does not know the table's secret. Whatever he sends, over many secrets it must not be turned away
 * more often than as many random flows are.
 */
const LINES = 2048;
const SECRETS = 64;
const NOW = 0;
const EXPIRY = 100;

/** Identity number `i` of a family: low and high half. */
type Family = (i: number) => readonly [number, number];

/** Murmur3's finaliser: numbers without a pattern, the same in every run. */
function scramble(n: number): number {
  let h = Math.imul(n ^ (n >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Identities whose halves take all values of `bits` bits at bit `at`, beside a base that changes after all of them. */
function grid(bits: number, at: number): Family {
  const values = 1 << bits;
  const keep = ~((values - 1) << at);
  return (i) => {
    const base = i >>> (2 * bits);
    const lo = scramble(2 * base + 1) & keep;
    const hi = scramble(2 * base + 2) & keep;
    return [lo | ((i & (values - 1)) << at), hi | (((i >>> bits) & (values - 1)) << at)];
  };
}

/** Multiplicative inverse modulo 2^32 of an odd number, by Newton's method. */
function inverse(odd: number): number {
  let x = odd;
  for (let k = 0; k < 5; k++) x = Math.imul(x, 2 - Math.imul(odd, x));
  return x;
}

/** Halves moved so that a * lo + b * hi stays. */
const along =
  (a: number, b: number): Family =>
  (i) => [Math.imul(i, Math.imul(inverse(a), b)), -i];

/** Upper bits of lo, and in hi what undoes their way into a word that was multiplied and folded by `fold`. */
function cancelling(bits: number, fold: number): Family {
  const mask = (1 << bits) - 1;
  return (i) => {
    const base = i >>> (3 * bits);
    const low = scramble(2 * base + 1) & (0xffffffff >>> bits);
    const up = ((i >>> bits) & mask) << (32 - bits);
    const folded = ((i >>> (2 * bits)) & mask) << (32 - bits - fold);
    return [low | ((i & mask) << (32 - bits)), (scramble(2 * base + 2) - up - folded) | 0];
  };
}

/** Identities with one, two or three bits set. */
function lightWeight(): Family {
  const all: [number, number][] = [];
  const bit = (k: number, half: number) => (k >>> 5 === half ? 1 << (k & 31) : 0);
  for (let a = 0; a < 64; a++) {
    for (let b = 0; b <= a; b++) {
      for (let c = 0; c <= b; c++) {
        if (c === b && b !== a) continue;
        all.push([bit(a, 0) | bit(b, 0) | bit(c, 0), bit(a, 1) | bit(b, 1) | bit(c, 1)]);
      }
    }
  }
  return (i) => all[i]!;
}

const [SEED0, SEED1] = DEFAULT_FLOW_HASH_SEED;
const VIP = 0x0100000a;
const UDP = 17;
const out = new Int32Array(2);

function identityOf(src: number, ports: number): readonly [number, number] {
  flowHash4(SEED0, SEED1, src, VIP, ports, UDP, out, 0, 1);
  return [out[0]!, out[1]!];
}

const reversed = (n: number) => (n << 24) | ((n & 0xff00) << 8) | ((n >>> 8) & 0xff00) | (n >>> 24) | 0;
/** Raw words of the packets of client number `host` of 198.18.0.0/15 from a port to port 80. */
const from = (host: number, port: number) =>
  identityOf(reversed(0xc6120000 + host), (80 << 24) | ((port & 0xff) << 8) | (port >>> 8));

const FAMILIES: Record<string, Family> = {
  'counted in the low half': (i) => [i, 5],
  'counted in the high half': (i) => [5, i],
  'counted in the upper bits of the low half': (i) => [reversed(i), 5],
  'counted in the upper bits of the high half': (i) => [5, i << 18],
  'counted in both halves': (i) => [i, i],
  'the halves against each other': (i) => [i, -i],
  'a sum of multiplied halves stays': along(0x9e3779b1, 0x85ebca6b),
  'all values of 2 upper bits': grid(2, 30),
  'all values of 4 upper bits': grid(4, 28),
  'all values of 7 upper bits': grid(7, 25),
  'all values of 7 bits in the middle': grid(7, 16),
  'all values of 7 lower bits': grid(7, 0),
  'upper bits, folded by 15 and taken back': cancelling(3, 15),
  'upper bits, folded by 16 and taken back': cancelling(4, 16),
  'one to three bits set': lightWeight(),
  'ports of one client after the other': (i) => from(i >>> 10, 1024 + (i & 1023)),
  'clients of a /24 in turn': (i) => from(i & 255, 1024 + (i >>> 8)),
};

/** Of `count` flows entered into an empty table: how many found no room, mean and most of all secrets, and the share in second lines. */
function turnedAway(family: Family, count: number): { mean: number; most: number; beside: number } {
  let [sum, most, beside] = [0, 0, 0];
  for (let k = 0; k < SECRETS; k++) {
    const word = (n: number) => scramble(scramble(k + 1) + n);
    const table = new FlowTable({ lines: LINES, secret: [word(1), word(2), word(3), word(4)] });
    let away = 0;
    for (let i = 0; i < count; i++) {
      const [lo, hi] = family(i);
      table.allowMoves();
      const at = table.insert(lo, hi, NOW, EXPIRY, 1);
      if (at < 0) away++;
      else if (at >>> 4 !== table.firstLine(lo, hi) >>> 4) beside++;
    }
    sum += away;
    most = Math.max(most, away);
  }
  return { mean: sum / SECRETS, most, beside: beside / SECRETS / count };
}

const HALF = (LINES * ENTRIES_PER_LINE) / 2;
const NEARLY_ALL = Math.floor(LINES * ENTRIES_PER_LINE * 0.9);
const random: Family = (i) => [scramble(2 * i), scramble(2 * i + 1)];

describe('hash flooding', () => {
  const [half, nearlyAll] = [turnedAway(random, HALF), turnedAway(random, NEARLY_ALL)];

  for (const [name, family] of Object.entries(FAMILIES)) {
    it(`identities of a pattern find room as random ones do: ${name}`, () => {
      const there = new Set(Array.from({ length: NEARLY_ALL }, (_, i) => String(family(i))));
      expect(there.size).toBe(NEARLY_ALL);
      // Random flows: none in half a table; 0.8 % of those that fill nine tenths, the mean of 64 secrets within 2 %.
      expect(half.mean).toBe(0);
      const some = turnedAway(family, HALF);
      expect(some.most).toBe(0);
      expect(some.beside).toBeLessThan(half.beside * 1.1);
      const many = turnedAway(family, NEARLY_ALL);
      expect(many.mean).toBeLessThan(nearlyAll.mean * 1.1);
      expect(many.most).toBeLessThan(nearlyAll.most * 1.4);
    });
  }

  it('every identity is that of a flow, which is found backwards', () => {
    for (let i = 0; i < 1000; i++) {
      for (const family of [FAMILIES['all values of 4 upper bits']!, random]) {
        const [lo, hi] = family(i);
        expect(identityOf(...tupleOf(lo, hi))).toEqual([lo, hi]);
      }
    }
  });
});

/** Source and ports, raw, of the flow to the VIP that has this identity: each step of the hash can be undone. */
function tupleOf(lo: number, hi: number): [number, number] {
  const unfold = (word: number, by: number) => {
    const once = word ^ (word >>> by);
    return by === 16 ? once : once ^ (once >>> (2 * by));
  };
  let a = lo;
  let b = hi - lo;
  a = Math.imul(unfold(a, 15), inverse(0x27d4eb2f)) - b;
  b = Math.imul(unfold(b, 15), inverse(0x2545f491)) ^ a;
  a = Math.imul(unfold(a | 0, 16), inverse(0x1b873593)) - b;
  b = Math.imul(unfold(b, 14), inverse(0xcc9e2d51)) - a;
  a = Math.imul(unfold(a | 0, 15), inverse(0x9e3779b1));
  // What the destination and the protocol make of both, before source and ports are mixed in.
  let begin = Math.imul(SEED0 ^ VIP, 0x85ebca6b);
  begin ^= begin >>> 16;
  let other = Math.imul((SEED1 ^ UDP) + begin, 0xc2b2ae35);
  other ^= other >>> 15;
  return [a ^ ((begin + other) | 0), b ^ other];
}
