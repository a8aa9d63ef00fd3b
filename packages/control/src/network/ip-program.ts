import { type ChildProcess, type ExecFileException, execFile, spawn } from 'node:child_process';
import { delimiter } from 'node:path';
import type { LbError } from '@lb/core';
import { networkError } from './errors.js';

export interface IpProgramOptions {
  /** Network namespace to look into, by the name `ip netns` gives it; by default the process's own. Needs root. */
  readonly netns?: string;
  /** By default `ip`, searched for in PATH and where the system keeps its administration programs. */
  readonly program?: string;
}

export interface IpRun {
  /** Text for the program's standard input. */
  readonly input?: string;
  readonly signal?: AbortSignal;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such program',
  EACCES: 'permission denied',
  EMFILE: 'this process has too many open files',
  ENFILE: 'this machine has too many open files',
};

const TIMEOUT_MS = 10_000;
/** The main table of a router with all routes of the Internet comes to some 150 MB. */
const MAX_OUTPUT_BYTES = 512 * 1024 * 1024;

/**
 * The program `ip` of iproute2. It is the way to the kernel's rtnetlink: Node.js has no netlink sockets, and a binding of
 * our own would be native code in a package that needs none, to repeat what every Linux server has installed.
 */
export class IpProgram {
  readonly #program: string;
  readonly #prefix: readonly string[];
  readonly #env: NodeJS.ProcessEnv;

  constructor(options: IpProgramOptions = {}) {
    this.#program = options.program ?? 'ip';
    this.#prefix = options.netns === undefined ? [] : ['-n', options.netns];
    // An ordinary user's PATH often lacks the folders of `ip`.
    this.#env = { ...process.env, PATH: [process.env.PATH ?? '', '/usr/sbin', '/sbin'].join(delimiter) };
  }

  /**
   * Runs a command and returns what it printed.
   * @throws LbError LB_NET_IPROUTE2, LB_NET_IP_FAILED
   */
  run(args: readonly string[], { input, signal }: IpRun = {}): Promise<{ stdout: string; stderr: string }> {
    const options = {
      env: this.#env,
      timeout: TIMEOUT_MS,
      maxBuffer: MAX_OUTPUT_BYTES,
    };
    return new Promise((resolve, reject) => {
      const child = execFile(this.#program, [...this.#prefix, ...args], options, (error, stdout, stderr) => {
        signal?.removeEventListener('abort', abort);
        if (error === null) resolve({ stdout, stderr });
        else reject(this.#failure(args, error, stderr));
      });
      // Not as an option of execFile, which forgets its listener when the program cannot be started.
      const abort = (): void => void child.kill();
      if (signal?.aborted) abort();
      signal?.addEventListener('abort', abort);
      // It may end before it has read everything; its exit status tells why.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(input ?? '');
    });
  }

  /** Starts a command that goes on, with pipes for what it prints. */
  start(args: readonly string[]): ChildProcess {
    return spawn(this.#program, [...this.#prefix, ...args], { env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** The error for a program that could not be started. */
  notStarted(cause: Error): LbError {
    const { code = '' } = cause as NodeJS.ErrnoException;
    const why = REASONS[code] ?? cause.message;
    const hint = code === 'ENOENT' ? 'install iproute2 (on Debian and Ubuntu: apt-get install iproute2)' : undefined;
    return networkError('LB_NET_IPROUTE2', `cannot run '${this.#program}': ${why}`, hint);
  }

  #failure(args: readonly string[], error: ExecFileException, stderr: string): LbError {
    if (error.syscall?.startsWith('spawn')) return this.notStarted(error);
    const said = stderr.trim().split('\n')[0];
    const why = said || (error.killed ? `no end after ${TIMEOUT_MS / 1000} s` : error.message);
    return networkError('LB_NET_IP_FAILED', `'ip ${[...this.#prefix, ...args].join(' ')}' failed: ${why}`);
  }
}
