import { beforeAll, expect, it } from 'vitest';
import { childrenOf, isAlive } from '../support/desktop-processes.js';
import { describeDesktop } from '../support/electron-needs.js';
import { until } from '../support/until.js';

await describeDesktop('the daemon within the desktop app', (desktop) => {
  const reaches = (state: string) => desktop.user.reaches('Built in', state);

  const daemons = () => childrenOf(desktop.app.pid, /\0serve\0/);

  beforeAll(async () => {
    await desktop.startApp();
  });

  it('is started again when it dies, with what was changed', async () => {
    await reaches('connected');
    await desktop.user.ask('embedded', 'exec', { body: { lines: ['lb conf timeout 50'] } });
    const [first] = await until('it runs', () => daemons());
    process.kill(first!, 'SIGKILL');
    await reaches('retrying');
    await reaches('connected');
    const [second] = await until('it runs again', () => daemons());
    expect(second).not.toBe(first);
    expect(await desktop.user.ask('embedded', 'getConfig')).toMatchObject({ timeout: 50 });
    expect(await desktop.user.ask('embedded', 'getStatus')).toMatchObject({ revision: 2 });
  });

  it('ends with the app, and also when the app is killed', async () => {
    const [daemon] = await until('it runs', () => daemons());
    process.kill(desktop.app.pid, 'SIGKILL');
    await until('the daemon has ended', () => !isAlive(daemon!), 15_000);
    await desktop.startApp();
    await reaches('connected');
    const [next] = await until('it runs', () => daemons());
    await desktop.app.close();
    expect(isAlive(next!)).toBe(false);
  });
});
