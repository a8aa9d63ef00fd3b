import { readdirSync, readFileSync } from 'node:fs';
import type { DesktopApp } from './electron-app.js';

/** Process ids of an app's parts. */
export interface DesktopProcesses {
  readonly main: number;
  readonly page: number;
  /** The daemon of its own. */
  readonly daemon: number;
}

interface Metric {
  readonly pid: number;
  readonly type: string;
}

export async function processesOf(app: DesktopApp): Promise<DesktopProcesses> {
  const metrics = (await app.electron.evaluate(({ app: electron }) => electron.getAppMetrics())) as readonly Metric[];
  const pidOf = (type: string) => metrics.find((metric) => metric.type === type)!.pid;
  const main = pidOf('Browser');
  return { main, page: pidOf('Tab'), daemon: childOf(main, 'serve') };
}

/** The child of a process that has a word among its arguments. */
function childOf(parent: number, word: string): number {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const child = pids.find((pid) => {
    try {
      const isChild = Number(afterName(pid)[1]) === parent;
      return isChild && readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(word);
    } catch {
      // It has ended meanwhile.
      return false;
    }
  });
  if (child === undefined) throw new Error(`process ${parent} has no child with '${word}'`);
  return Number(child);
}

const TICK_MS = 10;

/** Processor time that a process has used, in ms. */
export function processorMs(pid: number): number {
  const [, , , , , , , , , , , user, system] = afterName(String(pid));
  return (Number(user) + Number(system)) * TICK_MS;
}

/** Memory of a process that is in use, in MiB. */
export function residentMiB(pid: number): number {
  const [, resident] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
  return (Number(resident) * 4096) / 2 ** 20;
}

/** What /proc says of a process, from its state on: its name, in brackets, may have blanks in it. */
function afterName(pid: string): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}
