import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { findProgram, missingPackages, systemPackages } from './system-packages.mjs';

const folder = mkdtempSync(join(tmpdir(), 'lb-programs-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('names each package once and says what needs it', () => {
  expect(new Set(systemPackages.map(({ name }) => name)).size).toBe(systemPackages.length);
  for (const { neededBy } of systemPackages)
    expect(neededBy).toMatch(/^(e2e|desktop|tests|native queues|lb backend)(: |$)/);
});

it('finds a program on the path only', () => {
  const program = join(folder, 'lb-probe');
  writeFileSync(program, '');
  expect(findProgram('lb-probe', { PATH: folder })).toBe(program);
  expect(findProgram('lb-probe', { PATH: '' })).toBeUndefined();
});

it('reports the packages whose program or file is not there', () => {
  const present = { name: 'present', probe: folder, neededBy: 'tests: this one' };
  const noFile = { name: 'no-file', probe: join(folder, 'none'), neededBy: 'tests: this one' };
  const noProgram = { name: 'no-program', probe: 'lb-no-such-program', neededBy: 'tests: this one' };
  expect(missingPackages([present, noFile, noProgram])).toEqual([noFile, noProgram]);
});
