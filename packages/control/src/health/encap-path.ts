import { createSocket } from 'node:dgram';
import { parseAddress } from '@lb/core';
import { IpProgram } from '../network/ip-program.js';
import type { Checker, Checkers, RunningCheck } from './checker.js';
import { type CheckResult, notMade, resultOfError } from './result.js';
import type { EncapRoute, Probe } from './target.js';

/** The device that encapsulates: EncapTap of the dataplane. Addresses in network order. */
export interface EncapDevice {
  /** Name of an interface of this host. */
  readonly name: string;
  /** From now on packets with that source port that are routed into the interface reach that AS. */
  set(port: number, way: { encap: EncapRoute['encap']; as: Uint8Array; source: Uint8Array; dscp: number }): void;
  delete(port: number): void;
}

export interface EncapPathOptions {
  readonly device: EncapDevice;
  /** Source ports of checks; nothing else on this host may use them. 61,000 and 1,000 by default. */
  readonly firstPort?: number;
  readonly ports?: number;
  /** Number of the routing table, and preference of its rules, before the main table's; 6,100 by default. */
  readonly table?: number;
  readonly ip?: IpProgram;
}

/** With GRE in front, packets of checks still fit an MTU of 1,500. */
const MTU = 1400;

/**
 * The way of `via: encap`: sockets to the VIP's address, whose packets the source port leads through the device to one AS.
 */
export class EncapPath {
  readonly #options: Required<EncapPathOptions>;
  readonly #used = new Set<number>();
  #next = 0;

  constructor({ firstPort = 61_000, ports = 1_000, table = 6_100, ip = new IpProgram(), device }: EncapPathOptions) {
    this.#options = { firstPort, ports, table, ip, device };
  }

  /**
   * Routes the source ports into the device. What an earlier process may have left is removed before.
   * @throws LbError LB_NET_IPROUTE2, LB_NET_IP_FAILED
   */
  async open(): Promise<void> {
    const { device, firstPort, ports, table } = this.#options;
    await this.close();
    const range = `sport ${firstPort}-${firstPort + ports - 1}`;
    // No neighbours to ask for, and no address of its own to announce.
    const lines = [`link set ${device.name} mtu ${MTU} arp off addrgenmode none`, `link set ${device.name} up`];
    for (const family of ['-4', '-6']) {
      lines.push(`${family} route add default dev ${device.name} table ${table}`);
      for (const protocol of ['tcp', 'udp']) {
        lines.push(`${family} rule add pref ${table} ipproto ${protocol} ${range} lookup ${table}`);
      }
    }
    for (const line of lines) await this.#options.ip.run(line.split(' '));
  }

  /** Removes the rules; the routes go with the device. */
  async close(): Promise<void> {
    const { ip, table } = this.#options;
    for (const family of ['-4', '-6']) {
      const { stdout } = await ip.run([family, 'rule', 'show', 'pref', `${table}`]);
      for (const _ of stdout.trim().split('\n').filter(Boolean)) {
        await ip.run([family, 'rule', 'del', 'pref', `${table}`]);
      }
    }
  }

  /** Makes checks through the encapsulation, with the checkers that make direct ones. */
  checker(direct: Checkers): Checker {
    return { start: (probe, done) => new EncapCheck(this, direct[probe.type], probe, done) };
  }

  /** A free port, whose packets reach that AS from now on; undefined if all are in use. In turn, as the last ones rest. */
  take(route: EncapRoute, asText: string): number | undefined {
    const { device, firstPort, ports } = this.#options;
    for (let i = 0; i < ports; i++) {
      const port = firstPort + ((this.#next + i) % ports);
      if (this.#used.has(port)) continue;
      this.#next = (this.#next + i + 1) % ports;
      this.#used.add(port);
      const source = route.source === undefined ? new Uint8Array(4) : parseAddress(route.source).bytes;
      device.set(port, { encap: route.encap, as: parseAddress(asText).bytes, source, dscp: route.dscp });
      return port;
    }
    return undefined;
  }

  give(port: number): void {
    this.#used.delete(port);
    this.#options.device.delete(port);
  }
}

class EncapCheck implements RunningCheck {
  #running: RunningCheck | undefined;
  #port: number | undefined;
  #isStopped = false;

  constructor(
    private readonly path: EncapPath,
    direct: Checker,
    probe: Probe,
    done: (result: CheckResult) => void,
  ) {
    const end = (result: CheckResult): void => {
      this.#givePort();
      if (!this.#isStopped) done(result);
    };
    this.#begin(direct, probe, end).catch((error: unknown) => end(resultOfError(error as Error)));
  }

  get phase(): string {
    return this.#running?.phase ?? 'finding the way';
  }

  get early(): CheckResult | undefined {
    return this.#running?.early;
  }

  stop(): void {
    this.#isStopped = true;
    this.#running?.stop();
    this.#givePort();
  }

  async #begin(direct: Checker, probe: Probe, end: (result: CheckResult) => void): Promise<void> {
    const { address, type } = probe;
    const route = probe.route!;
    const isSameFamily = address.includes(':') === route.destination.includes(':');
    const localAddress = await sourceAddress(isSameFamily ? address : route.destination);
    if (this.#isStopped) return;
    if (type === 'icmp') return end(notMade('no check: ICMP cannot go through the encapsulation'));
    if (route.encap === 'gre6' && route.source === undefined) return end(notMade('no check: no ip6SrcAddress is set'));
    const localPort = this.path.take(route, address);
    if (localPort === undefined) return end(notMade('no check: no free local port'));
    this.#port = localPort;
    this.#running = direct.start({ ...probe, address: route.destination, localAddress, localPort }, end);
  }

  #givePort(): void {
    if (this.#port !== undefined) this.path.give(this.#port);
    this.#port = undefined;
  }
}

/** The address that this host has towards another; nothing is sent. */
function sourceAddress(to: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(to.includes(':') ? 'udp6' : 'udp4');
    const fail = (error: Error) => {
      socket.close();
      reject(error);
    };
    socket.on('error', fail);
    // That there is no route is told to the callback alone.
    socket.connect(9, to, (error?: Error | null) => {
      if (error) {
        fail(error);
        return;
      }
      const { address } = socket.address();
      socket.close();
      resolve(address);
    });
  });
}
