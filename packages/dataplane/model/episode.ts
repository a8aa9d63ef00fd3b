import { formatAddress, formatPrefix, parseAddress, parsePrefix } from '@lb/core';
import type { ImageSpec, NetworkSpec } from '@lb/dataplane';
import { hex, unhex } from './bytes.js';

/** What happens in an episode, one thing after the other. All of it is data: an episode can be kept and cut down. */
export type Step =
  /** At a worker, from one of its queues. */
  | { readonly kind: 'burst'; readonly frames: readonly Uint8Array[]; readonly queue: number; readonly worker: number }
  | { readonly kind: 'wait'; readonly ticks: number }
  /** `flush`: ASs whose flows are cut, as `service address`. `late`: workers that do not follow it yet. */
  | {
      readonly kind: 'configure';
      readonly spec: ImageSpec;
      readonly flush: readonly string[];
      readonly late: readonly number[];
    }
  /** All workers follow the latest configuration. */
  | { readonly kind: 'catch-up' }
  /** The same, and ASs that left, and have no flows any more, are given up. */
  | { readonly kind: 'reclaim' }
  /** A worker's thread ends, and another goes on with its tables. */
  | { readonly kind: 'restart'; readonly worker: number };

export interface Episode {
  readonly spec: ImageSpec;
  /** Who runs the usual stages: TypeScript, or the native library. */
  readonly stages: 'typescript' | 'native';
  readonly workers: number;
  /** Lines of each worker's flow table, and of its NAT sessions. */
  readonly lines: number;
  readonly startTick: number;
  /** Next hops and MTUs; without it frames keep their Ethernet addresses, and everything fits. */
  readonly network?: NetworkSpec;
  readonly steps: readonly Step[];
}

/** An episode as text: addresses and prefixes as one writes them, frames in hex. */
export function writeEpisode(episode: Episode): string {
  return JSON.stringify(
    episode,
    (_, value) => {
      if (value instanceof Uint8Array) return hex(value);
      if (value?.family !== undefined && value.bytes !== undefined) return `@${formatAddress(value)}`;
      if (value?.address?.family !== undefined && value.length !== undefined) return `@${formatPrefix(value)}`;
      return value;
    },
    1,
  );
}

export function readEpisode(text: string): Episode {
  return JSON.parse(text, (key, value) => {
    if (key === 'frames') return value.map(unhex);
    if (key === 'mac') return unhex(value);
    if (typeof value !== 'string' || !value.startsWith('@')) return value;
    return value.includes('/') ? parsePrefix(value.slice(1)) : parseAddress(value.slice(1));
  }) as Episode;
}
