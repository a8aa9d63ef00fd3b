import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { electronFolder } from './electron.mjs';
import { buildDir, manifest, root } from './repository.mjs';
import { run, runPnpm } from './run.mjs';
import { setUp } from './setup-steps.mjs';

const FOLDER_ONLY = '--folder-only';
const AS_BUILT = '--as-built';

/**
 * `npm run package [-- [--folder-only] [--as-built] [FOLDER]]`: sets up, builds the desktop app and makes a program of it that needs nothing else, in
 * `build/package` or in FOLDER; and, unless only the folder is wanted, a Debian package of it where dpkg-deb is. As built: without set-up and build, for tests that have done both.
 */
async function main() {
  const words = process.argv.slice(2);
  const [target = join(buildDir, 'package')] = words.filter((word) => word !== FOLDER_ONLY && word !== AS_BUILT);
  if (process.platform !== 'linux') {
    process.stderr.write(
      `npm run package makes programs for Linux only, on Linux; npm run desktop runs the app here\n`,
    );
    return 1;
  }
  const asBuilt = words.includes(AS_BUILT);
  const failed = asBuilt ? undefined : await setUp();
  if (failed !== undefined) {
    process.stderr.write(`set-up failed: ${failed}\n`);
    return 1;
  }
  const runtime = await electronFolder();
  if (runtime === undefined) return 1;
  const desktop = join(root, 'apps', 'desktop', 'scripts');
  const built = asBuilt ? 0 : await run(process.execPath, [join(desktop, 'build.mjs')]);
  if (built !== 0) return built;
  const folder = resolve(target);
  // The headless program with what it needs, as files: without links, which packages don't always keep.
  const headless = join(folder, 'lb');
  rmSync(headless, { recursive: true, force: true });
  const options = ['--prod', '--legacy', '--config.node-linker=hoisted', '--silent'];
  const deployed = await runPnpm(['--filter', 'lb', ...options, 'deploy', headless]);
  if (deployed !== 0) {
    process.stderr.write('the headless program could not be put together\n');
    return deployed;
  }
  const { version = '0.0.0' } = manifest('apps/desktop/package.json');
  return run(process.execPath, [
    join(desktop, 'package.mjs'),
    runtime,
    headless,
    folder,
    version,
    ...(words.includes(FOLDER_ONLY) ? [FOLDER_ONLY] : []),
  ]);
}

process.exitCode = await main();
