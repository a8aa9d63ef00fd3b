import { startBackends } from '../support/backend.js';
import { type Server, serverPorts, startServers } from '../support/servers.js';
import { Topology, type TopologyOptions, vipPrefixes } from '../support/topology.js';

/** A VIP that carries traffic while others, and it too, are changed. */
export interface LoadedVip {
  readonly name: string;
  readonly address: string;
  /** As the words of `lb vip` and `lb as` name it. */
  readonly words: string;
  /** As the API names it. */
  readonly id: string;
  /** The words of `lb vip` that make it. */
  readonly options: string;
  /** Where its health checks ask. */
  readonly checkPort: number;
}

/** Two VIPs of GRE and two of NAT, in front of the same servers. */
export const loadedVips: readonly LoadedVip[] = [
  ...['90.1.2.1', '90.1.2.2'].map((address) => ({
    name: `gre4 ${address}`,
    address,
    words: `${address}/32`,
    id: `${address}/32`,
    options: 'encap gre4 new_len 1024',
    checkPort: serverPorts.http,
  })),
  ...['90.1.2.3', '90.1.2.4'].map((address) => ({
    name: `nat4 ${address}`,
    address,
    words: `${address}/32 protocol tcp port 80`,
    id: `${address}/32,tcp,80`,
    options: `encap nat4 target_port ${serverPorts.httpTarget} new_len 1024`,
    checkPort: serverPorts.httpTarget,
  })),
];

/** The configuration of all of them, a command a line. */
export function siteConfig({ lb, servers }: Topology): string[] {
  const ass = servers.map(({ address }) => address[4]).join(' ');
  return [
    `lb conf ip4-src-address ${lb.address[4]} ip6-src-address ${lb.address[6]} buckets 16384`,
    ...loadedVips.flatMap(({ words, options }) => [`lb vip ${words} ${options}`, `lb as ${words} ${ass}`]),
    'lb set interface nat4 in eth0',
  ];
}

/**
 * A sender gives a flow another hash when it has to send again, and on veth pairs the hash of the sender's kernel, not that of the
 * headers, chooses the balancer's receive queue: a flow would change its worker. A network card hashes what is in the packet.
 */
const sameQueue = { 'net.core.txrehash': 0 };

/** A topology whose servers take GRE and NAT at the same time: what they answer from a VIP's address goes to the client directly. */
export async function createSite(options: TopologyOptions): Promise<{ topology: Topology; servers: Server[] }> {
  const topology = await Topology.create(options);
  try {
    for (const { ns } of [topology.client, ...topology.servers]) await ns.sysctl(sameQueue);
    const servers = await startServers(topology.servers);
    await startBackends(topology.servers);
    await topology.setGateway('lb');
    const direct = [
      `route add default via ${topology.router.address[4]} table 90`,
      `rule add from ${vipPrefixes[4]} table 90`,
    ];
    for (const { ns } of topology.servers) await ns.ip(...direct);
    return { topology, servers };
  } catch (error) {
    topology.close();
    throw error;
  }
}
