import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { libraryPath } from '../src/native/index.js';

const CLONE_NEWNET = 0x40000000;

/** Why tests on real interfaces cannot run here; undefined when they can. */
export const cannotRunLive: string | undefined = (() => {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid?.() !== 0) return 'needs root';
  if (!existsSync(libraryPath())) return 'needs native/build/liblbqueue.so: npm run setup';
  return undefined;
})();

/** For the title of a group of such tests. */
export const liveTitle = (title: string) => (cannotRunLive === undefined ? title : `${title} (skipped: ${cannotRunLive})`);

/**
 * Moves this thread, and all that it starts from now on, into a network namespace of its own without IPv6 chatter. It
 * goes, with all in it, when the process does.
 */
export function enterNetworkNamespace(): void {
  const koffi: typeof import('koffi') = createRequire(import.meta.url)('koffi');
  const unshare = koffi.load('libc.so.6').func('int unshare(int flags)');
  if (unshare(CLONE_NEWNET) !== 0) throw new Error('unshare: no network namespace');
  writeFileSync('/proc/sys/net/ipv6/conf/default/disable_ipv6', '1');
}

export function ip(command: string): void {
  execFileSync('ip', command.split(' '), { stdio: 'pipe' });
}

/** A pair of interfaces that are up. */
export function veth(name: string, peer: string): void {
  ip(`link add ${name} type veth peer name ${peer}`);
  for (const end of [name, peer]) ip(`link set ${end} up`);
}
