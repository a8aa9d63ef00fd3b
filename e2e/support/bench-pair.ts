import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Daemon, type QueueKind } from './daemon.js';
import { newRun, removeNamespace } from './leftovers.js';
import { Namespace } from './namespace.js';
import { repositoryRoot } from './paths.js';

const programs = join(repositoryRoot, 'native/build/bench');

/** Nobody's MAC address: the kernel drops what comes back at once, whoever sent it, and after it has been counted. */
const nobody = '02:00:00:00:00:99';
const servers = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'];
/** A million flows fill half of the table. */
const buckets = 2 ** 19;

export type Encap = 'gre4' | 'l3dsr';

/**
 * A bare reflector in C: as cheap as one can be, or for AF_PACKET alike, on the very queue that the balancer has: one slot a frame
 * instead of blocks, so that no packet waits, and through the queueing discipline, so that captures see it.
 */
export type Bare = 'bare' | 'alike';

/** What is measured: a program that takes packets for 198.51.100.0/24 from lb0 and sends them back out of it. */
export interface Subject {
  readonly pid: number;
  stop(): Promise<unknown>;
}

/** What `blast` reports. */
export interface Blast {
  /** Offered Mpps, for so many seconds. */
  readonly value: number;
  readonly seconds: number;
  /** Packets that came back, in all, and Mpps per slice. */
  readonly returned: number;
  readonly returnedMpps: readonly number[];
}

/** What `paced` reports, in microseconds: the median is `value`. */
export interface Paced {
  readonly value: number;
  readonly p99: number;
  readonly n: number;
  readonly lost: number;
  readonly kpps: number;
}

/**
 * Two namespaces with a veth pair between them: a generator at one end (peer0), at the other (lb0) the balancer or a bare
 * reflector, in turn on the same queues. The servers' next hop is the generator's end.
 */
export class BenchPair {
  #mac = '';

  private constructor(
    private readonly folder: string,
    private readonly lb: Namespace,
    private readonly peer: Namespace,
  ) {}

  /** @param queues receive and transmit queues of both ends: what is sent on CPU n goes to queue n modulo their number */
  static async create(queues: number): Promise<BenchPair> {
    const { prefix, folder } = newRun();
    const [lb, peer] = ['lb', 'peer'].map((title) => new Namespace(`${prefix}-${title}`, title, folder));
    const pair = new BenchPair(folder, lb!, peer!);
    try {
      await pair.#build(`numrxqueues ${queues} numtxqueues ${queues}`);
    } catch (error) {
      pair.close();
      throw error;
    }
    return pair;
  }

  async #build(queues: string): Promise<void> {
    const { lb, peer } = this;
    for (const ns of [lb, peer]) {
      await ns.create();
      await ns.sysctl({ 'net.ipv6.conf.all.disable_ipv6': 1, 'net.ipv6.conf.default.disable_ipv6': 1 });
    }
    await lb.ip(`link add lb0 ${queues} type veth peer name peer0 ${queues} netns ${peer.name}`, 'link set lb0 up');
    await peer.ip('link set peer0 up');
    await lb.ip(
      'addr add 10.0.0.254/24 dev lb0',
      ...servers.map((address) => `neigh add ${address} lladdr ${nobody} dev lb0 nud permanent`),
    );
    this.#mac = (await lb.must('cat', '/sys/class/net/lb0/address')).trim();
  }

  /** The bare reflector in C on queue 0. */
  async bare(kind: QueueKind, cpu: number, which: Bare = 'bare'): Promise<Subject> {
    const words = kind === 'af_xdp' ? ['0'] : [];
    const alike = which === 'alike' && kind === 'af_packet' ? ['slots', 'qdisc'] : [];
    const name = kind === 'af_xdp' ? 'reflect_afxdp' : 'reflect_afpacket';
    const forever = '86400';
    const program = this.lb.start('taskset', '-c', `${cpu}`, join(programs, name), 'lb0', ...words, forever, ...alike);
    await program.says(/^ready/m);
    await this.#takeFrames();
    return program;
  }

  /** The balancer, its workers on these CPUs. */
  async balancer(
    kind: QueueKind,
    encap: Encap,
    cpus: readonly number[],
    stages: 'native' | 'typescript' = 'native',
  ): Promise<Subject> {
    const config = [
      `lb conf ip4-src-address 10.0.0.254 buckets ${buckets}`,
      `lb vip 198.51.100.0/24 encap ${encap}${encap === 'l3dsr' ? ' dscp 2' : ''}`,
      `lb as 198.51.100.0/24 ${servers.join(' ')}`,
    ];
    const workers = { workers: cpus.length, cpus: cpus.join(',') };
    const daemon = await Daemon.start(this.lb, { kind, config, interfaces: ['lb0'], stages, ...workers });
    await this.#takeFrames();
    return daemon;
  }

  /** Where there is no native XDP program, a veth end takes frames that the generator's has transmitted only through this. */
  async #takeFrames(): Promise<void> {
    await this.lb.must('ethtool', '-K', 'lb0', 'gro', 'on');
  }

  /**
   * As many packets as one CPU can make: into native XDP they are sent by peer0; where socket buffers are made of them, the
   * kernel is given them as received on lb0, which takes a third less of that CPU.
   */
  async blast(kind: QueueKind, cpu: number, seconds: number, flows: number): Promise<Blast> {
    const words = [this.#mac, `${seconds}`, `${flows}`];
    if (kind === 'af_xdp') return this.#generate(this.peer, cpu, 'blast', 'peer0', ...words);
    return this.#generate(this.lb, cpu, 'blast', 'lb0', ...words, '1', 'in');
  }

  /** Packets at a steady rate. */
  async paced(cpu: number, seconds: number, packetsPerSecond: number): Promise<Paced> {
    return this.#generate(this.peer, cpu, 'paced', 'peer0', this.#mac, `${seconds}`, `${Math.round(packetsPerSecond)}`);
  }

  async #generate<T>(ns: Namespace, cpu: number, program: string, ...args: readonly string[]): Promise<T> {
    return JSON.parse(await ns.must('taskset', '-c', `${cpu}`, join(programs, program), ...args)) as T;
  }

  close(): void {
    for (const ns of [this.lb, this.peer]) removeNamespace(ns.name);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Nanoseconds of processor that a process has used, all its threads together. Other work on the machine does not count. */
export function processorNs({ pid }: Subject): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const used = threads.map((id) => Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0]));
  return used.reduce((sum, ns) => sum + ns, 0);
}
