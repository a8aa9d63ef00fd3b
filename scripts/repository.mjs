import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of the repository's root folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** Where reports and logs of the two commands go (ignored by git). */
export const buildDir = join(root, 'build');

/** Folders that hold something made or downloaded, never a source. */
const generatedFolders = new Set(['.git', '.turbo', 'artefacts', 'build', 'coverage', 'dist', 'node_modules']);

/**
 * Every file under `folder` (relative to the root) outside generated folders: paths relative to the root with forward
 * slashes, sorted, so that a hash over them is the same on every system. A folder that does not exist has no files.
 * @param {string} [folder]
 * @returns {string[]}
 */
export function sourceFiles(folder = '.') {
  return filesBelow(folder, (name) => !generatedFolders.has(name));
}

/**
 * Like `sourceFiles`, with the choice of the folders to enter.
 * @param {string} folder
 * @param {(name: string) => boolean} enter
 * @returns {string[]}
 */
export function filesBelow(folder, enter) {
  /** @type {string[]} */
  const found = [];
  /** @param {string} path */
  const walk = (path) => {
    for (const entry of readFolder(path)) {
      const child = join(path, entry.name);
      if (entry.isDirectory() && enter(entry.name)) walk(child);
      else if (entry.isFile()) found.push(relative(root, child).split(sep).join('/'));
    }
  };
  walk(join(root, folder));
  return found.sort();
}

/** @param {string} path */
function readFolder(path) {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
}

/**
 * A package.json of the repository.
 * @param {string} path relative to the root
 * @returns {{version?: string, packageManager?: string, engines?: {node: string}, dependencies?: Record<string, string>, devDependencies?: Record<string, string>}}
 */
export function manifest(path) {
  return JSON.parse(readFileSync(join(root, path), 'utf8'));
}

/** The package.json files of the workspace: the root's first. */
export function manifestPaths() {
  const members = ['packages', 'apps', 'e2e'].flatMap((folder) => sourceFiles(folder));
  return ['package.json', ...members.filter((path) => /^(e2e|[^/]+\/[^/]+)\/package\.json$/.test(path))];
}
