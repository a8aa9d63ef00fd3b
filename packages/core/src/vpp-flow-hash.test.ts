import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddress, rawWord } from './address.js';
import { crc32cRaw } from './crc32c.js';
import { vppFlowHash4, vppFlowHash6 } from './vpp-flow-hash.js';

interface Vector {
  src: string;
  dst: string;
  sport: number;
  dport: number;
  hash: string;
  sticky: string;
}

const vectors: Vector[] = JSON.parse(
  readFileSync(new URL('../test/vectors/vpp-flow-hash.json', import.meta.url), 'utf8'),
);

/** Hash of a packet as the pipeline computes it: from raw reads of header bytes. */
function hash(src: Uint8Array, dst: Uint8Array, portsRaw: number): number {
  const [s0, s1, s2, s3] = [0, 4, 8, 12].map((at) => rawWord(src, at));
  const [d0, d1, d2, d3] = [0, 4, 8, 12].map((at) => rawWord(dst, at));
  return src.length === 4 ? vppFlowHash4(s0, d0, portsRaw) : vppFlowHash6(s0, s1, s2, s3, d0, d1, d2, d3, portsRaw);
}

function portBytes(sport: number, dport: number): Uint8Array {
  return Uint8Array.of(sport >> 8, sport & 0xff, dport >> 8, dport & 0xff);
}

describe('flow hash of VPP', () => {
  it('has vectors of both families', () => {
    expect(vectors.filter(({ src }) => src.includes('.')).length).toBe(40);
    expect(vectors.filter(({ src }) => src.includes(':')).length).toBe(40);
  });

  it.each(vectors)('$src:$sport > $dst:$dport is $hash, sticky $sticky', (vector) => {
    const src = parseAddress(vector.src).bytes;
    const dst = parseAddress(vector.dst).bytes;
    const ports = rawWord(portBytes(vector.sport, vector.dport), 0);
    expect(hash(src, dst, ports).toString(16).padStart(8, '0')).toBe(vector.hash);
    expect(hash(src, dst, 0).toString(16).padStart(8, '0')).toBe(vector.sticky);
  });

  it('is the raw CRC32C of the 40 bytes written out', () => {
    const port = fc.nat({ max: 0xffff });
    const anyBytes = (n: number) => fc.uint8Array({ minLength: n, maxLength: n });
    const pair = fc.constantFrom(4, 16).chain((n) => fc.tuple(anyBytes(n), anyBytes(n)));
    fc.assert(
      fc.property(pair, port, port, ([src, dst], sport, dport) => {
        const message = new Uint8Array(40);
        message.set(src);
        message.set(dst, src.length);
        message.set(portBytes(dport, sport), src.length * 2);
        expect(hash(src, dst, rawWord(portBytes(sport, dport), 0))).toBe(crc32cRaw(message));
      }),
    );
  });
});
