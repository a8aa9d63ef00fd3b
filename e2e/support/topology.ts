import { rmSync } from 'node:fs';
import { newRun, removeNamespace } from './leftovers.js';
import { type Device, link, offloadsOff } from './link.js';
import { Namespace } from './namespace.js';

/** What a topology may be asked for; by default four servers on one network, and one receive queue. */
export interface TopologyOptions {
  /** The network of each server, s1 first: `lan` is the balancer's eth0; with a server on `lan2` the balancer also gets an eth1. */
  readonly servers?: readonly Network[];
  /** Receive and transmit queues of the balancer's interfaces. */
  readonly queues?: number;
}

export type Network = 'lan' | 'lan2';

/** Addresses of one machine on one network. */
export interface Addresses {
  readonly 4: string;
  readonly 6: string;
}

/** A network namespace with its addresses; a balancer on two networks has those of its first. */
export interface Machine {
  readonly ns: Namespace;
  readonly address: Addresses;
}

/** Where a server sends what is for the client: through the router (GRE, L3DSR) or back through the balancer (NAT). */
export type Gateway = 'router' | 'lb';

/** The virtual addresses: the router sends both prefixes to the balancer. */
export const vipPrefixes = { 4: '90.0.0.0/8', 6: '2004::/16' } as const;

const network = {
  front: { 4: '198.51.100', 6: '2001:db8:1:', number: 1 },
  lan: { 4: '10.0.0', 6: '2001:', number: 2 },
  lan2: { 4: '10.0.1', 6: '2001:0:0:1:', number: 3 },
} as const;

/** The last part of the addresses, the same for both families' readers: decimal there, hexadecimal here. */
const host = { router: { 4: '254', 6: 'fe' }, lb: { 4: '100', 6: '100' }, client: { 4: '10', 6: '10' } } as const;

/**
 * A client, a router, a balancer and servers, each a network namespace of its own:
 *
 *     client ── router ──┬── lb (eth0)
 *                        ├── s1, s2, …
 *                        └── (lan2) ── lb (eth1), servers of lan2
 *
 * The router owns a bridge for each network of servers. It sends VIPs to the balancer, and whatever the servers answer to the client.
 * Every device computes its own checksums and cuts its own segments, as AF_XDP on veth must see them finished. Interfaces are called
 * eth0, eth1; MAC addresses tell the machine: 02:00:00:00:<network>:<host>.
 */
export class Topology {
  readonly client: Machine;
  readonly router: Machine;
  readonly lb: Machine;
  readonly servers: readonly Machine[];
  /** The router's addresses on the client's side. */
  readonly routerFront = addressOf('front', host.router);
  readonly #machines: readonly Machine[];

  private constructor(
    /** For the files of programs; removed with the topology. */
    readonly folder: string,
    machines: { client: Machine; router: Machine; lb: Machine; servers: readonly Machine[] },
  ) {
    this.client = machines.client;
    this.router = machines.router;
    this.lb = machines.lb;
    this.servers = machines.servers;
    this.#machines = [this.client, this.router, this.lb, ...this.servers];
  }

  /** Makes the topology; each of its interfaces is up when this returns. */
  static async create(options: TopologyOptions = {}): Promise<Topology> {
    const { servers: placed = ['lan', 'lan', 'lan', 'lan'], queues = 1 } = options;
    const { prefix, folder } = newRun();
    const machine = (title: string, address: Addresses): Machine => ({
      ns: new Namespace(`${prefix}-${title}`, title, folder),
      address,
    });
    const topology = new Topology(folder, {
      client: machine('client', addressOf('front', host.client)),
      router: machine('router', addressOf('lan', host.router)),
      lb: machine('lb', addressOf('lan', host.lb)),
      servers: placed.map((where, index) => machine(`s${index + 1}`, addressOf(where, serverHost(index)))),
    });
    try {
      await topology.#build(placed, queues);
    } catch (error) {
      topology.close();
      throw error;
    }
    return topology;
  }

  /** Points the servers' default routes to the router or to the balancer. */
  async setGateway(gateway: Gateway): Promise<void> {
    await Promise.all(
      this.servers.map(({ ns, address }) => {
        const where: Network = address[4].startsWith(`${network.lan[4]}.`) ? 'lan' : 'lan2';
        const via = addressOf(where, gateway === 'lb' ? host.lb : host.router);
        return ns.ip(`route replace default via ${via[4]}`, `route replace default via ${via[6]}`);
      }),
    );
  }

  /** Ends every process in the topology, by its id, and removes all of it. */
  close(): void {
    for (const { ns } of this.#machines) removeNamespace(ns.name);
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #build(placed: readonly Network[], queues: number): Promise<void> {
    const { client, router, lb, servers } = this;
    const networks: Network[] = placed.includes('lan2') ? ['lan', 'lan2'] : ['lan'];
    for (const { ns } of this.#machines) await ns.create();
    await Promise.all(this.#machines.map(({ ns }) => ns.sysctl(hostSettings)));
    await router.ns.sysctl(routerSettings);
    await Promise.all(servers.map(({ ns }) => ns.sysctl(serverSettings)));

    await router.ns.ip(
      ...networks.flatMap((name) => [
        `link add ${name} address ${mac(name, host.router)} type bridge forward_delay 0 mcast_snooping 0`,
        `link set ${name} up`,
      ]),
    );
    await link(device(client, 'eth0', 'front', host.client), device(router, 'front', 'front', host.router));
    for (const [index, name] of networks.entries()) {
      const own = { ...device(lb, `eth${index}`, name, host.lb), queues };
      await link(own, { ...port(router, `lb${index}`), queues });
    }
    for (const [index, server] of servers.entries()) {
      await link(device(server, 'eth0', placed[index]!, serverHost(index)), port(router, `s${index + 1}`));
    }
    await offloadsOff(router.ns, networks);
    await router.ns.ip(
      ...networks.map((name) => `link set lb${networks.indexOf(name)} master ${name}`),
      ...placed.map((name, index) => `link set s${index + 1} master ${name}`),
      ...(['front', ...networks] as const).flatMap((name) => addressLines(name, addressOf(name, host.router))),
    );
    await client.ns.ip(...addressLines('eth0', client.address), ...defaultRoutes(addressOf('front', host.router)));
    for (const [index, name] of networks.entries()) {
      await lb.ns.ip(...addressLines(`eth${index}`, addressOf(name, host.lb)));
    }
    await lb.ns.ip(...defaultRoutes(router.address));
    await Promise.all(servers.map(({ ns, address }) => ns.ip(...addressLines('eth0', address))));
    await this.setGateway('router');
    await router.ns.ip(
      `route add ${vipPrefixes[4]} via ${lb.address[4]}`,
      `route add ${vipPrefixes[6]} via ${lb.address[6]}`,
    );
  }
}

/** No waiting for duplicate addresses, nothing learned that the topology did not say, room for a thousand connections at once. */
const hostSettings = {
  'net.ipv4.conf.all.rp_filter': 0,
  'net.ipv4.conf.default.rp_filter': 0,
  'net.ipv4.conf.all.accept_redirects': 0,
  'net.ipv4.conf.default.accept_redirects': 0,
  'net.ipv4.conf.all.send_redirects': 0,
  'net.ipv4.conf.default.send_redirects': 0,
  'net.ipv4.icmp_ratelimit': 0,
  'net.ipv4.tcp_no_metrics_save': 1,
  'net.ipv4.tcp_max_syn_backlog': 4096,
  'net.core.somaxconn': 4096,
  'net.ipv6.conf.all.accept_dad': 0,
  'net.ipv6.conf.default.accept_dad': 0,
  'net.ipv6.conf.default.accept_ra': 0,
  'net.ipv6.conf.default.accept_redirects': 0,
  'net.ipv6.conf.default.router_solicitations': 0,
  'net.ipv6.icmp.ratelimit': 0,
};
const routerSettings = { 'net.ipv4.ip_forward': 1, 'net.ipv6.conf.all.forwarding': 1 };
/** A changed MAC address is announced, as by the failover of a real server. */
const serverSettings = {
  'net.ipv4.conf.all.arp_notify': 1,
  'net.ipv4.conf.default.arp_notify': 1,
  'net.ipv6.conf.all.ndisc_notify': 1,
  'net.ipv6.conf.default.ndisc_notify': 1,
};

function serverHost(index: number): Addresses {
  return { 4: `${index + 1}`, 6: (index + 1).toString(16) };
}

function addressOf(name: keyof typeof network, end: Addresses): Addresses {
  return { 4: `${network[name][4]}.${end[4]}`, 6: `${network[name][6]}:${end[6]}` };
}

function mac(name: keyof typeof network, end: Addresses): string {
  const bytes = [2, 0, 0, 0, network[name].number, Number(end[4])];
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

function device({ ns }: Machine, name: string, on: keyof typeof network, end: Addresses): Device {
  return { ns, name, mac: mac(on, end) };
}

/** A port of one of the router's bridges: what it is called and nothing else. */
function port({ ns }: Machine, name: string): Device {
  return { ns, name };
}

function addressLines(dev: string, address: Addresses): string[] {
  return [`addr add ${address[4]}/24 dev ${dev}`, `addr add ${address[6]}/64 dev ${dev} nodad`];
}

function defaultRoutes(via: Addresses): string[] {
  return [`route add default via ${via[4]}`, `route add default via ${via[6]}`];
}
