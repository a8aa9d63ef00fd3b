import { join } from 'node:path';
import type { Namespace } from './namespace.js';
import { repositoryRoot } from './paths.js';
import type { Running } from './running.js';

export interface HttpLoadOptions {
  readonly host: string;
  readonly port: number;
  /** Connections that are open at a time. */
  readonly connections: number;
  /** Pause between an answer and the next question on the same connection. */
  readonly intervalMs?: number;
  /** How long an answer may take. */
  readonly timeoutMs?: number;
  /** After so many answers a connection is closed and another opened; by default none is. */
  readonly requestsPerConnection?: number;
}

export interface HttpLoadReport {
  /** Connections that had an answer. */
  readonly connections: number;
  readonly requests: number;
  /** Answers that came from another server than the one before on the same connection. */
  readonly moved: number;
  readonly longestWaitMs: number;
  /** Connections by the server that answered first. */
  readonly servers: Readonly<Record<string, number>>;
  /** What went wrong, and how often. */
  readonly failures: Readonly<Record<string, number>>;
  /** Each failure and each move by itself. */
  readonly incidents: readonly Incident[];
}

/** One connection that failed or moved. Times are in milliseconds since 1970. */
export interface Incident {
  readonly reason: string;
  /** Which server had answered on this connection; empty if none had. */
  readonly server: string;
  /** 0 if it was never connected. */
  readonly clientPort: number;
  /** When all was well for the last time: when the last question was asked that had its answer, or the moment it was opened. */
  readonly fromMs: number;
  /** When the question was asked that had none; `fromMs` if the connection was not open. */
  readonly askedMs: number;
  /** When the client knew. */
  readonly toMs: number;
}

/** Connections that are kept open and used over and over, from their first answers until `finish`. */
export class HttpLoad {
  private constructor(private readonly program: Running) {}

  /** Starts the load in a namespace; returns when every connection had its first answer, or failed. */
  static async start(ns: Namespace, options: HttpLoadOptions): Promise<HttpLoad> {
    const defaults = { intervalMs: 100, timeoutMs: 30_000, requestsPerConnection: 0 };
    const script = join(repositoryRoot, 'e2e/support/programs/http-load.mjs');
    const program = ns.start(process.execPath, script, JSON.stringify({ ...defaults, ...options }));
    await program.says(/^open$/m);
    return new HttpLoad(program);
  }

  /** What went wrong so far, in its order. */
  get incidents(): readonly Incident[] {
    const lines = this.program.output.matchAll(/^incident (.*)\n/gm);
    return [...lines].map(([, text]) => JSON.parse(text!) as Incident);
  }

  /** Lets every connection get the answer that it waits for, ends, and reports. */
  async finish(): Promise<HttpLoadReport> {
    this.program.tell('stop');
    await this.program.ended;
    const [report] = /^[{].*$/m.exec(this.program.output) ?? [];
    if (report === undefined) throw new Error(`the HTTP load did not report: ${this.program.output}`);
    return JSON.parse(report) as HttpLoadReport;
  }
}
