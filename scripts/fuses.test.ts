import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { setFuses } from '../apps/desktop/scripts/fuses.mjs';

/** Electron writes version, count and states of its fuses behind these words. */
const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lb-fuses-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** An executable with fuses in such states, as far as fuses are concerned. */
function executable(states: string): string {
  const path = join(folder, 'electron');
  writeFileSync(path, `code ${SENTINEL}\x01${String.fromCharCode(states.length)}${states} more code`, 'latin1');
  return path;
}

it.each([
  ['of Electron 25', '1011000', '0000010'],
  ['of Electron 29', '10110001', '00000100'],
  ['of Electron with trap handlers for WebAssembly', '101100011', '000001001'],
])('sets the fuses %s', async (_, before, after) => {
  const path = executable(before);
  await setFuses(path);
  const length = String.fromCharCode(before.length);
  expect(readFileSync(path, 'latin1')).toBe(`code ${SENTINEL}\x01${length}${after} more code`);
});

it('refuses an Electron with a fuse that nobody has decided on, and leaves it as it is', async () => {
  const path = executable('1011000111');
  await expect(setFuses(path)).rejects.toThrow('fuses that are not decided on: 9');
  expect(readFileSync(path, 'latin1')).toContain('1011000111 more');
});
