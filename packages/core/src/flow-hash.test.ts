import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddress, rawWord } from './address.js';
import { DEFAULT_FLOW_HASH_SEED, flowHash4, flowHash6, flowHashColumn4 } from './flow-hash.js';

interface Row {
  seed: [number, number];
  src: string;
  dst: string;
  sport: number;
  dport: number;
  protocol: number;
  lo: string;
  hi: string;
}

const rows = JSON.parse(readFileSync(new URL('../test/vectors/flow-hash.json', import.meta.url), 'utf8')) as Row[];
const word = fc.integer({ min: -0x80000000, max: 0x7fffffff });

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}

function portsRaw(sport: number, dport: number): number {
  return rawWord(Uint8Array.of(sport >>> 8, sport, dport >>> 8, dport), 0);
}

describe('flow hash', () => {
  it.each(rows)('$src $dst as an independent model has it', (row) => {
    const [src, dst] = [parseAddress(row.src), parseAddress(row.dst)];
    const out = new Int32Array(2);
    const ports = portsRaw(row.sport, row.dport);
    if (src.family === 4) {
      flowHash4(...row.seed, rawWord(src.bytes, 0), rawWord(dst.bytes, 0), ports, row.protocol, out, 0, 1);
    } else {
      const words = new Int32Array(8);
      for (let k = 0; k < 4; k++) {
        words[k] = rawWord(src.bytes, k * 4);
        words[4 + k] = rawWord(dst.bytes, k * 4);
      }
      flowHash6(...row.seed, words, 0, 4, ports, row.protocol, out, 0, 1);
    }
    expect([hex(out[0]), hex(out[1])]).toEqual([row.lo, row.hi]);
  });

  it('hashes a column as it hashes one flow at a time', () => {
    fc.assert(
      fc.property(
        word,
        word,
        fc.array(fc.tuple(word, word, word, fc.nat(65535)), { maxLength: 20 }),
        (s0, s1, flows) => {
          const n = flows.length;
          const words = new Int32Array(6 * n);
          flows.forEach((flow, i) => {
            flow.forEach((value, column) => {
              words[column * n + i] = value;
            });
          });
          flowHashColumn4(words, n, s0, s1, 0, n, 2 * n, 3 * n, 4 * n, 5 * n);
          const one = new Int32Array(2);
          flows.forEach(([src, dst, ports, protocol], i) => {
            flowHash4(s0, s1, src, dst, ports, protocol, one, 0, 1);
            expect([words[4 * n + i], words[5 * n + i]]).toEqual([one[0], one[1]]);
          });
        },
      ),
    );
  });

  it('gives a million flows a million identities', () => {
    const [s0, s1] = DEFAULT_FLOW_HASH_SEED;
    const seen = new Set<bigint>();
    const out = new Int32Array(2);
    for (let k = 0; k < 1_000_000; k++) {
      // 100 destinations, consecutive clients and ports: what real networks look like, and poor hashes stumble over.
      flowHash4(s0, s1, 10 + ((k >>> 14) << 24), 90 + ((k % 100) << 24), (k & 0x3fff) << 2, 17, out, 0, 1);
      seen.add((BigInt(out[1]) << 32n) | BigInt(out[0] >>> 0));
    }
    expect(seen.size).toBe(1_000_000);
  });

  it('does not take an IPv6 flow for that of another protocol and another source', () => {
    const [s0, s1] = DEFAULT_FLOW_HASH_SEED;
    const words = new Int32Array(8);
    const [tcp, udp] = [new Int32Array(2), new Int32Array(2)];
    for (let k = 0; k < 4; k++) {
      words.fill(0x12345678);
      flowHash6(s0, s1, words, 0, 4, 0x50009c40, 6, tcp, 0, 1);
      words[k] ^= 6 ^ 17;
      flowHash6(s0, s1, words, 0, 4, 0x50009c40, 17, udp, 0, 1);
      expect([...udp]).not.toEqual([...tcp]);
    }
  });

  it('changes half of the output bits, each of them, when any input bit flips', () => {
    const samples = 2000;
    const a = new Int32Array(2);
    const b = new Int32Array(2);
    let state = 1;
    const random = () => {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      return state ^ (state >>> 15);
    };
    for (let bit = 0; bit < 104; bit++) {
      const flips = new Float64Array(64);
      for (let n = 0; n < samples; n++) {
        const input = [random(), random(), random(), random() & 0xff];
        flowHash4(n, ~n, input[0], input[1], input[2], input[3], a, 0, 1);
        input[bit >>> 5] ^= 1 << (bit & 31);
        flowHash4(n, ~n, input[0], input[1], input[2], input[3], b, 0, 1);
        for (let k = 0; k < 64; k++) flips[k] += ((a[k >>> 5] ^ b[k >>> 5]) >>> (k & 31)) & 1;
      }
      // 5 standard deviations of a fair coin.
      const slack = (5 * Math.sqrt(samples)) / 2;
      for (const count of flips) expect(Math.abs(count - samples / 2)).toBeLessThan(slack);
    }
  });
});
