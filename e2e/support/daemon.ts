import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { mayLeaveFlowTables } from './flow-folder.js';
import type { Namespace } from './namespace.js';
import { repositoryRoot } from './paths.js';
import { runLb } from './run.js';
import type { Ending, Running } from './running.js';

export type QueueKind = 'af_xdp' | 'af_packet' | 'tap';
/** Those that serve an interface which is there. */
export const queueKinds: readonly QueueKind[] = ['af_xdp', 'af_packet'];

export interface DaemonOptions {
  /** Without it, the daemon chooses. */
  readonly kind?: QueueKind;
  /** Command lines of its configuration. */
  readonly config: readonly string[];
  readonly interfaces?: readonly string[];
  readonly workers?: number;
  /** Of the workers, as `--cpu` takes them. */
  readonly cpus?: string;
  /** Where it serves its API besides its socket, with certificate and key in PEM files. */
  readonly listen?: { readonly address: string; readonly cert: string; readonly key: string };
  /** Whose stages its workers use, as `--stages` takes it. */
  readonly stages?: 'native' | 'typescript';
  /** Folder of its state, so that another daemon can take over from it. */
  readonly state?: string;
  /** With what rights it runs; those of the test by default. */
  readonly rights?: Rights;
}

/** What makes a program run with other rights than the test. */
export interface Rights {
  /** A folder that it may write to. */
  readonly folder: string;
  /** The words that run Node.js with these, in a network namespace. */
  command(script: string): string[];
}

const lb = join(repositoryRoot, 'apps/lb/bin/lb.mjs');

/** `lb serve` in a namespace, and the commands that go to its control socket. */
export class Daemon {
  private constructor(
    private readonly program: Running,
    private readonly socket: string,
  ) {}

  /** Starts it; returns when it is ready. */
  static async start(ns: Namespace, options: DaemonOptions): Promise<Daemon> {
    const { kind, config, interfaces = ['eth0'], workers = 1, cpus, stages, state, listen, rights } = options;
    const folder = mkdtempSync(join(ns.folder, 'serve-'));
    if (state !== undefined) mayLeaveFlowTables(state);
    const socket = join(rights?.folder ?? folder, 'lb.sock');
    const file = join(rights?.folder ?? folder, 'config.lb');
    writeFileSync(file, config.map((line) => `${line}\n`).join(''));
    const program = ns.start(
      ...(rights?.command(lb) ?? [process.execPath, lb]),
      ...['serve', '--exec', file, '--socket', socket],
      ...interfaces.flatMap((name) => ['--interface', kind === undefined ? name : `${name}=${kind}`]),
      ...['--workers', `${workers}`],
      ...(cpus === undefined ? [] : ['--cpu', cpus]),
      ...(stages === undefined ? [] : ['--stages', stages]),
      ...(state === undefined ? [] : ['--state', state]),
      ...(listen === undefined ? [] : ['--listen', listen.address, '--tls-cert', listen.cert, '--tls-key', listen.key]),
    );
    try {
      await program.says(/^lb serve: ready/m, 45_000);
    } catch (error) {
      // Nobody else could end it, and it may hold the interfaces.
      await program.stop('SIGKILL');
      throw error;
    }
    return new Daemon(program, socket);
  }

  get pid(): number {
    return this.program.pid;
  }

  /** What it has said so far. */
  get output(): string {
    return this.program.output;
  }

  /** How it ended, or undefined while it runs. */
  get ending(): Ending | undefined {
    return this.program.ending;
  }

  /** Waits until it says something. */
  async said(pattern: RegExp, deadlineMs?: number): Promise<void> {
    await this.program.says(pattern, deadlineMs);
  }

  /** A command of the grammar without its first word, such as `as 90.0.0.0/8 10.0.0.1`; it has to succeed. */
  async command(...words: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await runLb(...words, '--socket', this.socket);
    if (status !== 0) throw new Error(`lb ${words.join(' ')} ended with ${status}: ${stderr}`);
    return stdout;
  }

  /** A command in the grammar, straight to the control socket: without the start of a program each time. */
  async exec(line: string): Promise<void> {
    await this.ask('POST', '/v1/exec', { lines: [line] });
  }

  /** A request to its API, which has to succeed. */
  ask<T>(method: string, path: string, body?: object): Promise<T> {
    return new Promise((resolve, reject) => {
      const headers = body === undefined ? {} : { 'content-type': 'application/json' };
      const options = { socketPath: this.socket, method, path, headers, agent: false };
      const outgoing = request(options, (incoming) => {
        let text = '';
        incoming.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        incoming.once('end', () => {
          if (incoming.statusCode === 200) resolve(JSON.parse(text) as T);
          else reject(new Error(`${method} ${path} ${JSON.stringify(body)}: ${text}`));
        });
      });
      outgoing.once('error', reject);
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** What a `show` line answers, as `lb show … --json` prints it, straight from the control socket. */
  async show<T>(...words: readonly string[]): Promise<T> {
    const lines = [['show', ...words].join(' ')];
    const { json } = await this.ask<{ json: [T] }>('POST', '/v1/exec', { lines });
    return json[0];
  }

  /** Packets that were lost in it: dropped, by reason, or not sent. */
  async lost(): Promise<{ dropped: Record<string, number>; unsent: number }> {
    const { dropped, unsent } = await this.show<Awaited<ReturnType<Daemon['lost']>>>('node', 'counters');
    return { dropped, unsent };
  }

  /** Packets that the workers have sent by themselves; those whose next hop they do not know go by the kernel. */
  async sentPackets(): Promise<number> {
    const { workers } = await this.show<{ workers: { queues: { txPackets: number }[] }[] }>('node', 'counters');
    return workers.flatMap(({ queues }) => queues).reduce((sum, { txPackets }) => sum + txPackets, 0);
  }

  /** Packets that each worker has had. */
  async packetsPerWorker(): Promise<number[]> {
    const { workers } = await this.show<{ workers: { packets: number }[] }>('node', 'counters');
    return workers.map(({ packets }) => packets);
  }

  /** Seconds of processor time that it has used, all its threads together. */
  processorSeconds(): number {
    const stat = readFileSync(`/proc/${this.pid}/stat`, 'utf8');
    const [user, system] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13);
    // Linux counts these in hundredths on every platform.
    return (Number(user) + Number(system)) / 100;
  }

  /** Ends it as an operator would. */
  stop(): Promise<Ending> {
    return this.program.stop('SIGTERM');
  }

  kill(): Promise<Ending> {
    return this.program.stop('SIGKILL');
  }
}
