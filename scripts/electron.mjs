import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { manifest, root } from './repository.mjs';
import { run } from './run.mjs';

/** The electron package of the desktop app. */
export const electronPackage = join(root, 'apps', 'desktop', 'node_modules', 'electron');

/** What the runtime's executable is called in its folder. */
export const electronExecutable = process.platform === 'win32' ? 'electron.exe' : 'electron';

/**
 * The folder of Electron's runtime: the one that the user names, else that of the electron package, downloaded if it is not there yet.
 * @returns {Promise<string | undefined>} undefined if there is none; why, and what to do, has been said
 */
export async function electronFolder() {
  const named = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  const folder = named ? resolve(named) : join(electronPackage, 'dist');
  if (existsSync(join(folder, electronExecutable))) return folder;
  if (named) {
    process.stderr.write(`ELECTRON_OVERRIDE_DIST_PATH: there is no ${electronExecutable} in ${folder}\n`);
    return undefined;
  }
  // Its package has no macOS application at this place, but the name of its executable in a file.
  if (existsSync(join(electronPackage, 'path.txt'))) return folder;
  process.stdout.write('downloading the runtime of Electron (about 110 MB, once)\n');
  if ((await run(process.execPath, [join(electronPackage, 'install.js')])) === 0) return folder;
  const { version } = manifest('apps/desktop/node_modules/electron/package.json');
  process.stderr.write(
    `\nThe runtime of Electron could not be downloaded (see above). Either\n` +
      `- run this again where the network reaches Electron's releases, or name a mirror that it reaches in ELECTRON_MIRROR, or\n` +
      `- unpack Electron ${version} (25 or newer works) for ${process.platform} on ${process.arch} by hand, and give its folder as ELECTRON_OVERRIDE_DIST_PATH.\n`,
  );
  return undefined;
}
