import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const app = join(import.meta.dirname, '..');

/** What Electron needs of a Debian; the second names are those of 2024 and later. */
const DEPENDS = [
  'libgtk-3-0 | libgtk-3-0t64',
  'libnss3',
  'libasound2 | libasound2t64',
  'libgbm1',
  'libnotify4',
  'libsecret-1-0',
  'xdg-utils',
];

/** Node.js' name of an architecture → Debian's. @type {Record<string, string>} */
const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64', arm: 'armhf' };

/**
 * A Debian package of the program, where the tool for it is.
 * @param {string} folder of the program
 * @param {string} target folder to put it in
 * @param {string} name
 * @param {string} version
 * @returns {string[]} what was made, or was not and why
 */
export function makeDeb(folder, target, name, version) {
  const architecture = ARCHITECTURES[process.arch];
  if (spawnSync('dpkg-deb', ['--version'], { stdio: 'ignore' }).status !== 0)
    return ['no .deb: there is no dpkg-deb here'];
  if (architecture === undefined) return [`no .deb: Debian has no architecture ${process.arch}`];
  const tree = join(target, 'deb');
  rmSync(tree, { recursive: true, force: true });
  const place = join(tree, 'opt', name);
  cpSync(folder, place, { recursive: true, verbatimSymlinks: true });
  mkdirSync(join(tree, 'usr', 'bin'), { recursive: true });
  symlinkSync(`/opt/${name}/${name}`, join(tree, 'usr', 'bin', name));
  write(tree, join('usr', 'share', 'applications', `${name}.desktop`), [
    '[Desktop Entry]',
    'Type=Application',
    'Name=lb',
    'GenericName=Load balancer',
    'Comment=Maglev load balancer: see the table, try the change, apply it',
    `Exec=/opt/${name}/${name}`,
    `Icon=${name}`,
    'Terminal=false',
    'Categories=System;Monitor;Network;',
    `StartupWMClass=${name}`,
  ]);
  const icons = join(tree, 'usr', 'share', 'icons', 'hicolor');
  copy(join(app, 'public', 'icon.svg'), join(icons, 'scalable', 'apps', `${name}.svg`));
  copy(join(app, 'public', 'icon.png'), join(icons, '256x256', 'apps', `${name}.png`));
  copy(join(app, '..', '..', 'LICENSE'), join(tree, 'usr', 'share', 'doc', name, 'copyright'));
  const bytes = settleRights(tree);
  // Chromium's sandbox, where the kernel lets users have no namespaces of their own.
  chmodSync(join(place, 'chrome-sandbox'), 0o4755);
  write(tree, join('DEBIAN', 'control'), [
    `Package: ${name}`,
    `Version: ${version}`,
    `Architecture: ${architecture}`,
    'Section: net',
    'Priority: optional',
    'Maintainer: maglev-lb',
    // In KiB.
    `Installed-Size: ${Math.ceil(bytes / 1024)}`,
    `Depends: ${DEPENDS.join(', ')}`,
    'Description: Desktop app of a Maglev load balancer',
    ' Every bucket of a VIP, live flows, and what a change will do before it is applied.',
  ]);
  settleRights(join(tree, 'DEBIAN'));
  const file = join(target, `${name}_${version}_${architecture}.deb`);
  const { status, stderr } = spawnSync('dpkg-deb', ['--root-owner-group', '-Zxz', '-z1', '--build', tree, file], {
    encoding: 'utf8',
  });
  rmSync(tree, { recursive: true });
  return [status === 0 ? `made ${file}` : `no .deb: dpkg-deb ended with ${status}: ${stderr.trim()}`];
}

/**
 * @param {string} tree
 * @param {string} path
 * @param {readonly string[]} lines
 */
function write(tree, path, lines) {
  mkdirSync(join(tree, path, '..'), { recursive: true });
  writeFileSync(join(tree, path), `${lines.join('\n')}\n`);
}

/**
 * @param {string} from
 * @param {string} to
 */
function copy(from, to) {
  mkdirSync(join(to, '..'), { recursive: true });
  cpSync(from, to);
}

/**
 * Everybody may read what is in a package, whatever the rights of new files are where it is made.
 * @param {string} path
 * @returns {number} bytes that it takes
 */
function settleRights(path) {
  const entry = lstatSync(path);
  if (entry.isSymbolicLink()) return 0;
  const isFolder = entry.isDirectory();
  chmodSync(path, isFolder || (entry.mode & 0o100) !== 0 ? 0o755 : 0o644);
  if (!isFolder) return entry.size;
  return readdirSync(path).reduce((bytes, name) => bytes + settleRights(join(path, name)), 0);
}
