import fs from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LINK_TYPE_ETHERNET, linkTypeError } from './link-types.js';
import { openCapture } from './open-capture.js';
import {
  allPackets,
  currentPacket,
  expectedPackets,
  malformed,
  malformedFolder,
  sampleNamed,
  samplePath,
  samples,
  temporaryFolder,
  thrownBy,
} from './sample-files.testkit.js';

const folder = temporaryFolder();
afterAll(() => fs.rmSync(folder, { recursive: true }));

describe('samples of other tools', () => {
  it.each(samples.map((sample) => [sample.file, sample] as const))('%s reads as tshark reads it', (file, sample) => {
    expect(allPackets(openCapture(samplePath(file)))).toEqual(expectedPackets(sample));
  });

  it.each(samples.map((sample) => [sample.file, sample] as const))(
    '%s reads the same in tiny chunks',
    (file, sample) => {
      for (const chunkBytes of [16, 17, 61, 256]) {
        expect(allPackets(openCapture(samplePath(file), { chunkBytes }))).toEqual(expectedPackets(sample));
      }
    },
  );

  it.each(samples.map((sample) => [sample.file, sample] as const))('%s cut at every length', (file, sample) => {
    const whole = fs.readFileSync(samplePath(file));
    const cut = path.join(folder, file);
    fs.writeFileSync(cut, whole);
    for (let length = whole.length - 1; length >= 0; length--) {
      fs.truncateSync(cut, length);
      const packets: unknown[] = [];
      const error = thrownBy(() => {
        const reader = openCapture(cut, { chunkBytes: 64 });
        try {
          while (reader.next()) packets.push(currentPacket(reader));
          expect(reader.bytesRead).toBe(length);
        } finally {
          reader.close();
        }
      });
      const before = expectedPackets(sample).filter(({ end }) => end <= length);
      expect(packets, `${file} cut at ${length}`).toEqual(before);
      const start = Math.max(0, ...sample.boundaries.filter((each) => each <= length));
      if (sample.boundaries.includes(length)) expect(error).toBeUndefined();
      else if (length === 0) expect(error).toMatchObject({ code: 'LB_CAP_TRUNCATED' });
      else {
        const message = expect.stringContaining(
          `${cut}: record ${before.length + 1} (byte offset ${start}): the file ends after`,
        );
        expect(error, `${file} cut at ${length}`).toMatchObject({ code: 'LB_CAP_TRUNCATED', message });
      }
    }
  });
});

describe('malformed files', () => {
  it.each(Object.entries(malformed))('%s ends with %s', (file, code) => {
    const target = path.join(malformedFolder, file);
    const run = () => {
      const reader = openCapture(target);
      try {
        while (reader.next()) {
          if (reader.linkType !== LINK_TYPE_ETHERNET) throw linkTypeError(reader.where, reader.linkType);
        }
      } finally {
        reader.close();
      }
    };
    expect(thrownBy(run)).toMatchObject({ name: 'LbError', code, message: expect.stringContaining(target) });
  });

  it('is told what to do with a compressed file', () => {
    const error = thrownBy(() => openCapture(path.join(malformedFolder, 'gzip.pcap.gz')));
    expect(error).toMatchObject({
      message: expect.stringContaining('gzip'),
      hint: expect.stringContaining('gzip -dc'),
    });
  });

  it('throws the same error again when asked for more', () => {
    const reader = openCapture(path.join(malformedFolder, 'truncated.pcap'));
    const run = () => {
      while (reader.next());
    };
    const first = thrownBy(run);
    expect(first).toMatchObject({ code: 'LB_CAP_TRUNCATED' });
    expect(thrownBy(() => reader.next())).toBe(first);
    reader.close();
    expect(reader.recordNumber).toBe(2);
  });

  it('says which file is missing, and refuses a directory', () => {
    const missing = path.join(folder, 'none.pcap');
    expect(thrownBy(() => openCapture(missing))).toMatchObject({
      code: 'LB_CAP_OPEN',
      message: `${missing}: no such file`,
    });
    expect(thrownBy(() => openCapture(folder))).toMatchObject({
      code: 'LB_CAP_OPEN',
      message: expect.stringContaining(`${folder}: is a directory`),
    });
  });

  it('refuses more interfaces than memory should hold', () => {
    const many = path.join(folder, 'many.pcapng');
    const start = fs.readFileSync(samplePath('struct-sections.pcapng')).subarray(0, 28);
    const block = Buffer.alloc(20);
    block.writeUInt32LE(1, 0);
    block.writeUInt32LE(20, 4);
    block.writeUInt32LE(20, 16);
    fs.writeFileSync(many, Buffer.concat([start, Buffer.alloc(20 * 65_537, block)]));
    const reader = openCapture(many);
    expect(thrownBy(() => reader.next())).toMatchObject({
      code: 'LB_CAP_INTERFACE',
      message: expect.stringContaining('65536'),
    });
    reader.close();
  });
});

describe('reading', () => {
  it('knows the format, the link type and the progress', () => {
    const { packets } = sampleNamed('struct-be-nano.pcap');
    const reader = openCapture(samplePath('struct-be-nano.pcap'));
    expect(reader).toMatchObject({ format: 'pcap', linkType: 1, snapLength: 262_144, sizeBytes: 226, bytesRead: 24 });
    expect(reader.next()).toBe(true);
    expect(reader.bytesRead).toBe(packets[0].end);
    reader.close();
    reader.close();
    expect(reader.next()).toBe(false);
    const ng = openCapture(samplePath('struct-le.pcapng'));
    expect(ng).toMatchObject({ format: 'pcapng', bytesRead: 56 });
    ng.close();
  });

  it('carries a fraction of more than a second into the seconds', () => {
    const file = path.join(folder, 'carry.pcap');
    const bytes = fs.readFileSync(samplePath('struct-le.pcap'));
    bytes.writeUInt32LE(4_000_000_123, 28);
    fs.writeFileSync(file, bytes);
    const reader = openCapture(file);
    expect(reader.next()).toBe(true);
    expect(reader).toMatchObject({ timestampSec: 1_700_000_000 + 4000, timestampNsec: 123_000 });
    reader.close();
  });

  it('ignores the FCS bits beside the link type', () => {
    const file = path.join(folder, 'fcs.pcap');
    const bytes = fs.readFileSync(samplePath('struct-le.pcap'));
    bytes.writeUInt32LE(0x54000001, 20);
    fs.writeFileSync(file, bytes);
    const reader = openCapture(file);
    expect(reader.linkType).toBe(1);
    reader.close();
  });
});
