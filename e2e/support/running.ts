import { type ChildProcess, spawn } from 'node:child_process';
import { repositoryRoot } from './paths.js';
import { within } from './until.js';

/** How a program ended. */
export interface Ending {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A program that runs in the background: its process id, what it has said so far, and its end. */
export class Running {
  readonly #child: ChildProcess;
  readonly #listeners = new Set<() => void>();
  readonly #ended: Promise<Ending>;
  #ending: Ending | undefined;
  /** Everything said so far on either stream. */
  output = '';

  /** @param title how messages name it */
  constructor(
    readonly title: string,
    command: readonly string[],
  ) {
    const [program, ...args] = command;
    this.#child = spawn(program!, args, { cwd: repositoryRoot, stdio: ['pipe', 'pipe', 'pipe'] });
    const say = (chunk: string) => {
      this.output += chunk;
      this.#notify();
    };
    this.#child.stdout!.setEncoding('utf8').on('data', say);
    this.#child.stderr!.setEncoding('utf8').on('data', say);
    // The program may be gone when something is said to it.
    this.#child.stdin!.on('error', () => {});
    this.#ended = new Promise((resolve) => {
      const end = (status: number | null, signal: NodeJS.Signals | null) => {
        this.#ending ??= { status, signal };
        this.#notify();
        resolve(this.#ending);
      };
      this.#child.once('error', (error) => {
        say(`${error.message}\n`);
        end(127, null);
      });
      this.#child.once('close', end);
    });
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error(`${this.title} could not be started: ${this.output}`);
    return pid;
  }

  /** How it ended, or undefined while it runs. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  get ended(): Promise<Ending> {
    return this.#ended;
  }

  /** The first match in what it says, past or future; an error if it ends without. */
  async says(pattern: RegExp, deadlineMs?: number): Promise<RegExpExecArray> {
    const found = new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(this.output);
        if (match === null && this.#ending === undefined) return;
        this.#listeners.delete(look);
        if (match !== null) resolve(match);
        else reject(new Error(`${this.title} ended before it said ${pattern}: ${this.output}`));
      };
      this.#listeners.add(look);
      look();
    });
    try {
      return await within(`${this.title} to say ${pattern}`, found, deadlineMs);
    } catch (error) {
      throw new Error(`${(error as Error).message}; it said: ${this.output}`);
    }
  }

  /** Writes a line to its standard input. */
  tell(line: string): void {
    this.#child.stdin!.write(`${line}\n`);
  }

  signal(name: NodeJS.Signals): void {
    if (this.#ending === undefined) process.kill(this.pid, name);
  }

  /** Asks it to end, and ends it by force if it has not within the deadline; says how it ended. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', deadlineMs = 30_000): Promise<Ending> {
    if (this.#ending !== undefined) return this.#ending;
    this.signal(signal);
    try {
      return await within(`the end of ${this.title}`, this.#ended, deadlineMs);
    } catch {
      this.signal('SIGKILL');
      return this.#ended;
    }
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
