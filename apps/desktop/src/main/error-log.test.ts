import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ErrorLog } from './error-log.js';

const folder = mkdtempSync(join(tmpdir(), 'lb-log-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('keeps what went wrong, when and where, for the user alone', () => {
  const path = join(folder, 'logs', 'errors.log');
  const log = new ErrorLog(path);
  log.write('page', new Error('no table'));
  log.write('app', 'just words');
  const text = readFileSync(path, 'utf8');
  expect(text).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z page: Error: no table\n +at .*error-log[.]test[.]ts/);
  expect(text).toMatch(/\d{4}-\S+Z app: just words\n$/);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it('does not grow for ever, and keeps the file before', () => {
  const path = join(folder, 'errors.log');
  writeFileSync(path, 'x'.repeat(1 << 20));
  new ErrorLog(path).write('app', 'next');
  expect(statSync(`${path}.1`).size).toBe(1 << 20);
  expect(readFileSync(path, 'utf8')).toMatch(/^\S+ app: next\n$/);
});

it('does not fail where it cannot write', () => {
  writeFileSync(join(folder, 'file'), '');
  new ErrorLog(join(folder, 'file', 'errors.log')).write('app', 'lost');
});
