import { startBackends } from './backend.js';
import { type LiveVips, liveVips } from './live-vips.js';
import { type Server, startServers } from './servers.js';
import { Topology, type TopologyOptions } from './topology.js';
import type { VipType } from './vip-types.js';

/** A topology whose servers serve HTTP and DNS, and take what is encapsulated for them. */
export async function createLiveTopology(
  options: TopologyOptions = {},
): Promise<{ topology: Topology; servers: Server[] }> {
  const topology = await Topology.create(options);
  try {
    const servers = await startServers(topology.servers);
    await startBackends(topology.servers);
    return { topology, servers };
  } catch (error) {
    topology.close();
    throw error;
  }
}

/** The VIPs of a type in front of all servers of a topology, whose answers go the way that the type needs. */
export async function vipsOfType(topology: Topology, type: VipType): Promise<LiveVips> {
  await topology.setGateway(type.method === 'nat' ? 'lb' : 'router');
  return liveVips(type, topology.lb, topology.servers);
}
