import type { Topology } from './topology.js';
import { vipAddress } from './vip-types.js';

/**
 * Balancers made of what the kernel has, in the place of ours: they show that the topology, its servers and its load programs are
 * right before ours is judged by them.
 */

/** Multipath routes by flow; every server has the VIPs and answers the client directly, as it does behind GRE. */
export async function balanceByRoutes({ lb, servers }: Topology): Promise<void> {
  await forward(lb);
  await Promise.all(
    servers.map(({ ns }) => ns.ip(`addr add ${vipAddress[4]}/32 dev lo`, `addr add ${vipAddress[6]}/128 dev lo nodad`)),
  );
  const hops = (family: 4 | 6) => servers.map(({ address }) => `nexthop via ${address[family]}`).join(' ');
  await lb.ns.ip(`route replace ${vipAddress[4]}/32 ${hops(4)}`, `route replace ${vipAddress[6]}/128 ${hops(6)}`);
}

/** Destination translation, to each server in turn; the answers come back this way. */
export async function balanceByTranslation(topology: Topology, ports: Readonly<Record<number, number>>): Promise<void> {
  const { lb, servers } = topology;
  await forward(lb);
  await topology.setGateway('lb');
  for (const family of [4, 6] as const) {
    const ip = family === 4 ? 'ip' : 'ip6';
    const table = `${ip} by_translation`;
    const turns = servers.map(({ address }, index) => `${index} : ${address[family]}`).join(', ');
    const rules = Object.entries(ports).map(
      ([port, target]) =>
        `add rule ${table} pre ${ip} daddr ${vipAddress[family]} th dport ${port} meta l4proto { tcp, udp } ` +
        `dnat to numgen inc mod ${servers.length} map { ${turns} } : ${target}`,
    );
    const lines = [
      `add table ${table}`,
      `add chain ${table} pre { type nat hook prerouting priority dstnat; }`,
      ...rules,
    ];
    await lb.ns.must('nft', lines.join('\n'));
  }
}

async function forward({ ns }: Topology['lb']): Promise<void> {
  await ns.sysctl({
    'net.ipv4.ip_forward': 1,
    'net.ipv6.conf.all.forwarding': 1,
    'net.ipv4.fib_multipath_hash_policy': 1,
    'net.ipv6.fib_multipath_hash_policy': 1,
  });
}
