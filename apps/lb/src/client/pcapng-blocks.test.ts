import { captureRecord, MemoryOutput, PcapngWriter, TAP_INTERFACES, type TapRecord } from '@lb/dataplane';
import { expect, it } from 'vitest';
import { PcapngBlocks } from './pcapng-blocks.js';

/** Two packets received, one of them sent. */
function capture(): Uint8Array {
  const output = new MemoryOutput();
  const writer = new PcapngWriter(output, { interfaces: TAP_INTERFACES });
  const frame = { bytes: new Uint8Array(61).fill(7), length: 61 };
  const record = { worker: 0, sec: 1, nsec: 2, verdict: 'drop', reason: null, before: frame, after: null };
  const unsaid = { vipSlot: null, asSlot: null, tracking: null, bucket: null, identity: null };
  const names = { vip: () => undefined, as: () => undefined };
  captureRecord(writer, { ...record, ...unsaid } as TapRecord, names);
  captureRecord(writer, { ...record, ...unsaid, verdict: 'forward', after: frame } as TapRecord, names);
  return output.take();
}

/** Where blocks end, as the lengths at their ends say. */
function ends(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found = [0];
  while (found.at(-1)! < bytes.length) found.push(found.at(-1)! + view.getUint32(found.at(-1)! + 4, true));
  return found;
}

it('gives out whole blocks, wherever the stream was cut, and counts packets by interface', () => {
  const bytes = capture();
  for (let cut = 0; cut <= bytes.length; cut++) {
    const blocks = new PcapngBlocks();
    const first = blocks.add(bytes.subarray(0, cut));
    expect(ends(bytes)).toContain(first.length);
    expect(bytes.length - first.length === 0 || first.length <= cut).toBe(true);
    const all = Buffer.concat([first, blocks.add(bytes.subarray(cut))]);
    expect(all.equals(bytes)).toBe(true);
    expect([blocks.packets, blocks.bytes]).toEqual([[2, 1], bytes.length]);
  }
});

it('byte by byte, too', () => {
  const bytes = capture();
  const blocks = new PcapngBlocks();
  const given = Array.from(bytes, (byte) => blocks.add(Uint8Array.of(byte)).length).filter((length) => length > 0);
  expect(given).toEqual(
    ends(bytes)
      .slice(1)
      .map((end, i) => end - ends(bytes)[i]!),
  );
});

it('refuses what is no capture', () => {
  for (const length of [0, 8, 13, 2 ** 31]) {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt32LE(length, 4);
    expect(() => new PcapngBlocks().add(bytes)).toThrow(expect.objectContaining({ code: 'LB_CLIENT_ANSWER' }));
  }
});
