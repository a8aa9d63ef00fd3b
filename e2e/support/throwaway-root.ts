import { existsSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Need } from './needs.js';
import { type Finished, run } from './run.js';
import { Running } from './running.js';

/** What it needs of the machine. */
export const throwawayNeeds: readonly Need[] = ['root', 'unshare', 'nsenter', 'setpriv'];

/** Of Debian's user "nobody". */
const ORDINARY_USER = 65_534;

/**
 * This machine's files, with changes that nobody else sees: an overlay in memory, in a mount namespace that ends with it. Programs in
 * there share processes, network and display with the machine.
 */
export class ThrowawayRoot {
  private constructor(
    private readonly holder: Running,
    private readonly folder: string,
  ) {}

  /** @param parent a folder to mount it in, which whoever made it removes */
  static async start(parent: string): Promise<ThrowawayRoot> {
    const folder = mkdtempSync(join(parent, 'root-'));
    const [root, upper, work] = ['root', 'upper', 'work'].map((name) => join(folder, name));
    // Where displays have their sockets.
    mkdirSync('/tmp/.X11-unix', { recursive: true });
    const script = [
      'set -e',
      `mount -t tmpfs -o mode=755 tmpfs ${folder}`,
      `mkdir ${root} ${upper} ${work}`,
      `mount -t overlay -o lowerdir=/,upperdir=${upper},workdir=${work} overlay ${root}`,
      ...['/proc', '/dev', '/tmp/.X11-unix'].map((place) => `mount --rbind ${place} ${root}${place}`),
      'echo mounted',
      'exec cat',
    ];
    const shell = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script.join('\n')];
    const holder = new Running('the overlay', shell);
    try {
      await holder.says(/^mounted$/m);
    } catch (error) {
      await holder.stop('SIGKILL');
      throw error;
    }
    return new ThrowawayRoot(holder, folder);
  }

  /** The words that run a program in there as root. */
  get asRoot(): readonly string[] {
    return ['nsenter', '--target', `${this.holder.pid}`, '--mount', 'chroot', join(this.folder, 'root')];
  }

  /** The words that run a program in there as a user without any rights. */
  get asUser(): readonly string[] {
    const user = ['--reuid', '--regid'].flatMap((option) => [option, `${ORDINARY_USER}`]);
    return [...this.asRoot, 'setpriv', ...user, '--clear-groups'];
  }

  /** Runs a program in there as root. */
  run(...command: readonly string[]): Promise<Finished> {
    const [program, ...args] = [...this.asRoot, ...command];
    return run(program!, args);
  }

  /** Makes a folder in there that the ordinary user may write to. @param path from the root on */
  async makeHome(path: string): Promise<void> {
    await this.run('install', '-d', '-o', `${ORDINARY_USER}`, path);
  }

  /** Where this process finds a file of it. @param path from the root on */
  path(path: string): string {
    return join(`/proc/${this.holder.pid}/root`, this.folder, 'root', path);
  }

  /** Files that were made, changed or removed in there, as paths from the root on, without folders. */
  changed(): string[] {
    const upper = join(`/proc/${this.holder.pid}/root`, this.folder, 'upper');
    if (!existsSync(upper)) throw new Error('the overlay is gone');
    const entries = readdirSync(upper, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(upper.length));
  }

  /** Ends it; whatever runs in there has to have ended. */
  async stop(): Promise<void> {
    await this.holder.stop();
  }
}
