import { serverPorts } from './servers.js';
import { type Machine, vipPrefixes } from './topology.js';
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
  /** @param vip its prefix, with protocol and port if it has them */
  const service = (vip: string, options: string, behind: readonly string[]) => [
    `lb vip ${vip} ${options} new_len 1024`,
    `lb as ${vip} ${behind.join(' ')}`,
  ];
  const bits = type.vip === 4 ? 32 : 128;
  const [all, one] = [`${address}/${bits}`, `${single}/${bits}`];
  const first = ass.slice(0, 1);

  if (type.method === 'nat') {
    const encap = `encap nat${type.as}`;
    const httpVip = [all, 'protocol', 'tcp', 'port', '80'];
    const config = [
      conf,
      ...service(httpVip.join(' '), `${encap} target_port ${serverPorts.httpTarget} node_port ${nodePorts.http}`, ass),
      ...service(`${all} port 53`, `${encap} target_port ${serverPorts.dns} node_port ${nodePorts.dns}`, ass),
      ...service(`${all} protocol udp port ${closedPort}`, encap, ass),
      ...service(`${one} port ${serverPorts.iperf3}`, encap, first),
      ...natInterfaces.map((name) => `lb set interface nat${type.as} in ${name}`),
    ];
    return { address, single, http: 80, dns: 53, httpVip, config };
  }
  const { http, dns } = serverPorts;
  if (type.method === 'l3dsr') {
    const encap = (vip: keyof typeof liveDscp) => `encap l3dsr dscp ${liveDscp[vip]}`;
    const config = [conf, ...service(all, encap(vipAddress[4]), ass), ...service(one, encap(singleAddress[4]), first)];
    return { address, single, http, dns, httpVip: [all], config };
  }
  // A prefix with room for many addresses, and a longer one inside.
  const prefix = vipPrefixes[type.vip];
  const encap = `encap gre${type.as}`;
  const config = [conf, ...service(prefix, encap, ass), ...service(one, encap, first)];
  return { address, single, http, dns, httpVip: [prefix], config };
}
