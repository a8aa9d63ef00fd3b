import { join } from 'node:path';
import { displayObstacle } from './display.mjs';
import { electronFolder, electronPackage } from './electron.mjs';
import { root } from './repository.mjs';
import { run } from './run.mjs';
import { setUp } from './setup-steps.mjs';

/** `npm run desktop [-- ARGUMENT…]`: sets up, builds the desktop app, and runs it until it ends. */
async function main() {
  const obstacle = displayObstacle();
  if (obstacle !== undefined) {
    process.stderr.write(`the desktop app cannot be shown here: ${obstacle}\n`);
    return 1;
  }
  const failed = await setUp();
  if (failed !== undefined) {
    process.stderr.write(`set-up failed: ${failed}\n`);
    return 1;
  }
  const app = join(root, 'apps', 'desktop');
  const built = await run(process.execPath, [join(app, 'scripts', 'build.mjs')]);
  if (built !== 0) return built;
  if ((await electronFolder()) === undefined) return 1;
  // The app's own daemon runs on this Node.js rather than on the older or newer one within Electron.
  const env = { LB_DESKTOP_NODE: process.execPath, ...process.env };
  // Chromium's sandbox does not run as root, and says so only after it has ended.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return run(process.execPath, [join(electronPackage, 'cli.js'), ...sandbox, ...process.argv.slice(2), app], { env });
}

process.exitCode = await main();
