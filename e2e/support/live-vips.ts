import { serverPorts } from './servers.js';
import type { Machine } from './topology.js';
import { type VipType, vipAddress } from './vip-types.js';

/** A port that the VIPs of NAT serve and where no server listens. */
export const closedPort = 9;

/** Node ports of HTTP and of DNS in the NAT configurations. */
export const nodePorts = { http: 30080, dns: 30053 } as const;

/** The VIPs behind which there is the first server only: a program that opens two connections needs both to meet. */
export const singleAddress = { 4: '90.1.2.2', 6: '2004::2' } as const;

/** DSCPs of the L3DSR configuration, by VIP. */
export const liveDscp = { [vipAddress[4]]: 2, [singleAddress[4]]: 3 } as const;

/** The VIPs of one type as the tests of live traffic set them up. */
export interface LiveVips {
  /** What clients connect to; all servers are behind it. */
  readonly address: string;
  /** Behind this one there is the first server only; `serverPorts.iperf3` leads to its iperf3. */
  readonly single: string;
  /** The port that leads to nginx, and the one that leads to dnsmasq. */
  readonly http: number;
  readonly dns: number;
  /** The VIP of HTTP as the words of `lb vip` and `lb as` name it. */
  readonly httpVip: readonly string[];
  /** The configuration, a command a line. */
  readonly config: readonly string[];
}

/**
 * The VIPs of a type in front of servers.
 * @param natInterfaces where the answers of NAT's servers arrive
 */
export function liveVips(
  type: VipType,
  lb: Machine,
  servers: readonly Machine[],
  natInterfaces: readonly string[] = ['eth0'],
): LiveVips {
  const address = vipAddress[type.vip];
  const single = singleAddress[type.vip];
  const ass = servers.map((server) => server.address[type.as]);
  const conf = `lb conf ip4-src-address ${lb.address[4]} ip6-src-address ${lb.address[6]} buckets 16384`;
  const service = (vip: string, options: string, behind: readonly string[]) => [
    `lb vip ${vip} ${options} new_len 1024`,
    `lb as ${vip} ${behind.join(' ')}`,
  ];
  const bits = type.vip === 4 ? 32 : 128;
  const [all, one] = [`${address}/${bits}`, `${single}/${bits}`];

  if (type.method !== 'nat') {
    const prefix = type.method === 'l3dsr' ? all : type.vip === 4 ? '90.0.0.0/8' : '2004::/16';
    const encap = (vip: keyof typeof liveDscp) =>
      type.method === 'l3dsr' ? `encap l3dsr dscp ${liveDscp[vip]}` : `encap gre${type.as}`;
    const config = [
      conf,
      ...service(prefix, encap(vipAddress[4]), ass),
      ...service(one, encap(singleAddress[4]), ass.slice(0, 1)),
    ];
    return { address, single, http: serverPorts.http, dns: serverPorts.dns, httpVip: [prefix], config };
  }
  // A service is the VIP's name with its port; `lb vip` takes the rest of the words behind it.
  const nat = (vip: string, options: string, behind: readonly string[]) => [
    `lb vip ${vip} ${options} encap nat${type.as} new_len 1024`,
    `lb as ${vip} ${behind.join(' ')}`,
  ];
  const config = [
    conf,
    ...nat(`${all} protocol tcp port 80`, `target_port ${serverPorts.httpTarget} node_port ${nodePorts.http}`, ass),
    ...nat(`${all} port 53`, `target_port ${serverPorts.dns} node_port ${nodePorts.dns}`, ass),
    ...nat(`${all} protocol udp port ${closedPort}`, '', ass),
    ...nat(`${one} port ${serverPorts.iperf3}`, '', ass.slice(0, 1)),
    ...natInterfaces.map((name) => `lb set interface nat${type.as} in ${name}`),
  ];
  const httpVip = [all, 'protocol', 'tcp', 'port', '80'];
  return { address, single, http: 80, dns: 53, httpVip, config };
}
