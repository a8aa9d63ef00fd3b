import { join } from 'node:path';
import type { Blast } from './bench-pair.js';
import { repositoryRoot } from './paths.js';
import type { Running } from './running.js';
import type { Topology } from './topology.js';

/** Where the flood goes: a VIP of its own, whose one server is nobody. */
export const floodedVip = '198.51.100.1/32';
const nobody = { address: '10.0.0.201', mac: '02:00:00:00:00:99' };

/** The configuration of the flooded VIP, a command a line. */
export const floodedVipConfig = [
  `lb vip ${floodedVip} encap gre4 new_len 1024`,
  `lb as ${floodedVip} ${nobody.address}`,
];

export interface FloodOptions {
  readonly seconds: number;
  readonly flows: number;
  /** Of what one core can send, 0 to 1. */
  readonly share?: number;
  /** The kernel takes them as received on eth0, past XDP, which costs that core less than the way over a veth pair. */
  readonly inwards?: boolean;
}

/** UDP packets of minimum size, as many as one core can send, from the router to the balancer's eth0 (`native/bench/blast`). */
export class Flood {
  private constructor(private readonly program: Running) {}

  /** Once for a topology, before there is a balancer: what goes to nobody has an address, and is not copied to every server. */
  static async prepare({ router, lb, servers }: Topology): Promise<void> {
    await router.ns.ip(...servers.map((_, k) => `link set s${k + 1} type bridge_slave flood off`));
    await lb.ns.ip(`neigh replace ${nobody.address} lladdr ${nobody.mac} dev eth0 nud permanent`);
  }

  /** When the balancer serves: without an XDP program eth0 takes what a program has sent only through this. */
  static async arrive({ lb }: Topology): Promise<void> {
    await lb.ns.must('ethtool', '-K', 'eth0', 'gro', 'on');
  }

  static async start({ router, lb }: Topology, options: FloodOptions): Promise<Flood> {
    const { seconds, flows, share = 1, inwards = false } = options;
    const mac = (await lb.ns.must('cat', '/sys/class/net/eth0/address')).trim();
    const program = join(repositoryRoot, 'native/build/bench/blast');
    const words = [mac, seconds, flows, share].map(String);
    const start = ['taskset', '-c', '0', program];
    if (inwards) return new Flood(lb.ns.start(...start, 'eth0', ...words, 'in'));
    return new Flood(router.ns.start(...start, 'lb0', ...words));
  }

  /** Whether it is still going on. */
  get goesOn(): boolean {
    return this.program.ending === undefined;
  }

  /** Ends it before its time. */
  stop(): Promise<Blast> {
    this.program.signal('SIGTERM');
    return this.finish();
  }

  /** Waits for its end. What is returned is what the balancer has sent meanwhile. */
  async finish(): Promise<Blast> {
    await this.program.ended;
    const [report] = /^[{].*$/m.exec(this.program.output) ?? [];
    if (report === undefined) throw new Error(`the flood did not report: ${this.program.output}`);
    return JSON.parse(report) as Blast;
  }
}
