import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe } from 'vitest';
import { libraryPath } from '../src/native/index.js';

const CLONE_NEWNET = 0x40000000;

/** A group of tests on real interfaces; where that cannot be, they are skipped with the reason in their names. */
export function describeLive(title: string, body: () => void): void {
  const reason = cannotRun();
  if (reason === undefined) describe(title, body);
  else describe.skip(`${title} (skipped: ${reason})`, body);
}

function cannotRun(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'not root on Linux';
  return existsSync(libraryPath()) ? undefined : 'liblbqueue is not built, npm run setup builds it where a compiler is';
}

/**
 * Moves this thread, and all that it starts from now on, into a network namespace of its own without IPv6 chatter. The
 * namespace and all in it go when the process does.
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
