import { join } from 'node:path';
import { liveDscp, singleAddress } from './live-vips.js';
import { repositoryRoot } from './paths.js';
import type { Running } from './running.js';
import type { Machine } from './topology.js';
import { vipAddress } from './vip-types.js';

/** `lb backend` on each server, for all VIPs of the tests; returns when they take traffic. */
export function startBackends(servers: readonly Machine[]): Promise<Running[]> {
  const addresses = [vipAddress, singleAddress];
  const vips = addresses.flatMap((vip) => ['--vip', `${vip[4]}/32`, '--vip', `${vip[6]}/128`]);
  const dscps = Object.entries(liveDscp).flatMap(([vip, dscp]) => ['--dscp', `${dscp}=${vip}`]);
  const words = [process.execPath, join(repositoryRoot, 'apps/lb/bin/lb.mjs'), 'backend', '--interface', 'eth0'];
  return Promise.all(
    servers.map(async ({ ns }) => {
      const backend = ns.start(...words, ...vips, ...dscps);
      await backend.says(/lb backend: ready/, 45_000);
      return backend;
    }),
  );
}
