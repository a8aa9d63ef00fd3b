import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { createInterface } from 'node:readline';
import { builtProgram } from '../cli.testkit.js';

/** A line of the daemon's log. */
export interface LogLine {
  readonly msg: string;
  readonly [key: string]: unknown;
}

export interface Answer<T> {
  readonly status: number;
  readonly etag: string | undefined;
  readonly body: T;
}

/** `lb serve` with generated traffic, as a process of its own. */
export class ServeProgram {
  readonly log: LogLine[] = [];
  /** The line that says that it is ready. */
  ready = '';
  private wake: () => void = () => {};

  private constructor(
    private readonly child: ChildProcess,
    private readonly socket: string,
  ) {
    createInterface({ input: child.stderr! }).on('line', (line) => {
      this.log.push(line.startsWith('{') ? (JSON.parse(line) as LogLine) : { msg: line });
      this.wake();
    });
    child.once('close', () => this.wake());
  }

  /** Starts it, and returns when it is ready. */
  static async start(socket: string, ...words: readonly string[]): Promise<ServeProgram> {
    const argv = [builtProgram(), 'serve', '--socket', socket, '--rate', '20000', '--flows', '100', ...words];
    const env = { ...process.env, LB_LOG_LEVEL: 'info' };
    const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'], env });
    const program = new ServeProgram(child, socket);
    for await (const line of createInterface({ input: child.stdout! })) {
      if (!line.includes('ready')) continue;
      program.ready = line;
      child.stdout!.resume();
      return program;
    }
    await program.ended();
    throw new Error(program.log.map(({ msg }) => msg).join('\n'));
  }

  /** The first line of the log, past or future, with this message. */
  async said(pattern: RegExp): Promise<LogLine> {
    for (;;) {
      const found = this.log.find(({ msg }) => pattern.test(msg));
      if (found !== undefined) return found;
      if (this.child.exitCode !== null) throw new Error(`ended without ${pattern}`);
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  ask<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer<T>> {
    return new Promise((resolve, reject) => {
      const options = { socketPath: this.socket, method, path, agent: false };
      const json = body === undefined ? {} : { 'content-type': 'application/json' };
      const outgoing = request({ ...options, headers: { ...json, ...headers } }, (incoming) => {
        let text = '';
        incoming.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        incoming.once('end', () => {
          const { statusCode = 0, headers } = incoming;
          resolve({ status: statusCode, etag: headers.etag, body: (text && JSON.parse(text)) as T });
        });
      });
      outgoing.once('error', reject);
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  exec(...lines: readonly string[]): Promise<Answer<{ revision: number }>> {
    return this.ask('POST', '/v1/exec', { lines });
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill(signal);
    await this.ended();
  }

  private async ended(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'close');
  }
}
