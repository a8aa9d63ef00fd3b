import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConfigError } from '../errors.js';
import { temporaryFolder } from './state.testkit.js';
import { type ConfigFileWatch, type WatchOptions, watchConfigFile } from './watch-config-file.js';

const base = temporaryFolder();
let made = 0;
let folder = '';
let file = '';
let watch: ConfigFileWatch | undefined;
/** What the watch told: the timeout of a valid configuration, or the code of a refusal. */
let told: (number | string)[] = [];
let wake: () => void = () => {};

beforeEach(() => {
  folder = path.join(base, `folder-${++made}`);
  fs.mkdirSync(folder);
  file = path.join(folder, 'site.yaml');
  told = [];
});
afterEach(() => watch?.close());

function start(options: WatchOptions = { settleMs: 20, pollMs: 20 }, watched = file): void {
  const tell = (what: number | string) => {
    told.push(what);
    wake();
  };
  watch = watchConfigFile(
    watched,
    {
      onValid: ({ timeout }, warnings) => tell(warnings.length > 0 ? `${timeout} ${warnings[0]!.code}` : timeout),
      onRefused: (error) => tell(error instanceof ConfigError ? error.code : String(error)),
    },
    options,
  );
}

/** Resolves when the watch has told so many things. */
function toldOf(count: number): Promise<void> {
  return new Promise((resolve) => {
    wake = () => told.length >= count && resolve();
    wake();
  });
}

test('an edit in place is told, with its warnings; what was there at the start is not', async () => {
  fs.writeFileSync(file, 'timeout: 1');
  start();
  fs.writeFileSync(file, 'timeout: 2');
  await toldOf(1);
  fs.writeFileSync(file, 'timeout: 3\nvips: [{prefix: 10.0.0.0/8, encap: l3dsr}]');
  await toldOf(2);
  expect(told[0]).toBe(2);
  expect(told[1]).toMatch(/^3 LB_CFG_WARN_/);
});

test('without the poll, an edit is told as well: the system reports it', async () => {
  fs.writeFileSync(file, 'timeout: 1');
  start({ settleMs: 20, pollMs: 3_600_000 });
  fs.writeFileSync(file, 'timeout: 2');
  await toldOf(1);
  // As editors do it: the old file becomes the backup, and a new one takes its name.
  fs.renameSync(file, `${file}~`);
  fs.writeFileSync(`${file}.new`, 'timeout: 3');
  fs.renameSync(`${file}.new`, file);
  await toldOf(2);
  expect(told).toEqual([2, 3]);
});

test('a bad edit is refused with the reason, and the next good one is told', async () => {
  fs.writeFileSync(file, 'timeout: 1');
  start();
  for (const text of ['timeout: 0', 'timeout: [', '', 'timeout: 5']) {
    fs.writeFileSync(file, text);
    await toldOf(told.length + 1);
  }
  expect(told).toEqual(['LB_CFG_TIMEOUT', 'LB_CFG_YAML', 'LB_CFG_EMPTY', 5]);
});

test('a file that goes is told once, and when it comes again', async () => {
  fs.writeFileSync(file, 'timeout: 1');
  start();
  fs.rmSync(file);
  await toldOf(1);
  fs.writeFileSync(file, 'timeout: 2');
  await toldOf(2);
  expect(told).toEqual(['LB_CFG_FILE_READ', 2]);
});

test('a file that is not there yet', async () => {
  start();
  fs.writeFileSync(file, 'timeout: 2');
  await toldOf(1);
  expect(told).toEqual([2]);
});

test('half a file is not read, though it would be valid', async () => {
  fs.writeFileSync(file, 'timeout: 1');
  start({ settleMs: 1000, pollMs: 20 });
  const writing = fs.openSync(file, 'w');
  const other = fs.watch(folder);
  const noticed = once(other, 'change');
  fs.writeSync(writing, 'timeout: 2');
  await noticed;
  other.close();
  // Longer than it would take to read and tell it.
  for (let i = 0; i < 50; i++) await fs.promises.readFile(file);
  fs.writeSync(writing, '2');
  fs.closeSync(writing);
  await toldOf(1);
  expect(told).toEqual([22]);
});

test('other files of the folder are of no interest', async () => {
  fs.writeFileSync(file, 'timeout: 1');
  start();
  fs.writeFileSync(path.join(folder, 'other.yaml'), 'timeout: 7');
  fs.writeFileSync(file, 'timeout: 2');
  await toldOf(1);
  expect(told).toEqual([2]);
});

test('command lines, by the name of the file', async () => {
  const lines = path.join(folder, 'site.lb');
  fs.writeFileSync(lines, '');
  start(undefined, lines);
  fs.writeFileSync(lines, 'lb conf timeout 9');
  await toldOf(1);
  fs.writeFileSync(lines, 'timeout: 9');
  await toldOf(2);
  expect(told).toEqual([9, 'LB_CFG_WORD']);
});

test.runIf(process.platform !== 'win32')('symbolic links: swapped beside the file, edited elsewhere', async () => {
  const elsewhere = path.join(base, `elsewhere-${made}`);
  fs.mkdirSync(elsewhere);
  fs.writeFileSync(path.join(elsewhere, 'a.yaml'), 'timeout: 1');
  fs.writeFileSync(path.join(elsewhere, 'b.yaml'), 'timeout: 2');
  fs.symlinkSync(path.join(elsewhere, 'a.yaml'), file);
  start();
  fs.symlinkSync(path.join(elsewhere, 'b.yaml'), `${file}.new`);
  fs.renameSync(`${file}.new`, file);
  await toldOf(1);
  fs.writeFileSync(path.join(elsewhere, 'b.yaml'), 'timeout: 3');
  await toldOf(2);
  expect(told).toEqual([2, 3]);
});

test('a folder that is replaced', async () => {
  fs.writeFileSync(file, 'timeout: 1');
  start();
  fs.renameSync(folder, `${folder}-old`);
  await toldOf(1);
  fs.mkdirSync(folder);
  fs.writeFileSync(file, 'timeout: 2');
  await toldOf(2);
  fs.writeFileSync(file, 'timeout: 3');
  await toldOf(3);
  expect(told).toEqual(['LB_CFG_FILE_READ', 2, 3]);
});

test('nothing is told once it is closed', async () => {
  fs.writeFileSync(file, 'timeout: 1');
  start();
  fs.writeFileSync(file, 'timeout: 2');
  watch!.close();
  const second = path.join(folder, 'second.yaml');
  start(undefined, second);
  fs.writeFileSync(second, 'timeout: 3');
  await toldOf(1);
  expect(told).toEqual([3]);
});
