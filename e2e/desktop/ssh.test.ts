import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DesktopUser } from '../support/desktop-user.js';
import { DesktopApp } from '../support/electron-app.js';
import { VirtualDisplay } from '../support/electron-display.js';
import { describeDesktop } from '../support/electron-needs.js';
import { repositoryRoot } from '../support/paths.js';
import { Running } from '../support/running.js';
import { SshServer } from '../support/ssh-server.js';
import { until } from '../support/until.js';

await describeDesktop(
  'desktop app, a daemon behind SSH',
  (runtime) => {
    const folder = mkdtempSync(join(tmpdir(), 'lb-desktop-'));
    const socketPath = join(folder, 'lb.sock');
    let display: VirtualDisplay;
    let server: SshServer;
    let daemon: Running;
    let app: DesktopApp;
    let user: DesktopUser;

    beforeAll(async () => {
      display = await VirtualDisplay.start();
      const lb = join(repositoryRoot, 'apps/lb/bin/lb.mjs');
      daemon = new Running('the daemon', [process.execPath, lb, 'serve', '--plain', '--socket', socketPath]);
      [server] = await Promise.all([SshServer.start(folder), daemon.says(/lb serve: ready/, 45_000)]);
      const env = { PATH: `${server.clientFolder}:${process.env.PATH}` };
      app = await DesktopApp.start({ runtime, display: display.name, folder, env });
      user = new DesktopUser(app);
    });

    afterAll(async () => {
      await app?.close();
      await server?.stop();
      await daemon?.stop();
      await display?.stop();
      rmSync(folder, { recursive: true });
    });

    const sshPid = () => sshOf(app.pid);

    it('is reached by host and path, and shows its numbers', async () => {
      const { page } = app;
      const where = { Host: server.destination, 'Path of the socket there': socketPath };
      await user.connect('SSH', { Name: 'behind', ...where });
      await page
        .getByRole('banner')
        .getByText(/^data [\d.]+ s old$/)
        .waitFor();
      await page.getByRole('banner').getByText('SSH', { exact: true }).waitFor();
      await user.show('VIPs');
      await page.getByRole('row', { name: '203.0.113.0/24' }).waitFor();
      expect(app.problems).toEqual([]);
    });

    it('says why ssh was not let in, and when it tries again; edited, it connects', async () => {
      const { page } = app;
      server.admit('nobody');
      const dialog = await user.fillDaemon('SSH', {
        Name: 'locked',
        Host: server.destination,
        'Path of the socket there': socketPath,
      });
      await dialog.getByRole('button', { name: 'Add', exact: true }).click();
      const { error, retryAt } = await user.reaches('locked', 'retrying');
      expect(error).toMatch(/Permission denied.*has to work without a password/);
      expect(retryAt).toBeGreaterThan(Date.now() - 1000);
      await page
        .getByRole('navigation')
        .getByText(/next try in \d+ s|trying now/)
        .first()
        .waitFor();
      await app.screenshot('daemon-locked');
      server.admit('user');
      // By itself, with the next try.
      await user.reaches('locked', 'connected');
      // Nobody listens there.
      await page.getByRole('button', { name: 'Edit locked' }).click();
      const edit = page.getByRole('dialog', { name: 'Edit a daemon' });
      await edit.getByLabel('Path of the socket there').fill(join(folder, 'none.sock'));
      await edit.getByRole('button', { name: 'Save' }).click();
      await until('it says what is not there', async () =>
        (await user.daemons()).some(({ error }) =>
          /ssh reaches .*, but no daemon answers on .*none\.sock there/.test(error ?? ''),
        ),
      );
      await page.getByRole('button', { name: 'Edit locked' }).click();
      await edit.getByRole('button', { name: 'Forget this daemon' }).click();
      await edit.waitFor({ state: 'detached' });
      expect((await user.daemons()).map(({ name }) => name)).toEqual(['Built in', 'behind']);
    });

    it('is found again after ssh died, and after the machine was away', async () => {
      const first = (await until('ssh runs', sshPid))[0]!;
      process.kill(first, 'SIGKILL');
      await user.reaches('behind', 'retrying');
      await user.reaches('behind', 'connected');
      await server.stop();
      expect((await user.reaches('behind', 'retrying')).error).toMatch(/ssh/);
      await server.resume();
      await user.reaches('behind', 'connected');
    });

    it('takes ssh along when it ends', async () => {
      const [ssh] = await until('ssh runs', sshPid);
      await app.close();
      expect(() => process.kill(ssh!, 0)).toThrow('ESRCH');
    });
  },
  ['ssh', 'sshd'],
);

/** Processes of ssh that the app has started; undefined if there are none. */
function sshOf(pid: number): number[] | undefined {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/).map(Number);
  const found = children.filter((child) => /(^|\/)ssh\0/.test(readFileSync(`/proc/${child}/cmdline`, 'utf8')));
  return found.length > 0 ? found : undefined;
}
