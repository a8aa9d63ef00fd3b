import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { Rights } from './daemon.js';
import { repositoryRoot } from './paths.js';

/** Of nobody who owns anything. */
const UID = 64_321;

/** The rights that deploy/lb.service gives: its capabilities, another user than root, no way to more. */
export class UnitRights implements Rights {
  readonly uid = UID;
  readonly folder: string;
  readonly #top = mkdtempSync(join(tmpdir(), 'lb-rights-'));

  /**
   * @param before words of a program that runs it, such as strace
   * @param without capabilities that it has not after all, such as `bpf`
   */
  constructor(
    private readonly before: readonly string[] = [],
    without: readonly string[] = [],
  ) {
    this.capabilities = unitSetting('CapabilityBoundingSet')
      .map((name) => name.replace(/^CAP_/, '').toLowerCase())
      .filter((name) => !without.includes(name));
    this.folder = join(this.#top, 'own');
    mkdirSync(this.folder, { mode: 0o700 });
    chownSync(this.folder, UID, UID);
    chownSync(this.#top, UID, UID);
    mkdirSync(join(this.#top, 'repository'));
    writeFileSync(join(this.#top, 'node'), '');
  }

  /** Names such as `net_admin`. */
  readonly capabilities: readonly string[];

  /** The repository and Node.js may lie where only root may look, so they are shown at another place as well, to it alone. */
  command(script: string): string[] {
    const [repository, node] = [join(this.#top, 'repository'), join(this.#top, 'node')];
    const mounts = `mount --bind "${repositoryRoot}" "${repository}" && mount --bind "${process.execPath}" "${node}"`;
    const only = ['-all', ...this.capabilities.map((name) => `+${name}`)].join(',');
    return [
      ...['unshare', '--mount', 'sh', '-c', `${mounts} && exec "$@"`, 'sh', ...this.before],
      ...['setpriv', `--reuid=${UID}`, `--regid=${UID}`, '--clear-groups'],
      ...[`--bounding-set=${only}`, `--inh-caps=${only}`, `--ambient-caps=${only}`, '--no-new-privs'],
      ...[node, join(repository, relative(repositoryRoot, script))],
    ];
  }

  remove(): void {
    rmSync(this.#top, { recursive: true, force: true });
  }
}

/** The words of a setting of the unit. */
export function unitSetting(name: string): string[] {
  const unit = readFileSync(join(repositoryRoot, 'deploy/lb.service'), 'utf8');
  const lines = unit.split('\n').filter((line) => line.startsWith(`${name}=`));
  if (lines.length === 0) throw new Error(`the unit does not set ${name}`);
  return lines.flatMap((line) => line.slice(name.length + 1).split(' '));
}
