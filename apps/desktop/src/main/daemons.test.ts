import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Update } from '../shared/contract.js';
import type { DaemonAnswer, DaemonInfo } from '../shared/daemon-info.js';
import { DaemonBook } from './daemon-book.js';
import { Daemons } from './daemons.js';
import { type KeyStore, Secrets } from './secrets.js';

let folder: string;
let file: string;
let open: Daemons[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lb-daemons-'));
  file = join(folder, 'daemons.json');
  open = [];
  vi.stubEnv('TMPDIR', folder);
});
afterEach(async () => {
  for (const daemons of open) await daemons.close();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** The daemons that an app knows which starts now, on a system with or without a key store. */
function start(hasKeys = true): Daemons {
  const keys: KeyStore = {
    isEncryptionAvailable: () => hasKeys,
    encryptString: (text) => Buffer.from(text, 'utf8').map((byte) => byte ^ 0x55) as Buffer,
    decryptString: (bytes) => Buffer.from(bytes.map((byte) => byte ^ 0x55)).toString('utf8'),
  };
  const secrets = new Secrets(keys, 'darwin');
  const updates: Update[] = [];
  const daemons = new Daemons(new DaemonBook(file, secrets), secrets, (update) => updates.push(update));
  open.push(daemons);
  daemons.connectKnown();
  return daemons;
}

const unix = () => ({ kind: 'unix', name: 'edge', socketPath: join(folder, 'none.sock') }) as const;
const tcp = { kind: 'tcp', name: 'far', url: 'https://127.0.0.1:1', token: 'lbt_secret' } as const;
const ssh = { kind: 'ssh', name: 'farther', destination: 'lb@127.0.0.1:1', socketPath: '/run/lb.sock' } as const;

function infoOf(answer: DaemonAnswer): DaemonInfo {
  if (!answer.ok) throw new Error(JSON.stringify(answer.problems));
  return answer.info;
}

it('knows the daemons that were added when the app starts again', () => {
  const first = start();
  const added = [unix(), tcp, ssh].map((daemon) => infoOf(first.add(daemon)));
  expect(added).toMatchObject([
    { name: 'edge', kind: 'unix', where: unix().socketPath, state: 'connecting' },
    { name: 'far', kind: 'tcp', where: tcp.url, state: 'connecting', error: null },
    { name: 'farther', kind: 'ssh', where: 'lb@127.0.0.1:1:/run/lb.sock', state: 'connecting' },
  ]);
  const second = start();
  expect(second.list()).toEqual(added);
  second.remove(added[0]!.id);
  expect(start().list()).toEqual(added.slice(1));
});

it('writes no token down in the clear, and lets nobody else read the file', () => {
  start().add(tcp);
  expect(readFileSync(file, 'utf8')).toContain('sealedToken');
  expect(readFileSync(file, 'utf8')).not.toContain('lbt_secret');
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
});

it('without a key store keeps a token until the app ends, and says so', () => {
  const { id } = infoOf(start(false).add(tcp));
  expect(readFileSync(file, 'utf8')).not.toMatch(/token|lbt_/i);
  const later = start(false);
  expect(later.list()).toMatchObject([
    { name: 'far', state: 'retrying', error: expect.stringContaining('token was not kept'), retryAt: null },
  ]);
  expect(infoOf(later.change(id, tcp))).toMatchObject({ id, state: 'connecting', error: null });
});

it('does not keep a daemon that cannot be one, and says what is wrong with which field', () => {
  const daemons = start();
  expect(daemons.add({ ...tcp, url: 'http://lb1.example.net' })).toEqual({
    ok: false,
    problems: [{ field: 'url', message: expect.stringContaining('without TLS') }],
  });
  expect(daemons.list()).toEqual([]);
  expect(start().list()).toEqual([]);
});

it('changes a daemon in its place, whoever watches it', () => {
  const daemons = start();
  const [first, second] = [unix(), tcp].map((daemon) => infoOf(daemons.add(daemon)));
  daemons.get(first!.id).watch(250);
  const socketPath = join(folder, 'other.sock');
  const changed = infoOf(daemons.change(first!.id, { ...unix(), socketPath }));
  expect(changed).toMatchObject({ id: first!.id, where: socketPath, state: 'connecting' });
  expect(daemons.get(first!.id).watchedMs).toBe(250);
  expect(daemons.list().map(({ id }) => id)).toEqual([first!.id, second!.id]);
  expect(daemons.change(first!.id, { ...unix(), name: 'far' })).toMatchObject({ problems: [{ field: 'name' }] });
  expect(start().list()[0]).toMatchObject({ where: socketPath });
});

it('gives a token back to nobody, and uses it on for its own address only', () => {
  const daemons = start();
  const { id } = infoOf(daemons.add(tcp));
  const { token: _, ...known } = tcp;
  expect(daemons.settings(id)).toEqual(known);
  expect(daemons.change(id, { ...known, name: 'very far' })).toMatchObject({ ok: true, info: { name: 'very far' } });
  expect(daemons.change(id, { ...known, url: 'https://127.0.0.1:2' })).toMatchObject({
    problems: [{ field: 'token', message: expect.stringContaining('another address') }],
  });
});

it('starts with none when the file is broken', () => {
  writeFileSync(file, '{"daemons": [{"id": 7}]}');
  expect(start().list()).toEqual([]);
});

it('keeps its own daemon, and knows no other ids', () => {
  const daemons = start();
  daemons.addEmbedded(join(folder, 'lb.sock'));
  for (const touch of [
    () => daemons.remove('embedded'),
    () => daemons.change('embedded', unix()),
    () => daemons.get('other'),
  ]) {
    expect(touch).toThrow(expect.objectContaining({ code: 'LB_APP_DAEMON' }));
  }
  expect(daemons.add({ ...unix(), name: 'Built in' })).toMatchObject({ problems: [{ field: 'name' }] });
  expect(daemons.list()).toMatchObject([{ id: 'embedded', kind: 'embedded' }]);
});

it('takes the sockets of its tunnels along when it ends', async () => {
  const daemons = start();
  daemons.add(ssh);
  const folders = () => readdirSync(folder).filter((name) => name.startsWith('lb-ssh-'));
  expect(folders()).toHaveLength(1);
  await daemons.close();
  expect(folders()).toEqual([]);
});
