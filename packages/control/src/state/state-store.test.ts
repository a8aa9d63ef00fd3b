import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodeRecord } from './record.js';
import { encodeRevision } from './revision-record.js';
import { refusal, revision, temporaryFolder } from './state.testkit.js';
import { StateStore } from './state-store.js';

const base = temporaryFolder();
let made = 0;
/** The path of a folder that is not there yet. */
const fresh = () => path.join(base, `state-${++made}`);
const fileOf = (folder: string, number: number) =>
  path.join(folder, 'revisions', `${String(number).padStart(10, '0')}.rev`);
const names = (folder: string) => fs.readdirSync(path.join(folder, 'revisions')).sort();

/** A folder with revisions 1 to `count`. */
async function filled(count: number): Promise<string> {
  const folder = fresh();
  const store = await StateStore.open(folder);
  for (let number = 1; number <= count; number++) await store.append(revision(number));
  await store.close();
  return folder;
}

test('what was appended is there after the next start', async () => {
  const folder = await filled(3);
  const store = await StateStore.open(folder);
  expect(store.latest()).toEqual(revision(3));
  expect(store.nextNumber).toBe(4);
  expect(await store.read(1)).toEqual(revision(1));
  expect(store.list().map(({ number, note }) => [number, note])).toEqual([
    [3, 'no. 3'],
    [2, 'no. 2'],
    [1, 'no. 1'],
  ]);
  expect(store.list({ before: 3, limit: 1 })).toEqual([
    { number: 2, time: '2023-11-14T22:13:22.000Z', author: 'ann', note: 'no. 2', hash: revision(2).hash },
  ]);
  expect(store.findings).toEqual([]);
  await store.close();
});

test('an empty folder has no revision', async () => {
  const store = await StateStore.open(fresh());
  expect([store.latest(), store.nextNumber, store.list(), store.findings]).toEqual([undefined, 1, [], []]);
  expect(await refusal(store.read(1))).toMatchObject({
    code: 'LB_STATE_NO_REVISION',
    message: 'there is no revision 1: none is kept',
  });
  await store.close();
});

test('a head longer than most is read whole', async () => {
  const folder = await filled(1);
  const long = { ...revision(2), note: 'n'.repeat(50_000) };
  const store = await StateStore.open(folder);
  await store.append(long);
  await store.append(revision(3));
  await store.close();
  const again = await StateStore.open(folder);
  expect(again.list()[1]!.note).toBe(long.note);
  await again.close();
});

test('only a new number is appended', async () => {
  const folder = await filled(2);
  const store = await StateStore.open(folder);
  await expect(store.append(revision(2))).rejects.toThrow(RangeError);
  await store.close();
  expect(await refusal(store.append(revision(3)))).toMatchObject({ code: 'LB_STATE_CLOSED' });
  expect(names(folder)).toEqual(['0000000001.rev', '0000000002.rev']);
});

test('the oldest go when there are too many, or too much of them; the newest two stay', async () => {
  const folder = fresh();
  const store = await StateStore.open(folder, { keep: 3 });
  for (let number = 1; number <= 5; number++) await store.append(revision(number));
  expect(store.list().map(({ number }) => number)).toEqual([5, 4, 3]);
  expect(names(folder)).toEqual(['0000000003.rev', '0000000004.rev', '0000000005.rev']);
  expect(await refusal(store.read(2))).toMatchObject({ message: 'there is no revision 2: kept are 3 to 5' });
  await store.close();
  const smaller = await StateStore.open(folder, { keepBytes: 1 });
  expect(names(folder)).toEqual(['0000000004.rev', '0000000005.rev']);
  await smaller.close();
});

describe.runIf(process.platform !== 'win32')('on Unix', () => {
  test('folders and files are for the owner only, whatever the umask', async () => {
    const folder = path.join(fresh(), 'below');
    const before = process.umask(0);
    try {
      const store = await StateStore.open(folder);
      await store.append(revision(1));
      await store.saveRuntime('health', {});
      await store.close();
    } finally {
      process.umask(before);
    }
    const modeOf = (...names: string[]) => (fs.statSync(path.join(folder, ...names)).mode & 0o777).toString(8);
    expect([modeOf('..'), modeOf(), modeOf('revisions'), modeOf('runtime')]).toEqual(['700', '700', '700', '700']);
    expect(modeOf('revisions', '0000000001.rev')).toBe('600');
    expect(modeOf('runtime', 'health.state')).toBe('600');
  });

  test('folders that others could read are closed to them; the one given is left as it is', async () => {
    const folder = await filled(1);
    fs.chmodSync(folder, 0o755);
    fs.chmodSync(path.join(folder, 'revisions'), 0o755);
    const store = await StateStore.open(folder);
    expect(fs.statSync(folder).mode & 0o777).toBe(0o755);
    expect(fs.statSync(path.join(folder, 'revisions')).mode & 0o777).toBe(0o700);
    await store.close();
  });

  const root = process.geteuid?.() === 0;
  test.runIf(root)(`revisions of another user are not trusted${root ? '' : ' (skipped: not root)'}`, async () => {
    const folder = await filled(1);
    fs.chownSync(path.join(folder, 'revisions'), 65534, 65534);
    expect(await refusal(StateStore.open(folder))).toMatchObject({
      code: 'LB_STATE_DIR',
      message: `${folder}/revisions belongs to user 65534, and this process is user 0`,
    });
  });

  test('a path that is no folder', async () => {
    const folder = fresh();
    fs.writeFileSync(folder, '');
    expect(await refusal(StateStore.open(folder))).toMatchObject({ code: 'LB_STATE_DIR' });
  });
});

describe('damage', () => {
  const damages: Record<string, (bytes: Buffer) => Buffer> = {
    'is empty': () => Buffer.alloc(0),
    'was cut in its first line': (bytes) => bytes.subarray(0, 20),
    'was cut in its head': (bytes) => bytes.subarray(0, 120),
    'was cut in its body': (bytes) => bytes.subarray(0, -30),
    'lacks its last byte': (bytes) => bytes.subarray(0, -1),
    'goes on after its end': (bytes) => Buffer.concat([bytes, bytes]),
    'has zeros instead of content': (bytes) => Buffer.alloc(bytes.length),
    'has another first word': (bytes) => turn(bytes, 2),
    'has another format': (bytes) => turn(bytes, 9),
    'has another checksum': (bytes) => turn(bytes, 40),
    'has another head': (bytes) => turn(bytes, 100),
    'has another body': (bytes) => turn(bytes, bytes.length - 20),
    'has another end': (bytes) => turn(bytes, bytes.length - 1),
    'is that of another revision': () => encodeRevision(revision(1)),
    'is another kind of file': () => encodeRecord({ name: 'health' }, '{}'),
  };

  function turn(bytes: Buffer, at: number): Buffer {
    const turned = Buffer.from(bytes);
    turned[at]! ^= 1;
    return turned;
  }

  test.each(Object.entries(damages))('when the newest revision %s, the one before is used', async (_, damage) => {
    const folder = await filled(3);
    const bad = damage(fs.readFileSync(fileOf(folder, 3)));
    fs.writeFileSync(fileOf(folder, 3), bad);
    const store = await StateStore.open(folder);
    expect(store.latest()).toEqual(revision(2));
    expect(store.findings).toEqual([
      {
        code: 'LB_STATE_DAMAGED',
        message: expect.stringMatching(/^revision 3 is damaged: .*; it is now 0000000003\.rev\.damaged$/),
        path: `${fileOf(folder, 3)}.damaged`,
      },
    ]);
    expect(fs.readFileSync(`${fileOf(folder, 3)}.damaged`).equals(bad)).toBe(true);
    // Who has seen revision 3 must not take another for it, also not after one more start.
    expect(store.nextNumber).toBe(4);
    await store.close();
    const again = await StateStore.open(folder);
    expect([again.latest()?.number, again.nextNumber, again.findings]).toEqual([2, 4, []]);
    await again.append(revision(4));
    expect(again.list().map(({ number }) => number)).toEqual([4, 2, 1]);
    await again.close();
  });

  test('several in a row, and all of them', async () => {
    const folder = await filled(4);
    for (const number of [3, 4]) fs.truncateSync(fileOf(folder, number), 100);
    const store = await StateStore.open(folder);
    expect([store.latest()?.number, store.findings.length]).toEqual([2, 2]);
    await store.close();
    for (const number of [1, 2]) fs.truncateSync(fileOf(folder, number), 0);
    const none = await StateStore.open(folder);
    expect([none.latest(), none.nextNumber, none.findings.length]).toEqual([undefined, 5, 2]);
    await none.close();
    expect(names(folder)).toEqual([1, 2, 3, 4].map((number) => `000000000${number}.rev.damaged`));
  });

  test('an older revision, in its head: found at the start', async () => {
    const folder = await filled(3);
    fs.writeFileSync(fileOf(folder, 1), turn(fs.readFileSync(fileOf(folder, 1)), 100));
    const store = await StateStore.open(folder);
    expect(store.latest()).toEqual(revision(3));
    expect(store.list().map(({ number }) => number)).toEqual([3, 2]);
    expect(store.findings).toHaveLength(1);
    await store.close();
  });

  test('an older revision, in its body: found when it is read', async () => {
    const folder = await filled(3);
    const bytes = fs.readFileSync(fileOf(folder, 1));
    fs.writeFileSync(fileOf(folder, 1), turn(bytes, bytes.length - 20));
    const store = await StateStore.open(folder);
    expect(store.findings).toEqual([]);
    expect(await refusal(store.read(1))).toMatchObject({
      code: 'LB_STATE_DAMAGED',
      message: 'revision 1 is damaged: its content is not what was written; it is now 0000000001.rev.damaged',
    });
    expect(store.findings).toHaveLength(1);
    expect(store.list().map(({ number }) => number)).toEqual([3, 2]);
    expect(await refusal(store.read(1))).toMatchObject({ code: 'LB_STATE_NO_REVISION' });
    await store.close();
  });

  test('something that is no file', async () => {
    const folder = await filled(1);
    fs.mkdirSync(fileOf(folder, 2));
    const store = await StateStore.open(folder);
    expect([store.latest()?.number, store.nextNumber, store.findings.length]).toEqual([1, 3, 1]);
    await store.close();
  });
});

describe('other versions', () => {
  test('a newer format is refused, and nothing is touched', async () => {
    const folder = await filled(2);
    fs.writeFileSync(fileOf(folder, 3), NEWER);
    const before = names(folder);
    expect(await refusal(StateStore.open(folder))).toMatchObject({
      code: 'LB_STATE_FORMAT',
      message: 'revision 3 has format 2, and this program reads 1',
    });
    expect(names(folder)).toEqual(before);
    fs.rmSync(fileOf(folder, 3));
    const store = await StateStore.open(folder);
    expect(store.latest()?.number).toBe(2);
    await store.close();
  });

  test('a configuration that this version does not know is not taken for a damaged one', async () => {
    const folder = await filled(1);
    const { config: _, ...meta } = revision(2);
    fs.writeFileSync(fileOf(folder, 2), encodeRecord(meta, '{"novelty":1}'));
    expect(await refusal(StateStore.open(folder))).toMatchObject({
      code: 'LB_STATE_CONFIG',
      message: expect.stringMatching(/^revision 2 holds a configuration that this version does not accept: .*novelty/),
    });
    expect(names(folder)).toEqual(['0000000001.rev', '0000000002.rev']);
  });
});

test('what a crash left half-written is removed, and other files are left alone', async () => {
  const folder = await filled(1);
  fs.writeFileSync(`${fileOf(folder, 2)}.tmp`, 'half');
  fs.writeFileSync(path.join(folder, 'runtime', 'health.state.tmp'), 'half');
  fs.writeFileSync(path.join(folder, 'revisions', 'README'), 'hands off');
  const store = await StateStore.open(folder);
  expect([store.latest()?.number, store.nextNumber, store.findings]).toEqual([1, 2, []]);
  expect(names(folder)).toEqual(['0000000001.rev', 'README']);
  expect(fs.readdirSync(path.join(folder, 'runtime'))).toEqual([]);
  await store.close();
});

describe('a folder has one user', () => {
  test('a second one is refused until the first has closed', async () => {
    const folder = await filled(1);
    const first = await StateStore.open(folder);
    expect(await refusal(StateStore.open(folder))).toMatchObject({
      code: 'LB_STATE_LOCKED',
      message: `another daemon uses the state in ${folder}`,
      hint: 'stop it, or give another folder with --state',
    });
    await first.append(revision(2));
    await first.close();
    await first.close();
    const second = await StateStore.open(folder);
    expect(second.latest()?.number).toBe(2);
    await second.close();
  });

  test('also from another process, and a killed one leaves no lock', async () => {
    const folder = await filled(1);
    const holder = spawn('flock', ['-F', '-x', folder, 'sh', '-c', 'echo held; exec sleep 600'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout!, 'data');
    expect(await refusal(StateStore.open(folder))).toMatchObject({ code: 'LB_STATE_LOCKED' });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const store = await StateStore.open(folder);
    await store.close();
  });
});

describe('slots', () => {
  test('keep what was saved last, over a restart', async () => {
    const folder = fresh();
    const store = await StateStore.open(folder);
    expect(await store.readRuntime('health')).toBeUndefined();
    const saves = [1, 2, 3].map((round) => store.saveRuntime('health', { round, text: 'ä' }));
    await Promise.all([...saves, store.saveRuntime('other', null)]);
    await store.close();
    const again = await StateStore.open(folder);
    expect(await again.readRuntime('health')).toEqual({ round: 3, text: 'ä' });
    expect(await again.readRuntime('other')).toBe(null);
    await again.close();
  });

  test('a damaged one is set aside and reads as missing', async () => {
    const store = await StateStore.open(fresh());
    const file = path.join(store.folder, 'runtime', 'health.state');
    for (const round of ['', '.1']) {
      await store.saveRuntime('health', { round });
      fs.truncateSync(file, 50);
      expect(await store.readRuntime('health')).toBeUndefined();
      expect(store.findings.at(-1)).toMatchObject({ code: 'LB_STATE_DAMAGED', path: `${file}.damaged${round}` });
    }
    await store.close();
  });

  test('have plain names', async () => {
    const store = await StateStore.open(fresh());
    expect(() => store.saveRuntime('../x', 1)).toThrow(RangeError);
    await store.close();
  });
});

/** The sum was made with sha256sum. */
const NEWER = `lb-state 2 333095d4c72513a84044b6ef77979cf197d9fc3e5fe30b705f8ef7b5660caa15
{"length":0}
`;
