import { expect, test } from 'vitest';
import { StateError } from './errors.js';
import { decodeRecord, encodeRecord } from './record.js';

/** The sums were made with sha256sum. */
const HEAD = '{"number":7,"hash":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","length":2}';
const FILE = `lb-state 1 22eac3d216912dd38b72480d64c0dec9af4c2e797c44858a39f93d5b9d0d98aa
${HEAD}
{}
`;

function codeOf(bytes: Uint8Array): string {
  try {
    decodeRecord(bytes, 'this file');
    return 'accepted';
  } catch (error) {
    return error instanceof StateError ? error.code : String(error);
  }
}

test('the layout is as described', () => {
  expect(encodeRecord({ number: 7 }, '{}').toString()).toBe(FILE);
  expect(decodeRecord(Buffer.from(FILE), 'this file')).toEqual({
    head: { number: 7, hash: '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a', length: 2 },
    body: '{}',
  });
});

test('what was written is read, whatever it is', () => {
  for (const body of ['', '\n', 'ä€😀', '{"a":"\\n"}', 'x'.repeat(100_000)]) {
    const head = { note: 'two\nlines, ä€😀', author: '"\u2028' };
    expect(decodeRecord(encodeRecord(head, body), 'this file')).toMatchObject({ head, body });
  }
});

test('a file cut short anywhere, or with something after its end, is damaged', () => {
  const bytes = encodeRecord({ note: 'ä€😀' }, '{"timeout":40}');
  for (let length = 0; length < bytes.length; length++) {
    expect([length, codeOf(bytes.subarray(0, length))]).toEqual([length, 'LB_STATE_DAMAGED']);
  }
  expect(codeOf(Buffer.concat([bytes, Buffer.from('\n')]))).toBe('LB_STATE_DAMAGED');
});

test('a file with any one bit turned is damaged, not of another format, and never accepted', () => {
  const bytes = encodeRecord({ note: 'ä€😀' }, '{"timeout":40}');
  for (let at = 0; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const turned = Buffer.from(bytes);
      turned[at]! ^= 1 << bit;
      expect([at, bit, codeOf(turned)]).toEqual([at, bit, 'LB_STATE_DAMAGED']);
    }
  }
});

test('a file of a newer format is told from a damaged one', () => {
  const newer = `lb-state 2 6edd5a4e799e04ed3643dbd75bfacb475b79469aae82b950c36b9f245de593b1\nanything\nmore\n`;
  expect(() => decodeRecord(Buffer.from(newer), 'this file')).toThrow(
    expect.objectContaining({
      code: 'LB_STATE_FORMAT',
      message: 'this file has format 2, and this program reads 1',
      hint: 'start the version of the program that wrote it, or give another folder with --state',
    }),
  );
});

test.each([
  ['5', '59a024c92790fc9fd63297f4166907d0c8ce7878a397a45e0e01aba0bf7f7ca1'],
  ['null', '4c42ba026fb6cdaf1bb3767e7f92aa69792897404c83e08d69616b0fc76137d6'],
  ['no JSON', '1a5e270f4fc5be03d3f2a206bf0ca35f16b5386233aa21d394c7fce7985696c0'],
  ['[]', 'e3b2dafa57530e68811acd7b74eb6926b98e5ff7440c72afb3176826875fb4e5'],
])('a head of %s is damage too', (head, sum) => {
  expect(codeOf(Buffer.from(`lb-state 1 ${sum}\n${head}\n{}\n`))).toBe('LB_STATE_DAMAGED');
});
