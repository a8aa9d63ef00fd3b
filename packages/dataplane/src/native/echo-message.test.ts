import { describe, expect, it } from 'vitest';
import { echoRequest, readEcho } from './echo-message.js';

const SECRET = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const TOKEN = 0x9abc_def0;
const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replace(/ /g, ''), 'hex'));
const DATA = `0102030405060708 9abcdef0 ${'00'.repeat(44)}`;

describe('echoRequest', () => {
  it('has the bytes of RFC 792, with a checksum', () => {
    // 0800 + 9abc + def0 + 0102 + 0304 + 0506 + 0708 + 9abc + def0 = 30b6c, with its carry 0b6f; inverted f490.
    expect(echoRequest(4, SECRET, TOKEN)).toEqual(bytes(`0800 f490 9abcdef0 ${DATA}`));
  });

  it('leaves the checksum of IPv6 to the kernel', () => {
    expect(echoRequest(6, SECRET, TOKEN)).toEqual(bytes(`8000 0000 9abcdef0 ${DATA}`));
  });
});

describe('readEcho', () => {
  const reply4 = bytes(`0000 0000 1234def0 ${DATA}`);
  const ip4 = '4500 0054 0000 4000 4001 0000 0a000001 0a000002';
  const ip6 = '60000000 0040 3a40 fd000000000000000000000000000001 fd000000000000000000000000000002';

  it('knows the reply by what stands in its data, as the identifier may be another', () => {
    expect(readEcho(4, reply4, SECRET)).toEqual({ token: TOKEN, failure: undefined, destination: undefined });
    const reply6 = bytes(`8100 0000 9abcdef0 ${DATA}`);
    expect(readEcho(6, reply6, SECRET)?.token).toBe(TOKEN);
  });

  it('takes no reply without the secret, and no request', () => {
    expect(readEcho(4, reply4, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 9))).toBeUndefined();
    expect(readEcho(4, echoRequest(4, SECRET, TOKEN), SECRET)).toBeUndefined();
    expect(readEcho(6, echoRequest(6, SECRET, TOKEN), SECRET)).toBeUndefined();
  });

  it.each([
    ['0301', 'host unreachable'],
    ['0300', 'network unreachable'],
    ['030d', 'forbidden by a firewall on the way'],
    ['0304', 'unreachable (code 4)'],
    ['0b00', 'packets go round in a circle'],
  ])('reads the ICMP error %s, of which 8 bytes of the request are enough', (typeCode, failure) => {
    const error = bytes(`${typeCode} 0000 00000000 ${ip4} 0800 0000 9abcdef0`);
    expect(readEcho(4, error, SECRET)).toEqual({ token: TOKEN, failure, destination: bytes('0a000002') });
  });

  it.each([
    ['0100', 'no route to the host'],
    ['0103', 'host unreachable'],
    ['0105', 'forbidden by a firewall on the way'],
    ['0300', 'packets go round in a circle'],
  ])('reads the ICMPv6 error %s', (typeCode, failure) => {
    const error = bytes(`${typeCode} 0000 00000000 ${ip6} 8000 0000 9abcdef0`);
    const destination = bytes('fd000000000000000000000000000002');
    expect(readEcho(6, error, SECRET)).toEqual({ token: TOKEN, failure, destination });
  });

  it('reads past IPv4 options', () => {
    const withOptions = `48${ip4.slice(2)} ${'01'.repeat(12)}`;
    const error = bytes(`0301 0000 00000000 ${withOptions} 0800 0000 9abcdef0`);
    expect(readEcho(4, error, SECRET)?.token).toBe(TOKEN);
  });

  it('reads no message that is too short', () => {
    const messages: [4 | 6, Uint8Array, number][] = [
      [4, reply4, 20],
      [4, bytes(`0301 0000 00000000 ${ip4} 0800 0000 9abcdef0`), 36],
      [6, bytes(`0100 0000 00000000 ${ip6} 8000 0000 9abcdef0`), 56],
    ];
    for (const [family, message, needed] of messages) {
      for (let length = 0; length < message.length; length++) {
        const isRead = readEcho(family, message.slice(0, length), SECRET) !== undefined;
        expect(isRead).toBe(length >= needed);
      }
    }
  });
});
