import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Programs from outside: what some tests need, and what native queues are built with. The rest of the product needs none.
 * `probe` is a program looked up on the path and in the sbin folders, or a file if it begins with a slash.
 * @typedef {{name: string, probe: string, neededBy: string}} SystemPackage
 */

/** Debian's and Ubuntu's package names. @type {readonly SystemPackage[]} */
export const systemPackages = [
  { name: 'tshark', probe: 'tshark', neededBy: 'e2e: decodes what replay wrote' },
  {
    name: 'python3-scapy',
    probe: '/usr/lib/python3/dist-packages/scapy/__init__.py',
    neededBy: 'tests: golden packets',
  },
  { name: 'nginx-light', probe: 'nginx', neededBy: 'e2e: application servers' },
  { name: 'curl', probe: 'curl', neededBy: 'e2e: HTTP clients' },
  { name: 'iperf3', probe: 'iperf3', neededBy: 'e2e: TCP and UDP streams' },
  { name: 'bind9-dnsutils', probe: 'dig', neededBy: 'e2e: DNS clients' },
  { name: 'dnsmasq-base', probe: 'dnsmasq', neededBy: 'e2e: DNS servers' },
  { name: 'iproute2', probe: 'ip', neededBy: 'e2e: network namespaces' },
  { name: 'ethtool', probe: 'ethtool', neededBy: 'e2e: checksum offload' },
  { name: 'tcpdump', probe: 'tcpdump', neededBy: 'e2e: recording captures' },
  { name: 'iputils-ping', probe: 'ping', neededBy: 'e2e: echo requests' },
  { name: 'procps', probe: 'ps', neededBy: 'e2e: processes and their load' },
  { name: 'wrk', probe: 'wrk', neededBy: 'e2e: many connections' },
  { name: 'nftables', probe: 'nft', neededBy: 'lb backend: packets that the host must not answer' },
  { name: 'build-essential', probe: 'make', neededBy: 'native queues' },
  { name: 'cmake', probe: 'cmake', neededBy: 'native queues' },
  { name: 'pkg-config', probe: 'pkg-config', neededBy: 'native queues' },
  { name: 'clang', probe: 'clang', neededBy: 'native queues: the XDP program' },
  { name: 'libbpf-dev', probe: '/usr/include/bpf/libbpf.h', neededBy: 'native queues' },
  { name: 'libxdp-dev', probe: '/usr/include/xdp/xsk.h', neededBy: 'native queues' },
];

/**
 * The path of a program, or undefined. An ordinary user's path often lacks the sbin folders, where servers live.
 * @param {string} program
 * @param {NodeJS.ProcessEnv} [env]
 */
export function findProgram(program, env = process.env) {
  const folders = [...(env.PATH ?? '').split(delimiter).filter(Boolean), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

/**
 * The packages of the table that this machine lacks.
 * @param {readonly SystemPackage[]} [table]
 */
export function missingPackages(table = systemPackages) {
  return table.filter(({ probe }) => !(probe.startsWith('/') ? existsSync(probe) : findProgram(probe)));
}
