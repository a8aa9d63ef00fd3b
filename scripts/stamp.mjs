import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { filesBelow, manifest, manifestPaths, root, sourceFiles } from './repository.mjs';

/**
 * What the last set-up left behind, one text per step. It lies in node_modules, so that removing that folder forgets it.
 * @typedef {{install?: string, build?: string, system?: string, native?: string}} Stamps
 */

const stampFile = join(root, 'node_modules', '.lb-setup.json');

/** @returns {Stamps} */
function readStamps() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'));
  } catch {
    return {};
  }
}

/** @param {keyof Stamps} step */
export function readStamp(step) {
  return readStamps()[step];
}

/**
 * @param {keyof Stamps} step
 * @param {string} value
 */
export function writeStamp(step, value) {
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, `${JSON.stringify({ ...readStamps(), [step]: value }, null, 2)}\n`);
}

/** A hash over everything that decides which dependencies are installed. */
export function installStamp() {
  const settings = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc'];
  const machine = [process.platform, process.arch, process.versions.modules];
  return hash([...machine, ...contents([...settings, ...manifestPaths()])]);
}

/** A hash over everything that decides what a build produces, and over the products, so that a lost one is noticed. */
export function buildStamp() {
  const sources = ['packages', 'apps'].flatMap((folder) => sourceFiles(folder));
  const settings = ['package.json', 'pnpm-lock.yaml', 'turbo.json', 'tsconfig.base.json'];
  return hash([...contents([...settings, ...sources]), ...productStates()]);
}

/** Dependencies that a package.json names and its node_modules lacks, as `<package.json>: <name>`. */
export function missingDependencies() {
  return manifestPaths().flatMap((path) => {
    const { dependencies = {}, devDependencies = {} } = manifest(path);
    const modules = join(root, dirname(path), 'node_modules');
    return Object.keys({ ...dependencies, ...devDependencies })
      .filter((name) => !existsSync(join(modules, name)))
      .map((name) => `${path}: ${name}`);
  });
}

function productStates() {
  const notModules = (/** @type {string} */ name) => name !== 'node_modules';
  return ['packages', 'apps']
    .flatMap((folder) => filesBelow(folder, notModules))
    .filter((path) => path.includes('/dist/'))
    .map((path) => {
      const { size, mtimeMs } = statSync(join(root, path));
      return `${path} ${size} ${mtimeMs}`;
    });
}

/** @param {string[]} paths */
function contents(paths) {
  return paths.flatMap((path) => {
    const file = join(root, path);
    return [path, existsSync(file) ? readFileSync(file) : 'absent'];
  });
}

/** @param {(string | Buffer)[]} parts */
function hash(parts) {
  const sum = createHash('sha256');
  for (const part of parts) sum.update(`${part.length}:`).update(part);
  return sum.digest('hex');
}
