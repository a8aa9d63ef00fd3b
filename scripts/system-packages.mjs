import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Programs from outside: what some tests need, and what native queues are built with. The rest of the product needs none.
 * `probe` is a program looked up on the path and in the sbin folders, or a file if it begins with a slash. `newName` is what releases
 * of 2024 and later call the package.
 * @typedef {{name: string, newName?: string, probe: string, neededBy: string}} SystemPackage
 */

/** Where Debian has libraries of this machine's architecture. */
const libraries = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;

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
  { name: 'strace', probe: 'strace', neededBy: 'e2e: the system calls of the daemon' },
  { name: 'libcap2-bin', probe: 'capsh', neededBy: 'e2e: the capabilities of the daemon' },
  { name: 'systemd', probe: 'systemd-analyze', neededBy: 'e2e: the systemd unit' },
  { name: 'zsh', probe: 'zsh', neededBy: 'tests: completion in zsh' },
  { name: 'fish', probe: 'fish', neededBy: 'tests: completion in fish' },
  { name: 'xvfb', probe: 'Xvfb', neededBy: 'desktop: a display for tests' },
  {
    name: 'libgtk-3-0',
    newName: 'libgtk-3-0t64',
    probe: `${libraries}/libgtk-3.so.0`,
    neededBy: 'desktop: Electron',
  },
  { name: 'libnss3', probe: `${libraries}/libnss3.so`, neededBy: 'desktop: Electron' },
  {
    name: 'libasound2',
    newName: 'libasound2t64',
    probe: `${libraries}/libasound.so.2`,
    neededBy: 'desktop: Electron',
  },
  { name: 'libgbm1', probe: `${libraries}/libgbm.so.1`, neededBy: 'desktop: Electron' },
  { name: 'openssh-client', probe: 'ssh', neededBy: 'e2e: daemons behind SSH' },
  { name: 'openssh-server', probe: 'sshd', neededBy: 'e2e: machines behind SSH' },
  { name: 'openssl', probe: 'openssl', neededBy: 'e2e: private certificate authorities' },
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
