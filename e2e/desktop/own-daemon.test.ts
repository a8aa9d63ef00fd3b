import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DesktopApp } from '../support/electron-app.js';
import { VirtualDisplay } from '../support/electron-display.js';
import { describeDesktop } from '../support/electron-needs.js';
import { until } from '../support/until.js';

interface Info {
  readonly state: string;
  readonly error: string | null;
}

await describeDesktop('the daemon within the desktop app', (runtime) => {
  const folder = mkdtempSync(join(tmpdir(), 'lb-desktop-'));
  let display: VirtualDisplay;
  let app: DesktopApp;

  const infoOf = async (): Promise<Info> => {
    const [info] = (await app.page.evaluate("window.lb.call('daemons.list', {})")) as Info[];
    return info!;
  };
  const connected = () => until('the daemon is connected', async () => (await infoOf()).state === 'connected', 30_000);

  beforeAll(async () => {
    display = await VirtualDisplay.start();
    app = await DesktopApp.start({ runtime, display: display.name, folder });
  });

  afterAll(async () => {
    await app?.close();
    await display?.stop();
    rmSync(folder, { recursive: true });
  });

  it('is started again when it dies, with what was changed', async () => {
    await connected();
    const lines = "{daemon: 'embedded', operation: 'exec', call: {body: {lines: ['lb conf timeout 50']}}}";
    expect(await app.page.evaluate(`window.lb.call('api.call', ${lines})`)).toMatchObject({ ok: true });
    const [first] = await until('it runs', () => childrenOf(app, 'serve'));
    process.kill(first!, 'SIGKILL');
    await until('the app has noticed', async () => (await infoOf()).state === 'retrying');
    await connected();
    const [second] = await until('it runs again', () => childrenOf(app, 'serve'));
    expect(second).not.toBe(first);
    const read = "{daemon: 'embedded', operation: 'getConfig', call: {}}";
    expect(await app.page.evaluate(`window.lb.call('api.call', ${read})`)).toMatchObject({
      value: { timeout: 50 },
      revision: 2,
    });
  });

  it('ends with the app, and also when the app is killed', async () => {
    const [daemon] = await until('it runs', () => childrenOf(app, 'serve'));
    process.kill(app.pid, 'SIGKILL');
    await until('the daemon has ended', () => !isAlive(daemon!), 15_000);
    app = await DesktopApp.start({ runtime, display: display.name, folder });
    await connected();
    const [next] = await until('it runs', () => childrenOf(app, 'serve'));
    await app.close();
    expect(isAlive(next!)).toBe(false);
  });
});

/** Processes that the app has started with such a word among their arguments; undefined if there are none. */
function childrenOf({ pid }: DesktopApp, word: string): number[] | undefined {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/).map(Number);
  const found = children.filter((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').split('\0').includes(word));
  return found.length > 0 ? found : undefined;
}

/** Whether a process runs; one that has ended and waits for its parent to notice does not. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
