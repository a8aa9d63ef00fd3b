import { execFile } from 'node:child_process';
import { delimiter } from 'node:path';
import { promisify } from 'node:util';
import type { Link } from '@lb/control/network';
import { daemonError } from './errors.js';
import { GUARD_INTERFACES } from './guard-rules.js';

/** The table of rules of a daemon is named after its process. */
export const GUARD_PREFIX = 'lb_serve_';
const NFT_MS = 5000;

/** The helper interface by which a daemon gives frames back, named after the number of the one that it serves by AF_XDP. */
const helperOf = ({ index }: Link): string => `lbq-p${index}`;

/** @throws LbError LB_DAEMON_INTERFACE_LIVE if another daemon serves an interface by AF_XDP */
export function refuseServedByXdp(link: Link, links: readonly Link[]): void {
  if (links.some(({ name }) => name === helperOf(link))) throw servedError(link.name, 'af_xdp');
}

/**
 * Two daemons would each send on every packet that packet sockets show them. Where there is no nft nobody can tell.
 * @throws LbError LB_DAEMON_INTERFACE_LIVE if another daemon serves one of the interfaces by AF_PACKET
 */
export async function refuseServedByPacket(devices: readonly string[]): Promise<void> {
  const others = guardedByOthers(await listSets(), process.pid, isAlive);
  const taken = devices.find((device) => others.has(device));
  if (taken !== undefined) throw servedError(taken, 'af_packet', others.get(taken));
}

/** Process by interface, out of `nft -j list sets`. */
export function guardedByOthers(
  listed: unknown,
  own: number,
  lives: (pid: number) => boolean,
): ReadonlyMap<string, number> {
  const { nftables = [] } = (listed ?? {}) as {
    nftables?: { set?: { name: string; table: string; elem?: unknown } }[];
  };
  const found = new Map<string, number>();
  for (const { set } of nftables) {
    if (set?.name !== GUARD_INTERFACES || !set.table.startsWith(GUARD_PREFIX) || !Array.isArray(set.elem)) continue;
    const pid = Number(set.table.slice(GUARD_PREFIX.length));
    // The rules of one that was killed go a moment after it.
    if (pid === own || !lives(pid)) continue;
    for (const name of set.elem) if (typeof name === 'string') found.set(name, pid);
  }
  return found;
}

async function listSets(): Promise<unknown> {
  const path = [process.env.PATH ?? '', '/usr/sbin', '/sbin'].join(delimiter);
  try {
    const options = { env: { ...process.env, PATH: path }, timeout: NFT_MS, maxBuffer: 1 << 26 };
    const { stdout } = await promisify(execFile)('nft', ['-j', 'list', 'sets', 'inet'], options);
    return JSON.parse(stdout);
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function servedError(name: string, kind: string, pid?: number): Error {
  const who = pid === undefined ? 'another daemon' : `another daemon (process ${pid})`;
  return daemonError(
    'LB_DAEMON_INTERFACE_LIVE',
    `${who} serves ${name} by ${kind}`,
    'stop it, or serve another interface',
  );
}
