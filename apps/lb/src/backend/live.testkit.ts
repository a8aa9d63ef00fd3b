import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { libraryPath } from '@lb/dataplane';
import { findProgram, systemPackages } from '../../../../scripts/system-packages.mjs';

const MARK = 'lbb';
const DEADLINE_MS = 40_000;
export const CLIENT = { 4: '198.51.100.10', 6: '2001:db8:1::10' } as const;
export const SERVER = { 4: '198.51.100.1', 6: '2001:db8:1::1' } as const;

/** Why the live test can't run here, in words; empty if it can. */
export function unmetNeeds(): string[] {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return ['not root on Linux'];
  const programs = ['ip', 'ethtool', 'curl', 'nginx', 'nft'].filter((program) => findProgram(program) === undefined);
  const scapy = systemPackages.find(({ name }) => name === 'python3-scapy')!.probe;
  return [
    ...programs.map((program) => `no ${program}`),
    ...(existsSync(scapy) ? [] : ['no scapy']),
    ...(existsSync(libraryPath()) ? [] : ['no native library']),
  ];
}

/** A program in the background. */
export class Background {
  output = '';
  ended = false;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly child: ChildProcess) {
    const say = (chunk: Buffer): void => {
      this.output += chunk.toString();
      this.tell();
    };
    child.stdout!.on('data', say);
    child.stderr!.on('data', say);
    child.on('close', () => {
      this.ended = true;
      this.tell();
    });
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Waits for something in its output, from `start` on. */
  says(pattern: RegExp, start = 0): Promise<RegExpExecArray> {
    return this.until(`say ${pattern}`, () => pattern.exec(this.output.slice(start)) ?? undefined);
  }

  /** Sends a signal and waits for the end; gives the last line said. */
  async stop(signal: NodeJS.Signals): Promise<string> {
    this.child.kill(signal);
    await this.until('end', () => this.ended || undefined);
    return this.output.trim().split('\n').at(-1)!;
  }

  private until<T>(what: string, look: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.listeners.delete(check);
      };
      const check = (): void => {
        const found = look();
        if (found === undefined && !this.ended) return;
        settle();
        if (found !== undefined) resolve(found);
        else reject(new Error(`it ended and did not ${what}: ${this.output}`));
      };
      const timer = setTimeout(() => {
        settle();
        reject(new Error(`waited in vain for it to ${what}: ${this.output}`));
      }, DEADLINE_MS);
      this.listeners.add(check);
      check();
    });
  }

  private tell(): void {
    for (const listener of [...this.listeners]) listener();
  }
}

/**
 * A client and a server, each a network namespace, on one veth pair: c0 and s0. The server filters sources strictly, as
 * some distributions do, and runs nginx.
 */
export class LiveNetwork {
  readonly folder = mkdtempSync(join(tmpdir(), `${MARK}-`));
  readonly client = `${MARK}-${process.pid}-client`;
  readonly server = `${MARK}-${process.pid}-server`;

  constructor() {
    removeLeftovers();
    for (const name of [this.client, this.server]) must('ip', 'netns', 'add', name);
    const { client, server } = this;
    must('ip', '-n', client, 'link', 'add', 'c0', 'type', 'veth', 'peer', 'name', 's0', 'netns', server);
    for (const [name, device, own, all] of [
      [client, 'c0', CLIENT, 0],
      [server, 's0', SERVER, 1],
    ] as const) {
      const offloads = ['tx', 'tso', 'gso'].flatMap((feature) => [feature, 'off']);
      this.run(name, 'ethtool', '-K', device, ...offloads);
      this.run(name, 'sysctl', '-qw', `net.ipv4.conf.all.rp_filter=${all}`, `net.ipv4.conf.${device}.rp_filter=${all}`);
      this.batch(
        name,
        'link set lo up',
        `link set ${device} up`,
        `address add ${own[4]}/24 dev ${device}`,
        `address add ${own[6]}/64 dev ${device} nodad`,
      );
    }
    this.batch(server, `route add default via ${CLIENT[4]}`, `route add default via ${CLIENT[6]}`);
    this.startNginx();
  }

  /** Runs a program that has to succeed; gives what it printed. */
  run(name: string, ...words: readonly string[]): string {
    return must('ip', 'netns', 'exec', name, ...words);
  }

  batch(name: string, ...lines: readonly string[]): void {
    const { status, stderr } = spawnSync('ip', ['-n', name, '-batch', '-'], {
      input: lines.join('\n'),
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`${lines.join('; ')}: ${stderr}`);
  }

  start(name: string, ...words: readonly string[]): Background {
    return new Background(spawn('ip', ['netns', 'exec', name, ...words], { stdio: ['ignore', 'pipe', 'pipe'] }));
  }

  /** A stand-in for the balancer in the client's namespace: rules are MODE=PREFIX. */
  async startBalancer(...rules: readonly string[]): Promise<void> {
    const script = fileURLToPath(new URL('encapsulate.testkit.py', import.meta.url));
    await this.start(this.client, '/usr/bin/python3', script, SERVER[4], SERVER[6], ...rules).says(/ready/);
  }

  /** What nginx answers to the client: the address that it was asked at. */
  get(address: string): string {
    const host = address.includes(':') ? `[${address}]` : address;
    return this.run(this.client, 'curl', '-sS', '--max-time', '30', `http://${host}/`).trim();
  }

  close(): void {
    for (const name of [this.client, this.server]) removeNamespace(name);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private startNginx(): void {
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (kind) => `${kind}_temp_path ${join(this.folder, kind)};`,
    );
    const file = join(this.folder, 'nginx.conf');
    writeFileSync(
      file,
      `pid ${this.folder}/pid; error_log ${this.folder}/error;
      events {}
      http {
        access_log off; ${temporary.join(' ')}
        server { listen 80; listen [::]:80; location / { return 200 "$server_addr\\n"; } }
      }`,
    );
    this.run(this.server, 'nginx', '-c', file);
  }
}

function must(program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}: ${stderr || stdout}`);
  return stdout;
}

/** Namespaces of tests that were killed. */
function removeLeftovers(): void {
  const names = must('ip', 'netns', 'list')
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '');
  for (const name of names) {
    const [, pid] = new RegExp(`^${MARK}-(\\d+)-`).exec(name) ?? [];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) removeNamespace(name);
  }
}

function removeNamespace(name: string): void {
  const { stdout } = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' });
  for (const pid of (stdout ?? '').split('\n').filter(Boolean)) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It ended meanwhile.
    }
  }
  spawnSync('ip', ['netns', 'del', name]);
}
