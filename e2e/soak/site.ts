import { join } from 'node:path';
import { makeAuthority } from '../support/authority.js';
import type { Namespace } from '../support/namespace.js';
import { repositoryRoot } from '../support/paths.js';
import { type Server, serverPorts, startDns, startNginx } from '../support/servers.js';
import { type Machine, Topology, type TopologyOptions, vipPrefixes } from '../support/topology.js';

/** A VIP that carries traffic while others, and it too, are changed. */
export interface LoadedVip {
  readonly name: string;
  readonly address: string;
  /** Family of its servers' addresses. */
  readonly as: 4 | 6;
  /** As the words of `lb vip` and `lb as` name it. */
  readonly words: string;
  /** As the API names it. */
  readonly id: string;
  /** The words of `lb vip` that make it. */
  readonly options: string;
  /** How its servers are checked, without how often. */
  readonly check: { readonly type: string } & Readonly<Record<string, unknown>>;
}

/** Where nginx speaks HTTPS. */
const HTTPS_PORT = 8443;
const DSCP = 7;

/** RFC 1035 section 4.1: TXT of name.test. The answer holds the name of the server. */
const nameQuestion =
  '\\x12\\x34\\x01\\x00\\x00\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x04name\\x04test\\x00\\x00\\x10\\x00\\x01';
const http = { type: 'http', port: serverPorts.http };

/** A VIP of each type, in front of the same servers, each with another check. */
export const loadedVips: readonly LoadedVip[] = [
  allPort('90.1.2.1', 'gre4', http),
  allPort('90.1.2.2', 'gre6', { type: 'https', port: HTTPS_PORT, tlsVerify: false }),
  allPort('2004::1', 'gre4', { ...http, via: 'encap' }),
  allPort('2004::2', 'gre6', { type: 'tcp', port: serverPorts.http, via: 'encap' }),
  allPort('90.1.2.5', 'l3dsr', { type: 'udp', port: serverPorts.dns, send: nameQuestion }, `dscp ${DSCP} `),
  nat('90.1.2.3', 'nat4', { type: 'http', port: serverPorts.httpTarget }),
  nat('2004::3', 'nat6', { type: 'icmp' }),
];

/** The configuration of all of them, a command a line. */
export function siteConfig({ lb, servers }: Topology): string[] {
  return [
    `lb conf ip4-src-address ${lb.address[4]} ip6-src-address ${lb.address[6]} buckets 16384`,
    ...loadedVips.flatMap(({ words, options, as }) => [
      `lb vip ${words} ${options}`,
      `lb as ${words} ${servers.map(({ address }) => address[as]).join(' ')}`,
    ]),
    'lb set interface nat4 in eth0',
    'lb set interface nat6 in eth0',
  ];
}

/**
 * A sender gives a flow another hash when it has to send again, and on veth pairs the hash of the sender's kernel, not that of the
 * headers, chooses the balancer's receive queue: a flow would change its worker. A network card hashes what is in the packet.
 */
const sameQueue = { 'net.core.txrehash': 0 };
/** TCP sends again after a second at the latest, where the kernel has that setting (Linux 6.15). */
const SHORT_PAUSE_MS = 1_000;
/** Linux's own limit. */
const LONG_PAUSE_MS = 120_000;

export interface Site {
  readonly topology: Topology;
  readonly servers: Server[];
  /** Longest pause before TCP sends again, milliseconds. */
  readonly longestPauseMs: number;
  /** Starts a server's programs, after they were killed. */
  startServer(index: number): Promise<Server>;
}

/** A topology whose servers take every encap at the same time: what they answer from a VIP's address goes to the client directly. */
export async function createSite(options: TopologyOptions): Promise<Site> {
  const topology = await Topology.create(options);
  try {
    const ends = [topology.client, ...topology.servers];
    for (const { ns } of ends) await ns.sysctl(sameQueue);
    const pauses = await Promise.all(ends.map(({ ns }) => shortenPauses(ns)));
    const { cert, key } = await makeAuthority(topology.folder);
    const startServer = async (index: number): Promise<Server> => {
      const { ns } = topology.servers[index]!;
      const nginx = startNginx(ns, [serverPorts.http, serverPorts.httpTarget], ns.title, {
        cert,
        key,
        port: HTTPS_PORT,
      });
      return { ns, nginx: await nginx, dns: await startDns(ns, serverPorts.dns) };
    };
    const servers = await Promise.all(topology.servers.map((_, index) => startServer(index)));
    await Promise.all(topology.servers.map(startBackend));
    await topology.setGateway('lb');
    for (const { ns } of topology.servers) {
      for (const family of [4, 6] as const) {
        await ns.ip(`route add default via ${topology.router.address[family]} table 90`);
        await ns.must('ip', `-${family}`, 'rule', 'add', 'from', vipPrefixes[family], 'table', '90');
      }
    }
    return { topology, servers, longestPauseMs: Math.max(...pauses), startServer };
  } catch (error) {
    topology.close();
    throw error;
  }
}

/** Returns what the longest pause is then, milliseconds. */
async function shortenPauses(ns: Namespace): Promise<number> {
  const { status } = await ns.run('sysctl', '-q', '-w', `net.ipv4.tcp_rto_max_ms=${SHORT_PAUSE_MS}`);
  if (status !== 0) return LONG_PAUSE_MS;
  // How often TCP sends again before it gives up was chosen for pauses that double: it is the client that gives up here.
  const often = ['tcp_syn_retries', 'tcp_synack_retries', 'tcp_retries2'];
  await ns.sysctl(Object.fromEntries(often.map((name) => [`net.ipv4.${name}`, 100])));
  return SHORT_PAUSE_MS;
}

/** `lb backend` for all VIPs of GRE and L3DSR. */
async function startBackend({ ns }: Machine): Promise<void> {
  const gre = loadedVips.filter(({ options }) => options.includes('gre'));
  const dsr = loadedVips.filter(({ options }) => options.includes('l3dsr'));
  const backend = ns.start(
    ...[process.execPath, join(repositoryRoot, 'apps/lb/bin/lb.mjs'), 'backend', '--interface', 'eth0'],
    ...gre.flatMap(({ address }) => ['--vip', address]),
    ...dsr.flatMap(({ address }) => ['--dscp', `${DSCP}=${address}`]),
  );
  await backend.says(/lb backend: ready/, 45_000);
}

function allPort(address: string, encap: 'gre4' | 'gre6' | 'l3dsr', check: LoadedVip['check'], more = ''): LoadedVip {
  const prefix = `${address}/${address.includes(':') ? 128 : 32}`;
  const options = `encap ${encap} ${more}new_len 1024`;
  return {
    name: `${encap} ${address}`,
    address,
    as: encap === 'gre6' ? 6 : 4,
    words: prefix,
    id: prefix,
    options,
    check,
  };
}

function nat(address: string, encap: 'nat4' | 'nat6', check: LoadedVip['check']): LoadedVip {
  const prefix = `${address}/${encap === 'nat6' ? 128 : 32}`;
  return {
    ...{ name: `${encap} ${address}`, address, as: encap === 'nat6' ? 6 : 4 },
    ...{ words: `${prefix} protocol tcp port 80`, id: `${prefix},tcp,80` },
    ...{ options: `encap ${encap} target_port ${serverPorts.httpTarget} new_len 1024`, check },
  };
}
