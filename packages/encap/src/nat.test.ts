import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cornerWord16, cornerWord32, type RandomPacket, randomPacket } from './arbitrary.testkit.js';
import { expectOnly, frameOf, fromHex, rawPort, rawWords, type TestFrame } from './frame.testkit.js';
import { golden } from './golden.testkit.js';
import { natIp4, natIp6, type Side } from './nat.js';
import { fillChecksums } from './oracle.testkit.js';
import { decrementHopLimit6, decrementTtl4 } from './ttl.js';

interface NatCase {
  name: string;
  family: 4 | 6;
  l4: number;
  protocol: number;
  side: Side;
  addr: string;
  port: number;
  input: string;
  expected: string;
}

const cases = golden<NatCase>('nat');

function nat(
  frame: TestFrame,
  family: 4 | 6,
  l4: number,
  protocol: number,
  side: Side,
  addr: readonly number[],
  portRaw: number,
): void {
  const at = l4 === 0 ? 0 : frame.ip + l4;
  if (family === 4) natIp4(frame.u16, frame.u32, frame.ip, at, protocol, side, addr[0], portRaw);
  else {
    natIp6(frame.u16, frame.u32, frame.ip, at, protocol, side, addr[0], addr[1], addr[2], addr[3], portRaw);
  }
}

/** What `packet` must be after NAT, everything computed anew. */
function translated(
  { bytes, family, l4, protocol }: RandomPacket,
  side: Side,
  addr: readonly number[],
  portRaw: number,
) {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  const base = family === 4 ? 12 + 4 * side : 8 + 16 * side;
  for (let i = 0; i < (family === 4 ? 1 : 4); i++) view.setUint32(base + 4 * i, addr[i], true);
  if (portRaw >= 0) view.setUint16(l4 + 2 * side, portRaw, true);
  fillChecksums(copy, l4, protocol);
  return copy;
}

describe('golden packets', () => {
  it.each(cases)('with the TTL makes the packet scapy makes: $name', (c) => {
    const frame = frameOf(fromHex(c.input));
    nat(frame, c.family, c.l4, c.protocol, c.side, rawWords(c.addr), rawPort(c.port));
    if (c.family === 4) decrementTtl4(frame.u16, frame.ip);
    else decrementHopLimit6(frame.u8, frame.ip);
    expectOnly(frame, frame.ip, fromHex(c.expected));
  });

  it('keep out of memory behind the packet when the transport header is cut short', () => {
    for (const c of cases) {
      if (c.l4 === 0) continue;
      const whole = fromHex(c.input);
      for (let length = c.l4; length < Math.min(c.l4 + 24, whole.length); length++) {
        const bytes = whole.slice(0, length);
        if (c.family === 4) bytes.set([0, length], 2);
        else bytes.set([0, length - 40], 4);
        const frame = frameOf(bytes);
        nat(frame, c.family, c.l4, c.protocol, c.side, rawWords(c.addr), rawPort(c.port));
        expectOnly(frame, frame.ip, frame.u8.slice(frame.ip, frame.ip + length));
      }
    }
  });
});

describe('bytes that NAT does not know as ports', () => {
  it.each(['icmp in', 'icmp out', 'sctp in', 'sctp out', 'udp-later in'])(
    'stay when a port is given: ip6 %s',
    (name) => {
      const c = cases.find((one) => one.name === `ip6 ${name}`)!;
      const frame = frameOf(fromHex(c.input));
      nat(frame, c.family, c.l4, c.protocol, c.side, rawWords(c.addr), 0x1234);
      decrementHopLimit6(frame.u8, frame.ip);
      expectOnly(frame, frame.ip, fromHex(c.expected));
    },
  );
});

describe.each([4, 6] as const)('IPv%i against full computation', (family) => {
  const addr = fc.array(cornerWord32, { minLength: 4, maxLength: 4 });
  const port = fc.oneof(fc.constant(-1), cornerWord16);
  const side = fc.constantFrom<Side>(0, 1);

  it('agrees for random packets, corner sums included', () => {
    fc.assert(
      fc.property(randomPacket(family), side, addr, port, (packet, toSide, words, portRaw) => {
        const frame = frameOf(packet.bytes);
        nat(frame, family, packet.l4, packet.protocol, toSide, words, portRaw);
        expectOnly(frame, frame.ip, translated(packet, toSide, words, portRaw));
      }),
      { numRuns: 500 },
    );
  });

  it('sends a UDP checksum computed as zero as 0xffff, and a TCP one as zero', () => {
    const address = [0x0700_000a, 0x1111_2222, 0x3333_4444, 0x5555_6666];
    for (const protocol of [6, 17, 136]) {
      const [packet] = fc.sample(
        randomPacket(family).filter((p) => p.protocol === protocol),
        { seed: 1, numRuns: 1 },
      );
      const at = packet.l4 + (protocol === 6 ? 16 : 6);
      const seen = new Set<number>();
      for (let portRaw = 0; portRaw <= 0xffff; portRaw++) {
        const frame = frameOf(packet.bytes);
        nat(frame, family, packet.l4, protocol, 1, address, portRaw);
        const checksum = frame.u16[(frame.ip + at) >>> 1];
        if (checksum === 0 || checksum === 0xffff) {
          seen.add(checksum);
          expectOnly(frame, frame.ip, translated(packet, 1, address, portRaw));
        }
      }
      expect([...seen]).toEqual([protocol === 6 ? 0 : 0xffff]);
    }
  });

  it('and back gives the packet that was sent', () => {
    fc.assert(
      fc.property(randomPacket(family), side, addr, cornerWord16, (packet, toSide, words, portRaw) => {
        const { bytes, l4, protocol } = packet;
        const base = family === 4 ? 12 + 4 * toSide : 8 + 16 * toSide;
        const view = new DataView(bytes.buffer, bytes.byteOffset);
        const old = [0, 1, 2, 3].map((i) => view.getUint32(base + 4 * i, true));
        const frame = frameOf(bytes);
        nat(frame, family, l4, protocol, toSide, words, portRaw);
        nat(frame, family, l4, protocol, toSide, old, view.getUint16(l4 + 2 * toSide, true));
        expectOnly(frame, frame.ip, bytes);
      }),
    );
  });
});
