import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Everything that a topology makes outside this process carries its owner's name: `lbt-<pid>-<start time>-<number>-…`. The start
 * time tells a dead owner from another process that got its id.
 */
const mark = 'lbt';
const owned = new RegExp(`^${mark}-(\\d+)-(\\d+)-`);
const ownPrefix = `${mark}-${process.pid}-${startTime(process.pid)}-`;
let made = 0;

/** A name prefix for one topology, and a folder for its files. Removes what dead owners left behind. */
export function newRun(): { prefix: string; folder: string } {
  removeLeftovers(isOrphan);
  if (made === 0) process.once('exit', () => removeLeftovers((name) => name.startsWith(ownPrefix)));
  const prefix = `${ownPrefix}${made++}`;
  return { prefix, folder: mkdtempSync(join(tmpdir(), `${prefix}-`)) };
}

/** Removes namespaces, with every process in them, and folders by their names. Done at once, so that it also works on exit. */
export function removeLeftovers(chosen: (name: string) => boolean): void {
  for (const name of namespaces().filter(chosen)) removeNamespace(name);
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(`${mark}-`) && chosen(entry))) {
    rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

/** Namespaces and folders of this process. */
export function leftovers(): string[] {
  return [...namespaces(), ...readdirSync(tmpdir())].filter((name) => name.startsWith(ownPrefix));
}

/** Ends the processes of a namespace and removes it; its interfaces go with it. */
export function removeNamespace(name: string): void {
  for (const pid of processesIn(name)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended meanwhile.
    }
  }
  spawnSync('ip', ['netns', 'del', name]);
}

/** The names of the network namespaces that there are. */
export function namespaces(): string[] {
  const { stdout } = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' });
  return (stdout ?? '').split('\n').flatMap((line) => line.split(' ')[0] || []);
}

export function processesIn(name: string): number[] {
  const { stdout } = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' });
  return (stdout ?? '').split('\n').filter(Boolean).map(Number);
}

function isOrphan(name: string): boolean {
  const [, pid, since] = owned.exec(name) ?? [];
  return pid !== undefined && startTime(Number(pid)) !== Number(since);
}

/** When a process started, in clock ticks since boot; 0 if there is none. */
function startTime(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may hold anything; the start time is the twentieth field behind it.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  } catch {
    return 0;
  }
}
