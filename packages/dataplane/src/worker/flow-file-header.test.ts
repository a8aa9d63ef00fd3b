import { FlowTable, flowHash4 } from '@lb/core';
import { describe, expect, it } from 'vitest';
import {
  FLOW_FILE_FORMAT,
  type FlowFileHeader,
  HEADER_BYTES,
  readHeader,
  storeSerial,
  writeHeader,
} from './flow-file-header.js';

const header: FlowFileHeader = {
  lines: 1024,
  flowSideWords: 12,
  worker: 1,
  workers: 2,
  createdTick: -5,
  secret: [1, 0xffffffff, 3, 4],
  generation: [0x89abcdef, 7],
  boot: '00112233445566778899aabbccddeeff',
  serial: 0,
};

function page(): Int32Array {
  const words = new Int32Array(HEADER_BYTES / 4);
  writeHeader(words, header);
  return words;
}

describe('the header of a flow file', () => {
  it('is read as it was written', () => {
    expect(readHeader(page())).toEqual(header);
  });

  it('keeps its serial apart from the rest', () => {
    const words = page();
    storeSerial(words, 41);
    expect(readHeader(words)).toEqual({ ...header, serial: 41 });
  });

  it('is never read with a bit changed, wherever', () => {
    const words = page();
    storeSerial(words, 41);
    const bytes = new Uint8Array(words.buffer);
    for (let at = 0; at < HEADER_BYTES; at++) {
      bytes[at] ^= 1 << (at % 8);
      expect(readHeader(words), `byte ${at}`).toBe(at >= 4 && at < 12 ? 'format' : 'damaged');
      bytes[at] ^= 1 << (at % 8);
    }
    expect(readHeader(words)).toEqual({ ...header, serial: 41 });
  });

  it('is not read if there is nothing, or half of it', () => {
    expect(readHeader(new Int32Array(HEADER_BYTES / 4))).toBe('damaged');
    expect(readHeader(page().subarray(0, HEADER_BYTES / 8))).toBe('damaged');
  });
});

it('its format stands for identities and places of flows: who changes them raises it, then mends this test', () => {
  const out = new Int32Array(2);
  flowHash4(0x4d61676c, 0x65762121, 0x0100000a, 0x0200000a, 0x00500457, 6, out, 0, 1);
  const table = new FlowTable({ lines: 1024, secret: [1, 2, 3, 4] });
  const places = [table.firstLine(out[0], out[1]), table.secondLine(out[0], out[1])];
  expect({ format: FLOW_FILE_FORMAT, identity: [...out], places }).toEqual({
    format: 2,
    identity: [1274986057, -121430633],
    places: [10848, 15824],
  });
});
