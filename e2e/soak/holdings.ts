import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { until } from '../support/until.js';

/** What a process holds of the system. */
export interface Holdings {
  /** Open file descriptors, sockets of the API's clients included. */
  readonly descriptors: number;
  /** BPF programs and maps among them. */
  readonly bpf: number;
  readonly threads: number;
  /** Those that its threads are in, or that it has open. */
  readonly networkNamespaces: number;
  /** Files in /dev/shm that it has mapped. */
  readonly sharedMemoryFiles: number;
}

/** Counts what a process holds now. */
export function holdings(pid: number): Holdings {
  const open = targets(`/proc/${pid}/fd`);
  const threads = readdirSync(`/proc/${pid}/task`);
  const within = threads.flatMap((thread) => target(`/proc/${pid}/task/${thread}/ns/net`));
  return {
    descriptors: open.length,
    bpf: open.filter((what) => what.startsWith('anon_inode:bpf')).length,
    threads: threads.length,
    networkNamespaces: new Set([...open.filter((what) => what.startsWith('net:')), ...within]).size,
    sharedMemoryFiles: new Set(readFileSync(`/proc/${pid}/maps`, 'utf8').match(/\/dev\/shm\/.*$/gm)).size,
  };
}

/** Waits until a process holds no more than before, once what was under way is done. */
export async function holdsNoMore(pid: number, before: Holdings): Promise<void> {
  await until('the process holds no more than before', () => {
    const now = holdings(pid);
    const grown = Object.entries(before).filter(([what, count]) => now[what as keyof Holdings] > count);
    if (grown.length > 0) throw new Error(`had ${JSON.stringify(before)}, has ${JSON.stringify(now)}`);
    return true;
  });
}

/** Resident memory of a process in bytes. */
export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
}

/** How steeply `y` rises with `x`, by least squares. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (which: 0 | 1) => points.reduce((sum, point) => sum + point[which], 0) / points.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const across = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / across;
}

/** Where the links of a folder lead. */
function targets(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => target(`${folder}/${name}`));
}

/** Nothing if the link has gone since it was listed. */
function target(path: string): string[] {
  try {
    return [readlinkSync(path)];
  } catch {
    return [];
  }
}
