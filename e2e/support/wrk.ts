import { join } from 'node:path';
import type { Namespace } from './namespace.js';
import { repositoryRoot } from './paths.js';
import type { Running } from './running.js';
import { until } from './until.js';

export interface WrkReport {
  readonly requests: number;
  readonly durationMs: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Connections that could not be made, or failed; answers that did not come within ten seconds, or were no success. */
  readonly failures: Readonly<Record<'connect' | 'read' | 'write' | 'timeout' | 'status', number>>;
}

/** Every way to fail, not once. */
export const noFailures: WrkReport['failures'] = { connect: 0, read: 0, write: 0, timeout: 0, status: 0 };

/** Starts wrk: `connections` at once, each asking as fast as it is answered. Returns when they are open. */
async function startWrk(ns: Namespace, url: string, connections: number, seconds: number): Promise<Running> {
  const script = join(repositoryRoot, 'e2e/support/programs/wrk-report.lua');
  const options = [
    '--threads',
    '1',
    '--connections',
    `${connections}`,
    '--duration',
    `${seconds}s`,
    '--timeout',
    '10s',
  ];
  const wrk = ns.start('wrk', ...options, '--latency', '--script', script, url);
  await until(
    `wrk has ${connections} connections`,
    async () => {
      if (wrk.ending !== undefined) throw new Error(wrk.output);
      const sockets = await ns.must('ss', '--no-header', '--tcp', '--processes', 'state', 'established');
      return sockets.split('\n').filter((line) => line.includes(`pid=${wrk.pid},`)).length >= connections;
    },
    20_000,
  );
  return wrk;
}

/** What wrk counted, once it has ended by itself. */
async function wrkReport(wrk: Running): Promise<WrkReport> {
  const { status } = await wrk.ended;
  const [line] = /^[{].*$/m.exec(wrk.output) ?? [];
  if (status !== 0 || line === undefined) throw new Error(`wrk ended with ${status}: ${wrk.output}`);
  const { requests, durationMs, p50Us, p99Us, ...failures } = JSON.parse(line) as Omit<WrkReport, 'failures'> &
    WrkReport['failures'];
  return { requests, durationMs, p50Us, p99Us, failures };
}

/** wrk with all its connections open while something happens and for so many seconds more, and what it counted. */
export async function loadWithWrk(
  ns: Namespace,
  url: string,
  connections: number,
  seconds: number,
  during: () => Promise<void> = async () => {},
): Promise<WrkReport> {
  // Longer than it may take to open them: from then on the time counts, and wrk ends and reports when it is interrupted.
  const wrk = await startWrk(ns, url, connections, seconds + 60);
  await during();
  if (wrk.ending !== undefined) throw new Error(`wrk ended before what happened meanwhile: ${wrk.output}`);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  wrk.signal('SIGINT');
  return wrkReport(wrk);
}
