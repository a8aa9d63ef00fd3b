import { readFileSync, writeFileSync } from 'node:fs';
import { backendError } from './errors.js';
import type { Setting } from './host-plan.js';

/** When a packet from a VIP needs its next hop's address, ask in the name of the interface's own address, not of the VIP. */
export const ARP_ANNOUNCE = 'ipv4/conf/all/arp_announce';
export const ARP_ANNOUNCE_BEST = 2;

/** @throws LbError LB_BACKEND_SETTING */
export function readSetting(path: string): number {
  try {
    return Number(readFileSync(`/proc/sys/net/${path}`, 'utf8'));
  } catch (error) {
    throw failed('read', path, error);
  }
}

/** @throws LbError LB_BACKEND_SETTING */
export function writeSetting({ path, value }: Setting): void {
  try {
    writeFileSync(`/proc/sys/net/${path}`, `${value}`);
  } catch (error) {
    throw failed(`write ${value} to`, path, error);
  }
}

/** The interfaces of this network namespace, by name. */
export function interfaceNames(): string[] {
  const lines = readFileSync('/proc/net/dev', 'utf8').split('\n').slice(2);
  return lines.flatMap((line) => /^\s*(\S+):/.exec(line)?.[1] ?? []);
}

function failed(what: string, path: string, error: unknown): Error {
  const why = error instanceof Error ? error.message : String(error);
  return backendError('LB_BACKEND_SETTING', `cannot ${what} /proc/sys/net/${path}: ${why}`);
}
