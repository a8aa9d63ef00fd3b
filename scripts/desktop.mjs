import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './repository.mjs';
import { run } from './run.mjs';
import { setUp } from './setup-steps.mjs';

/** `npm run desktop [-- ARGUMENT…]`: sets up, builds the desktop app, and runs it until it ends. */
async function main() {
  const failed = await setUp();
  if (failed !== undefined) {
    process.stderr.write(`set-up failed: ${failed}\n`);
    return 1;
  }
  const app = join(root, 'apps', 'desktop');
  const built = await run(process.execPath, [join(app, 'scripts', 'build.mjs')]);
  if (built !== 0) return built;
  if (!(await fetchElectron(join(app, 'node_modules', 'electron')))) return 1;
  // The app's own daemon runs on this Node.js rather than on the older or newer one within Electron.
  const env = { LB_DESKTOP_NODE: process.execPath, ...process.env };
  const electron = join(app, 'node_modules', 'electron', 'cli.js');
  return run(process.execPath, [electron, ...process.argv.slice(2), app], { env });
}

/**
 * Has Electron's runtime, which is not in its package, downloaded at the first start.
 * @param {string} folder of the package
 */
async function fetchElectron(folder) {
  if (process.env.ELECTRON_OVERRIDE_DIST_PATH || existsSync(join(folder, 'path.txt'))) return true;
  process.stdout.write('downloading the runtime of Electron\n');
  if ((await run(process.execPath, [join(folder, 'install.js')])) === 0) return true;
  process.stderr.write(
    'the runtime of Electron could not be downloaded: unpack it by hand, and give its folder as ELECTRON_OVERRIDE_DIST_PATH\n',
  );
  return false;
}

process.exitCode = await main();
