import type { Daemon } from '../support/daemon.js';
import type { Topology } from '../support/topology.js';
import { loadedVips } from './site.js';

/** Changes a weight, another with each number; returns when every worker uses the new image. */
export async function publish(daemon: Daemon, { servers }: Topology, number: number): Promise<void> {
  const { words, as } = loadedVips[number % loadedVips.length]!;
  const server = servers[Math.floor(number / loadedVips.length) % servers.length]!;
  await daemon.exec(`lb as ${words} ${server.address[as]} weight ${(number % 99) + 1}`);
}
