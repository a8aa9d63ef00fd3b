import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import promises, { type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { DesiredState } from './desired-state.js';
import { config, refusal, revision, systemError, temporaryFolder } from './state.testkit.js';
import { StateStore } from './state-store.js';

const base = temporaryFolder();
let made = 0;
const fresh = () => path.join(base, `state-${++made}`);
afterEach(() => {
  vi.restoreAllMocks();
});

/** Calls that storing a revision makes, by the names of what they are made on. */
type Call = 'open file' | 'write file' | 'sync file' | 'close file' | 'rename' | 'open folder' | 'sync folder';

/** Writes down the calls of storing a file; those for which `fail` has an error are not carried out. */
function observeCalls(fail: (call: Call) => Error | undefined = () => undefined): string[] {
  const calls: string[] = [];
  const note = (call: Call, name: string) => {
    calls.push(`${call} ${name}`);
    const error = fail(call);
    if (error !== undefined) throw error;
  };
  const { open, rename } = promises;
  vi.spyOn(promises, 'rename').mockImplementation(async (from, to) => {
    note('rename', `${path.basename(String(from))} to ${path.basename(String(to))}`);
    return rename(from, to);
  });
  vi.spyOn(promises, 'open').mockImplementation(async (file, ...rest) => {
    const name = path.basename(String(file));
    const kind = rest[0] === 'r' ? 'folder' : 'file';
    note(`open ${kind}`, name);
    const handle: FileHandle = await open(file, ...rest);
    const { sync, writeFile, close } = handle;
    handle.sync = async () => {
      note(`sync ${kind}`, name);
      return sync.call(handle);
    };
    handle.writeFile = async (data) => {
      note('write file', name);
      return writeFile.call(handle, data);
    };
    handle.close = async () => {
      await close.call(handle);
      if (kind === 'file') note('close file', name);
    };
    return handle;
  });
  return calls;
}

test('a revision has its place only when its content has reached the disk, and then its name does too', async () => {
  const store = await StateStore.open(fresh());
  const calls = observeCalls();
  await store.append(revision(1));
  expect(calls).toEqual([
    'open file 0000000001.rev.tmp',
    'write file 0000000001.rev.tmp',
    'sync file 0000000001.rev.tmp',
    'close file 0000000001.rev.tmp',
    'rename 0000000001.rev.tmp to 0000000001.rev',
    'open folder revisions',
    'sync folder revisions',
  ]);
  await store.close();
});

describe.each([
  ['ENOSPC', 'no space is left on the disk'],
  ['EIO', 'the disk reports an error'],
  ['EROFS', 'the disk is mounted read-only'],
  ['EMFILE', 'this process has too many open files'],
])('%s', (code, words) => {
  const places = [
    'open file',
    'write file',
    'sync file',
    'close file',
    'rename',
    'open folder',
    'sync folder',
  ] as const;

  test.each(places)('from "%s" refuses the change, which leaves nothing behind', async (place) => {
    const folder = fresh();
    const store = await StateStore.open(folder);
    const state = await DesiredState.open(store, config({ timeout: 1 }));
    const seen = vi.fn();
    state.on('revision', seen);
    observeCalls((call) => (call === place ? systemError(code) : undefined));
    const change = () => state.change((current) => ({ ...current, timeout: 2 }), { author: 'ann' });
    const error = await refusal(change());
    expect(error).toMatchObject({
      code: 'LB_STATE_DISK',
      message: `cannot write ${folder}/revisions/0000000002.rev: ${words}`,
    });
    expect([state.current.number, state.current.config.timeout, seen.mock.calls]).toEqual([1, 1, []]);
    expect(state.history().map(({ number }) => number)).toEqual([1]);
    vi.restoreAllMocks();
    expect(fs.readdirSync(path.join(folder, 'revisions'))).toEqual(['0000000001.rev']);
    // The disk is well again.
    expect((await change()).number).toBe(2);
    await store.close();
  });
});

test('a slot keeps its value when a new one cannot be written', async () => {
  const store = await StateStore.open(fresh());
  await store.saveRuntime('health', 'old');
  observeCalls((call) => (call === 'sync file' ? systemError('ENOSPC') : undefined));
  expect(await refusal(store.saveRuntime('health', 'new'))).toMatchObject({ code: 'LB_STATE_DISK' });
  vi.restoreAllMocks();
  expect(await store.readRuntime('health')).toBe('old');
  await store.close();
});

test('the newest revision on a bad sector: the one before is used', async () => {
  const folder = fresh();
  const store = await StateStore.open(folder);
  await store.append(revision(1));
  await store.append(revision(2));
  await store.close();
  const { readFile } = promises;
  vi.spyOn(promises, 'readFile').mockImplementation(((file: string, ...rest: []) =>
    file.endsWith('2.rev') ? Promise.reject(systemError('EIO')) : readFile(file, ...rest)) as typeof readFile);
  const again = await StateStore.open(folder);
  expect(again.latest()).toEqual(revision(1));
  expect(again.findings[0]!.message).toBe('0000000002.rev cannot be read; it is now 0000000002.rev.damaged');
  await again.close();
});

test('a revision that may not be read is no reason to use an older one', async () => {
  const folder = fresh();
  const store = await StateStore.open(folder);
  await store.append(revision(1));
  await store.close();
  vi.spyOn(promises, 'readFile').mockRejectedValue(systemError('EACCES'));
  expect(await refusal(StateStore.open(folder))).toMatchObject({ code: 'LB_STATE_DIR' });
  vi.restoreAllMocks();
  const again = await StateStore.open(folder);
  expect(again.latest()).toEqual(revision(1));
  await again.close();
});

const root = process.platform === 'linux' && process.geteuid?.() === 0;
describe.runIf(root)(`a small disk${root ? '' : ' (skipped: not root on Linux)'}`, () => {
  /** A file system of 64 KiB in memory, for as long as `use` runs. */
  async function onSmallDisk(use: (mountPoint: string) => Promise<void>): Promise<void> {
    const mountPoint = fresh();
    fs.mkdirSync(mountPoint);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'lb-state-test', mountPoint]);
    try {
      await use(mountPoint);
    } finally {
      execFileSync('umount', [mountPoint]);
    }
  }

  test('that is full refuses changes and keeps what it has; with room again it takes them', () =>
    onSmallDisk(async (mountPoint) => {
      const folder = path.join(mountPoint, 'state');
      const ass = Array.from({ length: 30 }, (_, i) => ({ address: `10.0.0.${i + 1}` }));
      const large = config({ vips: [{ prefix: '192.0.2.1', ass }] });
      let store = await StateStore.open(folder);
      let state = await DesiredState.open(store, large);
      let error: unknown;
      while (error === undefined) {
        const timeout = state.current.number;
        error = await state
          .change((current) => ({ ...current, timeout }), { author: 'ann' })
          .then(
            () => undefined,
            (reason: unknown) => reason,
          );
      }
      const last = state.current;
      expect(error).toMatchObject({ code: 'LB_STATE_DISK', message: expect.stringMatching(/no space is left/) });
      expect(last.number).toBeGreaterThan(5);

      await store.close();
      store = await StateStore.open(folder);
      state = await DesiredState.open(store, config());
      expect([state.current, store.findings]).toEqual([last, []]);
      const again = () => state.change((current) => ({ ...current, timeout: 600 }), { author: 'ann' });
      expect(await refusal(again())).toMatchObject({ code: 'LB_STATE_DISK' });

      execFileSync('mount', ['-o', 'remount,size=256k', mountPoint]);
      expect((await again()).number).toBe(last.number + 1);
      await store.close();
    }));

  test('that has become read-only serves what it has', () =>
    onSmallDisk(async (mountPoint) => {
      const folder = path.join(mountPoint, 'state');
      let store = await StateStore.open(folder);
      await store.append(revision(1));
      await store.append(revision(2));
      await store.close();
      fs.truncateSync(path.join(folder, 'revisions', '0000000002.rev'), 9);
      execFileSync('mount', ['-o', 'remount,ro', mountPoint]);
      store = await StateStore.open(folder);
      expect(store.latest()).toEqual(revision(1));
      expect(store.findings[0]!.message).toMatch(/it could not be renamed$/);
      expect(await refusal(store.append(revision(3)))).toMatchObject({
        code: 'LB_STATE_DISK',
        message: expect.stringMatching(/mounted read-only$/),
      });
      await store.close();
    }));

  test('that is full from the beginning', () =>
    onSmallDisk(async (mountPoint) => {
      const room = fs.openSync(path.join(mountPoint, 'filler'), 'w');
      expect(() => {
        for (;;) fs.writeSync(room, Buffer.alloc(4096));
      }).toThrow('ENOSPC');
      fs.closeSync(room);
      const store = await StateStore.open(path.join(mountPoint, 'state'));
      expect(await refusal(DesiredState.open(store, config()))).toMatchObject({ code: 'LB_STATE_DISK' });
      await store.close();
    }));
});
