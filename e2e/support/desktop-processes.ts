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
  return { main, page: pidOf('Tab'), daemon: childrenOf(main, /\0serve\0/)![0]! };
}

/** Children of a process, whichever of its threads has started them, whose command line is like this, each word ended by a zero; undefined if there are none. */
export function childrenOf(parent: number, command: RegExp): number[] | undefined {
  const children = readdirSync(`/proc/${parent}/task`)
    .flatMap((thread) => readFileSync(`/proc/${parent}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean))
    .filter((child) => command.test(readFileSync(`/proc/${child}/cmdline`, 'utf8')));
  return children.length > 0 ? children.map(Number) : undefined;
}

/** Whether a process runs; one that has ended and waits for its parent to notice does not. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
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
