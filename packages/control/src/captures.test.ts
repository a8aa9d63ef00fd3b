import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readCapture } from './captures.js';

const captures = new URL('../../../e2e/captures/', import.meta.url);
const malformed = new URL('../../dataplane/test/captures/malformed/', import.meta.url);
const bytesOf = (name: string, folder = captures): Uint8Array => readFileSync(new URL(name, folder));

describe('the packets of a capture', () => {
  it('are where they are said to be', () => {
    const bytes = bytesOf('http-ip4.pcap');
    const { packets, hasMore, error } = readCapture(bytes, 'x.pcap', 1e6);
    expect([hasMore, error]).toEqual([false, null]);
    expect(packets.map(({ number }) => number)).toEqual(packets.map((_, i) => i + 1));
    // Classic pcap: 24 bytes, then a header of 16 before each packet, and nothing else.
    let at = 24;
    for (const { offset, capturedBytes } of packets) {
      expect(offset).toBe(at + 16);
      at = offset + capturedBytes;
    }
    expect(at).toBe(bytes.length);
    const first = new DataView(bytes.buffer, bytes.byteOffset);
    const seconds = first.getUint32(24, true) + first.getUint32(28, true) / 1e6;
    expect(packets[0]!.atMs).toBeCloseTo(seconds * 1000, 3);
  });

  it('of pcapng are listed as well', () => {
    const { packets, error } = readCapture(bytesOf('unreachable-ip6.pcapng'), 'x', 1e6);
    expect([packets.length > 0, error]).toEqual([true, null]);
  });

  it('are no more than were asked for', () => {
    const { packets, hasMore, error } = readCapture(bytesOf('http-ip4.pcap'), 'x', 3);
    expect([packets.length, hasMore, error]).toEqual([3, true, null]);
  });

  it('before the end of a file that is cut are there, with the reason', () => {
    const bytes = bytesOf('http-ip4.pcap');
    const whole = readCapture(bytes, 'x', 1e6).packets.length;
    const { packets, error } = readCapture(bytes.subarray(0, bytes.length - 1), 'x', 1e6);
    expect(packets).toHaveLength(whole - 1);
    expect(error).toMatchObject({ code: 'LB_CAP_TRUNCATED' });
  });
});

describe('a file that is no good', () => {
  const codes = JSON.parse(readFileSync(new URL('codes.json', malformed), 'utf8')) as Record<string, string>;
  it.each(readdirSync(malformed).filter((name) => Object.hasOwn(codes, name)))('%s says what is wrong', (name) => {
    const { error } = readCapture(bytesOf(name, malformed), name, 1e6);
    expect(error).toMatchObject({ code: codes[name], message: expect.stringContaining(name) });
  });

  it('is never an exception, whatever its bytes', () => {
    const bytes = Uint8Array.from(bytesOf('dns-ip4.pcap').subarray(0, 400));
    for (let at = 0; at < bytes.length; at++) {
      const other = Uint8Array.from(bytes);
      other[at]! ^= 0xff;
      expect(() => readCapture(other, 'x', 100)).not.toThrow();
    }
  });
});
