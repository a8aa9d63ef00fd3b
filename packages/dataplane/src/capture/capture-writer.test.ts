import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { createCapture } from './capture-writer.js';
import { openCapture } from './open-capture.js';
import { createPcapng } from './pcapng-writer.js';
import {
  allPackets,
  currentPacket,
  expectedPackets,
  sampleNamed,
  samplePath,
  temporaryFolder,
  thrownBy,
} from './sample-files.testkit.js';

const folder = temporaryFolder();
const file = path.join(folder, 'out');
afterAll(() => fs.rmSync(folder, { recursive: true }));

const hasWireshark =
  spawnSync('capinfos', ['--version']).status === 0 && spawnSync('tshark', ['--version']).status === 0;

/** The whole frames of the struct samples, placed at odd offsets as a burst would. */
function frames() {
  return sampleNamed('struct-le-nano.pcap').packets.map((packet) => {
    const bytes = Buffer.from(packet.hex, 'hex');
    return { ...packet, u8: Buffer.concat([Buffer.alloc(3, 0xee), bytes, Buffer.alloc(2, 0xee)]), offset: 3, bytes };
  });
}

function writeComments(target: string): void {
  const interfaces = [{ name: 'rx' }, { name: 'tx-side', snaplen: 40 }];
  const writer = createPcapng(target, { interfaces });
  const { packets } = sampleNamed('struct-comments.pcapng');
  frames().forEach(({ u8, offset, bytes, sec, nsec }, i) => {
    writer.write(u8, offset, bytes.length, sec, nsec, packets[i].comment, packets[i].interface);
  });
  expect(writer.packets).toBe(packets.length);
  writer.close();
}

function tsharkFields(target: string, ...fields: string[]): string[] {
  const options = fields.flatMap((each) => ['-e', each]);
  return execFileSync('tshark', ['-r', target, '-T', 'fields', ...options], { encoding: 'utf8', stdio: 'pipe' })
    .trimEnd()
    .split('\n');
}

describe('CaptureWriter', () => {
  it.each([
    ['struct-le-nano.pcap', {}],
    ['struct-le.pcap', { nanosecond: false, snaplen: 262_144, linkType: 1 }],
  ])('writes %s as struct.pack does, byte for byte', (sample, options) => {
    const writer = createCapture(file, options);
    for (const { u8, offset, bytes, sec, nsec } of frames()) writer.write(u8, offset, bytes.length, sec, nsec);
    expect(writer.packets).toBe(3);
    expect(writer.bytesWritten).toBe(fs.statSync(samplePath(sample)).size);
    writer.close();
    expect(fs.readFileSync(file).equals(fs.readFileSync(samplePath(sample)))).toBe(true);
  });

  it('copies a recording of tcpdump byte for byte', () => {
    const reader = openCapture(samplePath('tcpdump-nano.pcap'));
    const writer = createCapture(file, { snaplen: 50 });
    while (reader.next()) {
      const { data, dataOffset, capturedLength, timestampSec, timestampNsec, originalLength } = reader;
      writer.write(data, dataOffset, capturedLength, timestampSec, timestampNsec, originalLength);
    }
    reader.close();
    writer.close();
    expect(fs.readFileSync(file).equals(fs.readFileSync(samplePath('tcpdump-nano.pcap')))).toBe(true);
  });

  it('cuts packets at the snapshot length and keeps their original length', () => {
    const writer = createCapture(file, { snaplen: 20, linkType: 101 });
    writer.write(new Uint8Array(100).fill(7), 10, 60, 1, 2);
    writer.close();
    const reader = openCapture(file);
    expect(reader).toMatchObject({ linkType: 101, snapLength: 20 });
    expect(reader.next()).toBe(true);
    expect(currentPacket(reader)).toMatchObject({ captured: 20, length: 60, hex: '07'.repeat(20), sec: 1, nsec: 2 });
    reader.close();
  });

  it('leaves nothing when it is given up', () => {
    const other = path.join(folder, 'given-up.pcap');
    const writer = createCapture(other);
    writer.write(new Uint8Array(60), 0, 60, 1, 2);
    writer.flush();
    writer.abort();
    expect(fs.readdirSync(folder)).not.toContain('given-up.pcap');
  });

  it('refuses what the format cannot hold', () => {
    const writer = createCapture(file);
    for (const sec of [-1, 2 ** 32, Number.NaN]) {
      expect(thrownBy(() => writer.write(new Uint8Array(60), 0, 60, sec, 0))).toMatchObject({
        code: 'LB_CAP_TIMESTAMP',
      });
    }
    writer.abort();
    for (const snaplen of [0, 1.5, 262_145]) {
      expect(thrownBy(() => createCapture(file, { snaplen }))).toMatchObject({ code: 'LB_CAP_CREATE' });
    }
  });
});

describe('PcapngWriter', () => {
  it('writes interfaces, packets and comments as struct.pack does, byte for byte', () => {
    writeComments(file);
    expect(fs.readFileSync(file).equals(fs.readFileSync(samplePath('struct-comments.pcapng')))).toBe(true);
  });

  it('cuts a very long comment between two characters', () => {
    const writer = createPcapng(file);
    writer.write(new Uint8Array(5).fill(9), 0, 5, 3, 4, `x${'→'.repeat(30_000)}`);
    writer.close();
    expect(allPackets(openCapture(file))).toMatchObject([{ captured: 5, hex: '0909090909', sec: 3, nsec: 4 }]);
    const kept = 1 + 3 * Math.floor(65_534 / 3);
    expect(fs.statSync(file).size).toBe(28 + 32 + 32 + 8 + 4 + Math.ceil(kept / 4) * 4 + 4);
  });

  it('pads with zeros in a buffer that was full of other bytes before', () => {
    const writer = createPcapng(file);
    const large = new Uint8Array(262_144).fill(0xff);
    for (let i = 0; i < 5; i++) writer.write(large, 0, large.length, 1, 0);
    for (let i = 0; i < 20; i++) writer.write(large, 0, 5, 1, 0, 'c');
    writer.close();
    const written = fs.readFileSync(file);
    for (let i = 0; i < 20; i++) {
      const end = written.length - 52 * i;
      // Packet and padding, then the comment's option, the end of options, and the length.
      expect(written.toString('hex', end - 24, end)).toBe(
        'ffffffffff000000' + '01000100' + '63000000' + '00000000' + '34000000',
      );
    }
  });

  it('refuses unknown interfaces and times beyond 64 bits', () => {
    const writer = createPcapng(file);
    const u8 = new Uint8Array(60);
    expect(thrownBy(() => writer.write(u8, 0, 60, 1, 0, undefined, 1))).toMatchObject({ code: 'LB_CAP_INTERFACE' });
    for (const sec of [-1, 18_446_744_073, Number.NaN]) {
      expect(thrownBy(() => writer.write(u8, 0, 60, sec, 0))).toMatchObject({ code: 'LB_CAP_TIMESTAMP' });
    }
    writer.abort();
  });
});

describe('round trip', () => {
  const packet = fc.record({
    bytes: fc.oneof(fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ minLength: 150, maxLength: 400 })),
    lead: fc.nat(7),
    sec: fc.nat(0xffffffff),
    nsec: fc.nat(999_999_999),
    more: fc.nat(100),
    comment: fc.option(fc.string({ unit: 'grapheme', maxLength: 20 }), { nil: undefined }),
  });

  it('gives every packet back, in both formats', () => {
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 12 }), fc.boolean(), (packets, ng) => {
        const classic = ng ? undefined : createCapture(file);
        const pcapng = ng ? createPcapng(file) : undefined;
        for (const { bytes, lead, sec, nsec, more, comment } of packets) {
          const u8 = Uint8Array.of(...new Uint8Array(lead), ...bytes);
          classic?.write(u8, lead, bytes.length, sec, nsec, bytes.length + more);
          pcapng?.write(u8, lead, bytes.length, sec, nsec, comment, 0, bytes.length + more);
        }
        (classic ?? pcapng)?.close();
        expect(allPackets(openCapture(file)).map(({ end: _, ...rest }) => rest)).toEqual(
          packets.map(({ bytes, sec, nsec, more }) => ({
            sec,
            nsec,
            captured: bytes.length,
            length: bytes.length + more,
            interface: 0,
            linkType: 1,
            hex: Buffer.from(bytes).toString('hex'),
          })),
        );
      }),
      { numRuns: 150 },
    );
  });
});

describe.runIf(hasWireshark)("Wireshark's tools read our files", () => {
  it('pcap, packet by packet', () => {
    const expected = expectedPackets(sampleNamed('struct-le-nano.pcap'));
    const writer = createCapture(file);
    for (const { u8, offset, bytes, sec, nsec } of frames()) writer.write(u8, offset, bytes.length, sec, nsec);
    writer.close();
    const rows = tsharkFields(file, 'frame.time_epoch', 'frame.cap_len', 'frame.len');
    expect(rows).toEqual(
      expected.map((e) => `${e.sec}.${String(e.nsec).padStart(9, '0')}\t${e.captured}\t${e.length}`),
    );
    const facts = execFileSync('capinfos', ['-t', '-E', '-c', '-l', '-M', file], { encoding: 'utf8', stdio: 'pipe' });
    expect(facts).toMatch(/nsecpcap|nanosecond/);
    expect(facts).toMatch(/ether/i);
    expect(facts).toMatch(/Number of packets:\s+3/);
    expect(facts).toMatch(/262144 bytes/);
  });

  it('pcapng, with interfaces and comments', () => {
    writeComments(file);
    const { packets } = sampleNamed('struct-comments.pcapng');
    const names = ['rx', 'tx-side'];
    expect(tsharkFields(file, 'frame.cap_len', 'frame.interface_name', 'frame.comment')).toEqual(
      packets.map((each) => `${each.captured}\t${names[each.interface]}\t${each.comment ?? ''}`),
    );
  });
});
