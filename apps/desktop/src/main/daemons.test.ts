import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Update } from '../shared/contract.js';
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
});
afterEach(() => {
  for (const daemons of open) daemons.close();
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

it('knows the daemons that were added when the app starts again', () => {
  const first = start();
  const added = [first.add(unix()), first.add(tcp)];
  expect(added).toMatchObject([
    { name: 'edge', kind: 'unix', where: unix().socketPath, state: 'connecting' },
    { name: 'far', kind: 'tcp', where: tcp.url, state: 'connecting', error: null },
  ]);
  const second = start();
  expect(second.list()).toEqual(added);
  second.remove(added[0]!.id);
  expect(start().list()).toEqual([added[1]]);
});

it('writes no token down in the clear, and lets nobody else read the file', () => {
  start().add(tcp);
  expect(readFileSync(file, 'utf8')).toContain('sealedToken');
  expect(readFileSync(file, 'utf8')).not.toContain('lbt_secret');
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
});

it('without a key store keeps a token until the app ends, and says so', () => {
  start(false).add(tcp);
  expect(readFileSync(file, 'utf8')).not.toMatch(/token|lbt_/i);
  expect(start(false).list()).toMatchObject([
    { name: 'far', state: 'retrying', error: expect.stringContaining('token was not kept') },
  ]);
});

it('does not keep a daemon that cannot be one', () => {
  const daemons = start();
  expect(() => daemons.add({ ...tcp, url: 'http://lb1.example.net' })).toThrow(
    expect.objectContaining({ code: 'LB_CLIENT_ENDPOINT' }),
  );
  expect(daemons.list()).toEqual([]);
  expect(start().list()).toEqual([]);
});

it('starts with none when the file is broken', () => {
  writeFileSync(file, '{"daemons": [{"id": 7}]}');
  expect(start().list()).toEqual([]);
});

it('keeps its own daemon, and knows no other ids', () => {
  const daemons = start();
  daemons.addEmbedded(join(folder, 'lb.sock'));
  expect(() => daemons.remove('embedded')).toThrow(expect.objectContaining({ code: 'LB_APP_DAEMON' }));
  expect(() => daemons.get('other')).toThrow(expect.objectContaining({ code: 'LB_APP_DAEMON' }));
  expect(daemons.list()).toMatchObject([{ id: 'embedded', kind: 'embedded' }]);
});
