import { cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPackage } from '@electron/asar';
import { makeDeb } from './deb.mjs';
import { setFuses } from './fuses.mjs';

/** The name of the program, its folder and its files. */
export const NAME = 'lb-desktop';

const app = join(import.meta.dirname, '..');

/**
 * Makes the program: Electron's runtime with the built app in an archive and the headless program beside it.
 * @param {string} runtime folder of Electron's runtime; it stays as it is
 * @param {string} headless folder of the headless program with its dependencies; it is moved
 * @param {string} target folder to make it in
 * @param {string} version
 */
async function packageApp(runtime, headless, target, version) {
  const folder = join(target, `${NAME}-linux-${process.arch}`);
  const resources = join(folder, 'resources');
  rmSync(folder, { recursive: true, force: true });
  cpSync(runtime, folder, { recursive: true });
  renameSync(join(folder, 'electron'), join(folder, NAME));
  // The runtime's own app, which shows how to start one.
  rmSync(join(resources, 'default_app.asar'), { force: true });
  await archiveApp(join(target, 'app'), join(resources, 'app.asar'), version);
  dropUnneeded(headless);
  renameSync(headless, join(resources, 'lb'));
  cpSync(join(app, '..', '..', 'LICENSE'), join(folder, 'LICENSE.lb.txt'));
  await setFuses(join(folder, NAME));
  say(`made ${folder}/${NAME}`);
  return folder;
}

/**
 * The built app as one file. It has its libraries inside, and so no node_modules.
 * @param {string} stage folder to put it together in
 * @param {string} archive
 * @param {string} version
 */
async function archiveApp(stage, archive, version) {
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  cpSync(join(app, 'build'), join(stage, 'build'), { recursive: true, filter: (path) => !path.endsWith('.map') });
  const description = { name: NAME, version, main: 'build/main/main.cjs' };
  writeFileSync(join(stage, 'package.json'), `${JSON.stringify(description, null, 2)}\n`);
  await createPackage(stage, archive);
  rmSync(stage, { recursive: true });
}

/**
 * What the headless program does not run on.
 * @param {string} folder
 */
function dropUnneeded(folder) {
  const kept = `${folder}.kept`;
  const isUnneeded = (/** @type {string} */ path) =>
    /[.](map|tsbuildinfo|[cm]?ts)$|[/][.]bin$|@lb[/][^/]+[/]src$|[/]lb[/]src$/.test(path);
  rmSync(kept, { recursive: true, force: true });
  cpSync(folder, kept, { recursive: true, filter: (path) => !isUnneeded(path) });
  rmSync(folder, { recursive: true });
  renameSync(kept, folder);
}

/** @param {string} text */
function say(text) {
  process.stdout.write(`package: ${text}\n`);
}

const [runtime, headless, target, version, option] = process.argv.slice(2);
if (!runtime || !headless || !target || !version || !existsSync(join(runtime, 'electron'))) {
  throw new Error('package.mjs is for `npm run package`: RUNTIME HEADLESS TARGET VERSION [--folder-only]');
}
const folder = await packageApp(runtime, headless, target, version);
if (option !== '--folder-only') {
  for (const line of makeDeb(folder, target, NAME, version)) say(line);
  say('no AppImage: its tools come from no package registry; the folder can be copied and started as it is');
}
