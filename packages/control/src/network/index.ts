export { NETWORK_ERRORS, type NetworkErrorCode } from './errors.js';
export type { IpProgramOptions } from './ip-program.js';
export { NeighbourProber, type ProberEvents } from './neighbour-prober.js';
export { NetworkMemory } from './network-memory.js';
export { type NetworkEvents, NetworkState, type NetworkStateOptions } from './network-state.js';
export { type BoundInterface, hostAddresses, toNetworkSpec } from './project-network.js';
export type {
  KernelHop,
  KernelNeighbour,
  KernelRoute,
  KernelTable,
  Link,
  NetworkSnapshot,
} from './snapshot.js';
