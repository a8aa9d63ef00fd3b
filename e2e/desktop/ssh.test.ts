import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { childrenOf } from '../support/desktop-processes.js';
import { describeDesktop } from '../support/electron-needs.js';
import { SshServer } from '../support/ssh-server.js';
import { until } from '../support/until.js';

await describeDesktop(
  'desktop app, a daemon behind SSH',
  (desktop) => {
    let server: SshServer;

    beforeAll(async () => {
      await desktop.serve();
      server = await SshServer.start(desktop.folder);
      desktop.later(() => server.stop());
      const env = { PATH: `${server.clientFolder}:${process.env.PATH}` };
      await desktop.startApp({ env });
    });

    const sshPid = () => childrenOf(desktop.app.pid, /(^|\/)ssh\0/);

    it('is reached by host and path, and shows its numbers', async () => {
      const { page } = desktop;
      const where = { Host: server.destination, 'Path of the socket there': desktop.socketPath };
      await desktop.user.connect('SSH', { Name: 'behind', ...where });
      await page
        .getByRole('banner')
        .getByText(/^data [\d.]+ s old$/)
        .waitFor();
      await page.getByRole('banner').getByText('SSH', { exact: true }).waitFor();
      await desktop.user.show('VIPs');
      await page.getByRole('row', { name: '203.0.113.0/24' }).waitFor();
      expect(desktop.app.problems).toEqual([]);
    });

    it('says why ssh was not let in, and when it tries again; edited, it connects', async () => {
      const { page } = desktop;
      server.admit('nobody');
      const dialog = await desktop.user.fillDaemon('SSH', {
        Name: 'locked',
        Host: server.destination,
        'Path of the socket there': desktop.socketPath,
      });
      await dialog.getByRole('button', { name: 'Add', exact: true }).click();
      const { error, retryAt } = await desktop.user.reaches('locked', 'retrying');
      expect(error).toMatch(/Permission denied.*has to work without a password/);
      expect(retryAt).toBeGreaterThan(Date.now() - 1000);
      await page
        .getByRole('navigation')
        .getByText(/next try in \d+ s|trying now/)
        .first()
        .waitFor();
      await desktop.app.screenshot('daemon-locked');
      server.admit('user');
      // By itself, with the next try.
      await desktop.user.reaches('locked', 'connected');
      // Nobody listens there.
      await page.getByRole('button', { name: 'Edit locked' }).click();
      const edit = page.getByRole('dialog', { name: 'Edit a daemon' });
      await edit.getByLabel('Path of the socket there').fill(join(desktop.folder, 'none.sock'));
      await edit.getByRole('button', { name: 'Save' }).click();
      await until('it says what is not there', async () =>
        (await desktop.user.daemons()).some(({ error }) =>
          /ssh reaches .*, but no daemon answers on .*none\.sock there/.test(error ?? ''),
        ),
      );
      await page.getByRole('button', { name: 'Edit locked' }).click();
      await edit.getByRole('button', { name: 'Forget this daemon' }).click();
      await edit.waitFor({ state: 'detached' });
      expect((await desktop.user.daemons()).map(({ name }) => name)).toEqual(['Built in', 'behind']);
    });

    it('is found again after ssh died, and after the machine was away', async () => {
      const first = (await until('ssh runs', sshPid))[0]!;
      process.kill(first, 'SIGKILL');
      await desktop.user.reaches('behind', 'retrying');
      await desktop.user.reaches('behind', 'connected');
      await server.stop();
      expect((await desktop.user.reaches('behind', 'retrying')).error).toMatch(/ssh/);
      await server.resume();
      await desktop.user.reaches('behind', 'connected');
    });

    it('takes ssh along when it ends', async () => {
      const [ssh] = await until('ssh runs', sshPid);
      await desktop.app.close();
      expect(() => process.kill(ssh!, 0)).toThrow('ESRCH');
    });
  },
  ['ssh', 'sshd'],
);
