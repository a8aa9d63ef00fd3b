import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import type { Config } from '@lb/control';
import type { ApiRevisionMeta, LbEvent, Status } from '@lb/control/api';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { TestFolder } from '../cli.testkit.js';
import { ServeProgram } from './program.testkit.js';

const folder = new TestFolder();
const socket = folder.file('lb.sock');
let program: ServeProgram | undefined;
afterEach(() => program?.stop('SIGKILL'));
afterAll(() => folder.remove());

const site = folder.write(
  'site.lb',
  'lb conf ip4-src-address 192.0.2.1',
  'lb vip 90.0.0.0/8',
  'lb as 90.0.0.0/8 10.0.0.1 10.0.0.2',
);
let folders = 0;
const newState = () => folder.file(`state-${++folders}`);

async function start(...words: string[]): Promise<ServeProgram> {
  program = await ServeProgram.start(socket, ...words);
  return program;
}

/** A port of loopback that nobody uses. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const configOf = async (daemon: ServeProgram) => (await daemon.ask<Config>('GET', '/v1/config')).body;
const revisionOf = async (daemon: ServeProgram) => (await daemon.ask<Status>('GET', '/v1/status')).body.revision;

describe('a daemon with --state', () => {
  it('serves after kill -9 what it had acknowledged', async () => {
    const state = newState();
    const first = await start('--exec', site, '--state', state);
    expect((await first.exec('lb as 90.0.0.0/8 10.0.0.3 weight 7')).body.revision).toBe(2);
    const before = await configOf(first);
    await first.stop('SIGKILL');

    const second = await start('--exec', site, '--state', state);
    expect(await configOf(second)).toEqual(before);
    expect(await revisionOf(second)).toBe(2);
    expect((await second.said(/is not used/)).code).toBe('LB_LIVE_WARN_CONFIG_UNUSED');
  });

  it('listens where the kept revision says, whatever else is given', async () => {
    const words = ['--exec', site, '--state', newState()];
    const first = await start(...words);
    expect(first.ready).not.toContain('API at');
    const address = `127.0.0.1:${await freePort()}`;
    const listeners = [{ address }];
    const changed = await first.ask('PATCH', '/v1/config', { listeners }, { 'if-match': '"1"' });
    expect(changed.status).toBe(200);
    await first.stop('SIGKILL');
    expect((await start(...words)).ready).toContain(`API at http://${address}`);
  });

  it('refuses a change that is based on another revision, and rolls back', async () => {
    const daemon = await start('--exec', site, '--state', newState());
    const { body: config, etag } = await daemon.ask<Config>('GET', '/v1/config');
    expect(etag).toBe('"1"');
    await daemon.exec('lb as 90.0.0.0/8 10.0.0.1 weight 50');
    const late = await daemon.ask<{ error: { code: string; revision: number } }>(
      'PUT',
      '/v1/config',
      { ...config, timeout: 99 },
      { 'if-match': etag! },
    );
    expect(late).toMatchObject({ status: 412, body: { error: { code: 'LB_STATE_CONFLICT', revision: 2 } } });
    const back = await daemon.ask('POST', '/v1/revisions/1/rollback', {}, { 'if-match': '"2"' });
    expect(back.status).toBe(200);
    expect(await configOf(daemon)).toEqual(config);
    const { revisions } = (await daemon.ask<{ revisions: ApiRevisionMeta[] }>('GET', '/v1/revisions')).body;
    expect(revisions.map(({ number }) => number)).toEqual([3, 2, 1]);
  });

  it('on a port that another has says so, and leaves the other and its own state as they are', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const words = ['--exec', site, '--state', newState()];
    try {
      const started = ServeProgram.start(socket, ...words, '--listen', `127.0.0.1:${port}`);
      await expect(started).rejects.toThrow(
        `cannot listen on 127.0.0.1 port ${port}: another program has the port; stop it, or give another port (LB_API_LISTEN)`,
      );
      expect(taken.listening).toBe(true);
    } finally {
      taken.close();
    }
    expect(await revisionOf(await start(...words))).toBe(1);
  });

  it('does not let a second daemon have its state', async () => {
    const state = newState();
    await start('--state', state);
    const other = folder.file('other.sock');
    await expect(ServeProgram.start(other, '--state', state)).rejects.toThrow('LB_STATE_LOCKED');
  });
});

describe('a configuration that is half written when the daemon starts', () => {
  const whole =
    'vips:\n  - prefix: 90.0.0.0/8\n    ass:\n      - address: 10.0.0.1\n      - { address: 10.0.0.2, weight: 50 }\n';
  const half = whole.slice(0, whole.indexOf('weight'));

  it('is refused with its place, and no state is begun', async () => {
    const file = folder.write('half.yaml', half);
    const words = ['--config', file, '--state', newState()];
    await expect(ServeProgram.start(socket, ...words)).rejects.toThrow(/half\.yaml:[56]:.*LB_CFG_YAML/);
    writeFileSync(file, whole);
    expect(await revisionOf(await start(...words))).toBe(1);
  });

  it.each([[[]], [['--watch']]])('does not keep it from serving what it has served (%j)', async (watch) => {
    const file = folder.write('site.yaml', whole);
    const words = ['--config', file, '--state', newState(), ...watch];
    const first = await start(...words);
    await first.exec('lb as 90.0.0.0/8 10.0.0.3');
    const before = await configOf(first);
    await first.stop('SIGKILL');
    writeFileSync(file, half);

    const second = await start(...words);
    const { code, msg } = await second.said(/^revision 2 of .* is served/);
    expect([code, msg]).toEqual([
      'LB_LIVE_WARN_CONFIG_REFUSED',
      expect.stringMatching(/site\.yaml:[56]:.*LB_CFG_YAML/),
    ]);
    expect(await configOf(second)).toEqual(before);
    if (watch.length === 0) return;
    await second.said(/was not taken over/);
    writeFileSync(file, whole);
    await second.said(/^revision 3 by file/);
    expect((await configOf(second)).vips[0]!.ass).toMatchObject([{ weight: 100 }, { weight: 50 }]);
  });
});

describe('a daemon with --watch', () => {
  it('takes over a valid edit, and says why it refuses a bad one', async () => {
    const file = folder.write('watched.yaml', 'vips: [{ prefix: 90.0.0.0/8, ass: [{ address: 10.0.0.1 }] }]');
    const daemon = await start('--config', file, '--watch');
    writeFileSync(file, 'vips: [{ prefix: 90.0.0.0/8, ass: [{ address: 10.0.0.1, weight: 101 }] }]\n');
    expect((await daemon.said(/was not taken over/)).msg).toContain('LB_CFG_WEIGHT');
    expect(await revisionOf(daemon)).toBe(1);
    writeFileSync(file, 'vips: [{ prefix: 90.0.0.0/8, ass: [{ address: 10.0.0.1, weight: 9 }] }]\n');
    await daemon.said(/^revision 2 by file/);
    expect((await configOf(daemon)).vips[0]!.ass).toMatchObject([{ weight: 9 }]);
    const { events } = (await daemon.ask<{ events: LbEvent[] }>('GET', '/v1/events')).body;
    const ofFile = events.filter(({ type }) => type === 'config-file');
    expect(ofFile).toMatchObject([{ what: 'refused' }, { what: 'applied' }]);
  });

  it('does not undo other changes with a file that is as it was', async () => {
    const state = newState();
    const words = ['--exec', site, '--state', state, '--watch'];
    const first = await start(...words);
    await first.exec('lb as 90.0.0.0/8 10.0.0.1 weight 50');
    await first.stop('SIGKILL');
    const second = await start(...words);
    expect((await configOf(second)).vips[0]!.ass).toMatchObject([{ weight: 50 }, { weight: 100 }]);
  });
});
