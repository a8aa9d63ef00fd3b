import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { frameHeaders } from './frame-headers.js';

/** First 160 bytes of frames of e2e/captures and of `lb replay`, and what TShark 4.0.17 finds in them: name, offset, bytes, value. */
const golden = JSON.parse(readFileSync(new URL('tshark-fields.json', import.meta.url), 'utf8')) as {
  readonly what: string;
  readonly hex: string;
  readonly fields: readonly (readonly [name: string, at: number, bytes: number, value: string])[];
}[];

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

/** TShark's name of a field, by header and field; those of extensions are those of the fragment header. */
const NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Ethernet: { destination: 'eth.dst', source: 'eth.src', type: 'eth.type' },
  VLAN: { priority: 'vlan.priority', 'VLAN id': 'vlan.id', type: 'vlan.etype' },
  IPv4: {
    'header length': 'ip.hdr_len',
    DSCP: 'ip.dsfield.dscp',
    ECN: 'ip.dsfield.ecn',
    'total length': 'ip.len',
    identification: 'ip.id',
    'fragment offset': 'ip.frag_offset',
    TTL: 'ip.ttl',
    protocol: 'ip.proto',
    'header checksum': 'ip.checksum',
    source: 'ip.src',
    destination: 'ip.dst',
  },
  IPv6: {
    DSCP: 'ipv6.tclass.dscp',
    ECN: 'ipv6.tclass.ecn',
    'flow label': 'ipv6.flow',
    'payload length': 'ipv6.plen',
    'next header': 'ipv6.nxt',
    'hop limit': 'ipv6.hlim',
    source: 'ipv6.src',
    destination: 'ipv6.dst',
  },
  extension: {
    'next header': 'ipv6.fraghdr.nxt',
    'fragment offset': 'ipv6.fraghdr.offset',
    'more fragments': 'ipv6.fraghdr.more',
    identification: 'ipv6.fraghdr.ident',
  },
  GRE: { 'flags and version': 'gre.flags_and_version', 'protocol type': 'gre.proto' },
  TCP: {
    'source port': 'tcp.srcport',
    'destination port': 'tcp.dstport',
    'header length': 'tcp.hdr_len',
    window: 'tcp.window_size_value',
    checksum: 'tcp.checksum',
    'urgent pointer': 'tcp.urgent_pointer',
  },
  UDP: {
    'source port': 'udp.srcport',
    'destination port': 'udp.dstport',
    length: 'udp.length',
    checksum: 'udp.checksum',
  },
  ICMP: { type: 'icmp.type', code: 'icmp.code', checksum: 'icmp.checksum' },
  ICMPv6: { type: 'icmpv6.type', code: 'icmpv6.code', checksum: 'icmpv6.checksum' },
};
/** Parts of bytes, whose place TShark tells as that of all the bytes of a larger field. */
const PARTS = new Set([
  'ipv6.fraghdr.more',
  'vlan.priority',
  'vlan.id',
  'ipv6.tclass.dscp',
  'ipv6.tclass.ecn',
  'ipv6.flow',
]);
const OURS = new Set(Object.values(NAMES).flatMap((fields) => Object.values(fields)));

/** Without what is a matter of taste: digits of hexadecimal numbers, and how flags read. */
const plain = (value: string): string =>
  ({ yes: '1', no: '0', True: '1', False: '0' })[value] ?? (value.startsWith('0x') ? `${Number(value)}` : value);

describe('headers of a frame', () => {
  it.each(golden.map((frame) => [frame.what, frame] as const))(
    '%s: fields are what tshark finds',
    (_, { hex, fields }) => {
      const ours = frameHeaders(bytesOf(hex)).flatMap(({ name, fields: found }) =>
        found.flatMap((field) => {
          const theirs = NAMES[name]![field.name];
          if (theirs === undefined) return [];
          return [[theirs, ...(PARTS.has(theirs) ? [] : [field.at, field.bytes]), plain(field.value)]];
        }),
      );
      const theirs = fields
        .filter(([name, at]) => OURS.has(name) && !(name.startsWith('vlan') && at === 0))
        .map(([name, at, bytes, value]) => [
          name,
          ...(PARTS.has(name) ? [] : [at, bytes]),
          // IPv6 counts in units of eight bytes.
          name === 'ipv6.fraghdr.offset' ? `${Number(value) * 8}` : plain(value),
        ]);
      expect(ours.filter(([name]) => !isOuterTag(name as string))).toEqual(
        theirs.filter(([name]) => !isOuterTag(name as string)),
      );
      expect(ours.length).toBeGreaterThan(12);
    },
  );

  it('lie one behind the other up to the end of the frame', () => {
    for (const { hex } of golden) {
      const frame = bytesOf(hex);
      let end = 0;
      for (const { at, bytes } of frameHeaders(frame)) {
        expect(at).toBe(end);
        end = at + bytes;
      }
      expect(end).toBe(frame.length);
    }
  });

  it('are told as far as they are there, at every length and whatever the bytes', () => {
    for (const { hex } of golden) {
      const frame = bytesOf(hex);
      const whole = frameHeaders(frame);
      for (let length = 0; length <= frame.length; length++) {
        const cut = frameHeaders(frame.subarray(0, length)).filter(({ name }) => name !== 'data');
        expect(cut.map(({ fields }) => fields)).toEqual(whole.slice(0, cut.length).map(({ fields }) => fields));
      }
      for (let at = 0; at < frame.length; at++) {
        const other = Uint8Array.from(frame);
        other[at]! ^= 0xff;
        const last = frameHeaders(other).at(-1)!;
        expect(last.at + last.bytes).toBe(frame.length);
      }
    }
  });
});

/** TShark tells an 802.1ad tag as a protocol of its own, with other names. */
function isOuterTag(name: string): boolean {
  return name.startsWith('vlan');
}
