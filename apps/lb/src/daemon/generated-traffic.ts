import type { Config } from '@lb/control';
import { parsePrefix } from '@lb/core';
import type { MemoryQueueSetup, TrafficTarget } from '@lb/dataplane';
import { trafficTargets } from '../serve/traffic.js';

export interface GeneratedTraffic {
  /** Of all workers together, as are the packets per second. */
  readonly flows: number;
  readonly rate: number;
  readonly packetSize: number;
}

/** Where traffic goes when there is no VIP: nowhere. TEST-NET-1 of RFC 5737. */
const NOWHERE: readonly TrafficTarget[] = [{ prefix: parsePrefix('192.0.2.0/24'), protocol: 17, port: 9 }];

/** A worker's queue of generated traffic: its share of all, for the VIPs of `config`. */
export function embeddedQueue(
  index: number,
  workers: number,
  { flows, rate, packetSize }: GeneratedTraffic,
  config: Config,
): MemoryQueueSetup {
  const share = Math.floor(flows / workers) + (index < flows % workers ? 1 : 0);
  const targets = config.vips.length === 0 ? NOWHERE : trafficTargets(config);
  const traffic = { targets, flows: Math.max(1, share), packetSize, seed: index + 1 };
  return { kind: 'memory', rate: rate / workers, traffic };
}
