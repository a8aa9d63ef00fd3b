import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { isAlive } from '../support/desktop-processes.js';
import { describeDesktop } from '../support/electron-needs.js';
import { PackagedApp, packageDesktop } from '../support/electron-packaged.js';
import { repositoryRoot } from '../support/paths.js';
import { run } from '../support/run.js';
import { ThrowawayRoot, throwawayNeeds } from '../support/throwaway-root.js';
import { until } from '../support/until.js';

const NAME = 'lb-desktop';
const HOME = '/home/lb-desktop-user';
const { version } = JSON.parse(readFileSync(join(repositoryRoot, 'apps/desktop/package.json'), 'utf8')) as {
  version: string;
};

await describeDesktop(
  'desktop app, its Debian package',
  (desktop) => {
    let deb: string;
    let root: ThrowawayRoot;

    beforeAll(async () => {
      ({ deb } = await packageDesktop(desktop.folder, 'deb'));
      root = await ThrowawayRoot.start(desktop.folder);
      desktop.later(() => root.stop());
      await root.makeHome(HOME);
    }, 400_000);

    it('is installed whole, with an entry and an icon for menus', async () => {
      // This machine may lack some of what it depends on; what the app itself needs is looked at below, by running it.
      const { status, stdout } = await root.run('dpkg', '--force-depends', '--install', deb);
      expect(status, stdout).toBe(0);
      const shown = (await root.run('dpkg-query', '--status', NAME)).stdout;
      expect(shown).toMatch(/^Status: install ok installed$/m);
      expect(shown).toContain(`\nVersion: ${version}\n`);
      // Every file has the bytes that the package says.
      expect(await root.run('dpkg', '--verify', NAME)).toMatchObject({ status: 0, stdout: '' });

      const lines = readFileSync(root.path(`/usr/share/applications/${NAME}.desktop`), 'utf8')
        .trim()
        .split('\n');
      expect(lines[0]).toBe('[Desktop Entry]');
      const entry = Object.fromEntries(lines.slice(1).map((line) => line.split(/=(.*)/).slice(0, 2)));
      expect(entry).toMatchObject({ Type: 'Application', Name: 'lb', Terminal: 'false', StartupWMClass: NAME });
      expect(lstatSync(root.path(entry.Exec!)).mode & 0o777).toBe(0o755);
      const icons = root.path('/usr/share/icons/hicolor');
      expect(readFileSync(join(icons, 'scalable/apps', `${entry.Icon}.svg`), 'utf8')).toMatch(/^<svg /);
      const png = readFileSync(join(icons, '256x256/apps', `${entry.Icon}.png`));
      // RFC 2083: signature, then the length and name of IHDR, then width and height.
      expect(png.subarray(1, 4).toString()).toBe('PNG');
      expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([256, 256]);
    });

    it('can be read by every user and written by none', () => {
      const wrong: string[] = [];
      const sandbox = `/opt/${NAME}/chrome-sandbox`;
      const look = (path: string) => {
        const { mode, uid, gid } = lstatSync(root.path(path));
        const rights = (mode & 0o7777).toString(8);
        const isFolder = (mode & 0o170000) === 0o040000;
        const isLink = (mode & 0o170000) === 0o120000;
        const right = isFolder ? /^755$/ : path === sandbox ? /^4755$/ : /^(755|644)$/;
        if (uid !== 0 || gid !== 0 || !(isLink || right.test(rights))) wrong.push(`${path}: ${uid}:${gid} ${rights}`);
        if (isFolder) for (const name of readdirSync(root.path(path))) look(join(path, name));
      };
      look(`/opt/${NAME}`);
      expect(wrong).toEqual([]);
    });

    it('says its version, where there is no display', async () => {
      const [program, ...words] = [...root.asUser, 'env', '-u', 'DISPLAY', `HOME=${HOME}`, NAME, '--version'];
      const { status, stdout, stderr } = await run(program!, words);
      expect({ status, stdout }).toEqual({ status: 0, stdout: `${NAME} ${version}\n` });
      // Chromium tells of a machine without a system bus before the app has a say: on most starts, not on all.
      expect(stderr.replace(/^\[.*:ERROR:bus\.cc\(\d+\)\] .*\n/gm, '')).toBe('');
    });

    it('runs for an ordinary user, its page in the sandbox of Chromium, and shows live numbers', async () => {
      const environment = [
        `DISPLAY=${desktop.display}`,
        `HOME=${HOME}`,
        `XDG_CONFIG_HOME=${HOME}/.config`,
        `XDG_CACHE_HOME=${HOME}/.cache`,
        `TMPDIR=${HOME}`,
        'LC_ALL=C.UTF-8',
      ];
      const app = await PackagedApp.start(NAME, environment, root.asUser, ['--disable-gpu']);
      try {
        await app.showsTraffic();
        await app.page.screenshot({ path: join(repositoryRoot, 'build/test/screens/installed.png') });
        // Chromium writes over the zeros between its words.
        const pages = processesWith(/^\/opt\/lb-desktop\/lb-desktop[\0 ]--type=renderer/);
        expect(pages).toEqual([{ user: 65_534, seccomp: 2 }]);
        const [daemon] = await until('the daemon runs', () => app.utilities);
        expect(await app.close()).toEqual({ status: 0, signal: null });
        expect(isAlive(daemon!)).toBe(false);
      } finally {
        await app.kill();
      }
    });

    it('leaves nothing but the user’s own when it is removed', async () => {
      const { status, stdout } = await root.run('dpkg', '--purge', NAME);
      expect(status, stdout).toBe(0);
      expect((await root.run('dpkg-query', '--show', NAME)).status).toBe(1);
      // Besides what dpkg and its triggers note about all packages together.
      const notes =
        /^\/(var\/(lib\/dpkg|log|cache)\/|etc\/mailcap$|usr\/share\/(icons\/hicolor\/icon-theme\.cache|applications\/mimeinfo\.cache)$)/;
      const left = root.changed().filter((path) => !path.startsWith(`${HOME}/`) && !notes.test(path));
      expect(left).toEqual([]);
      expect(root.changed().filter((path) => path.includes(NAME) && !path.startsWith(`${HOME}/`))).toEqual([]);
      const own = readdirSync(root.path(join(HOME, '.config', NAME)));
      expect(own).toContain('embedded');
    });
  },
  [...throwawayNeeds, 'dpkg', 'dpkg-deb'],
);

/** All processes of this machine with such a command line: whose they are, and how their system calls are held back (2: by a filter). */
function processesWith(command: RegExp): { readonly user: number; readonly seccomp: number }[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      if (!/^\d+$/.test(pid) || !command.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))) return [];
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      return [
        { user: Number(/^Uid:\t(\d+)/m.exec(status)![1]), seccomp: Number(/^Seccomp:\t(\d+)/m.exec(status)![1]) },
      ];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
}
