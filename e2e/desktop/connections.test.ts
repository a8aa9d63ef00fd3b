import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { describeDesktop } from '../support/electron-needs.js';
import { runLb } from '../support/run.js';
import { until } from '../support/until.js';

interface Info {
  readonly id: string;
  readonly state: string;
  readonly error: string | null;
}

await describeDesktop('desktop app, connections', (desktop) => {
  let url: string;
  let token: string;

  const ask = <T>(channel: string, input: object) =>
    desktop.page.evaluate(`window.lb.call(${JSON.stringify(channel)}, ${JSON.stringify(input)})`) as Promise<T>;
  const add = async (daemon: object) => (await ask<{ info: Info }>('daemons.add', daemon)).info;
  const infoOf = async (id: string) => (await ask<Info[]>('daemons.list', {})).find((info) => info.id === id)!;
  const reach = (id: string, state: string) =>
    until(`${id} is ${state}`, async () => {
      const info = await infoOf(id);
      return info.state === state && info;
    });

  beforeAll(async () => {
    const { folder, socketPath } = desktop;
    const daemon = await desktop.serve('--state', join(folder, 'state'), '--listen', '127.0.0.1:0');
    url = (await daemon.says(/API at (http:\S+)/, 45_000))[1]!;
    const made = await runLb('token', 'create', 'desktop', '--role', 'read', '--socket', socketPath);
    token = /lbt_\S+/.exec(made.stdout)![0];
    await desktop.startApp();
  });

  it('reaches a daemon by its socket, and gets its tables as numbers', async () => {
    const { id } = await add({ kind: 'unix', name: 'here', socketPath: desktop.socketPath });
    await reach(id, 'connected');
    const table = (await desktop.page.evaluate(
      `window.lb.call('api.buckets', {daemon: '${id}', vip: '203.0.113.0/24'}).then((table) =>
        ({ ...table, buckets: [table.buckets instanceof Int32Array, Math.max(...table.buckets)] }))`,
    )) as object;
    expect(table).toEqual({ newLen: 1024, ass: expect.arrayContaining(['10.1.0.1']), buckets: [true, 2] });
  });

  it('follows counters and events of two daemons at once, by socket and by token', async () => {
    const { id } = await add({ kind: 'tcp', name: 'far', url, token });
    expect((await reach(id, 'connected')).error).toContain('the token is forgotten');
    await desktop.page.evaluate('window.seen = []; window.lb.on((update) => window.seen.push(update)); null');
    for (const daemon of [id, 'embedded']) await ask('stream.watch', { daemon, intervalMs: 100 });
    const seen = (name: string, kind: string) =>
      until(
        `${kind} of ${name} come`,
        () =>
          desktop.page.evaluate(
            `window.seen.some(({ daemon, kind }) => daemon === '${name}' && kind === '${kind}')`,
          ) as Promise<boolean>,
      );
    await seen(id, 'counters');
    await seen('embedded', 'counters');
    expect((await runLb('conf', 'timeout', '55', '--socket', desktop.socketPath)).status).toBe(0);
    await seen(id, 'event');
    const change = { operation: 'exec', call: { body: { lines: ['lb conf timeout 60'] } } };
    expect(await ask('api.call', { daemon: id, ...change })).toMatchObject({ ok: false, error: { status: 403 } });
  });

  it('says why it cannot connect, and leaves no token on the disk', async () => {
    const bad = { kind: 'tcp', name: 'bad', url, token: 'lbt_wrong' };
    const { id } = await add(bad);
    expect((await reach(id, 'retrying')).error).toMatch(/token/);
    await ask('daemons.remove', { id });
    expect(await infoOf(id)).toBeUndefined();
    const book = join(desktop.folder, 'lb-desktop', 'daemons.json');
    expect(existsSync(book)).toBe(true);
    expect(readFileSync(book, 'utf8')).not.toContain('lbt_');
  });
});
