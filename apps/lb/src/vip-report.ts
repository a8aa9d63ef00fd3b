import type { AsStats, VipCounters, VipStats } from '@lb/control';
import type { Counters } from '@lb/dataplane';
import type { PlacedVip } from './compiled.js';

/** A VIP in the JSON of `lb replay`. */
export interface VipReport extends VipStats {
  readonly protocol: 'tcp' | 'udp' | null;
  readonly port: number | null;
  readonly ass: readonly AsReport[];
}

export interface AsReport extends AsStats {
  readonly weight: number;
}

/**
 * What the engines counted for each VIP.
 * @param counters of all workers; they are added up
 * @param flowsOf live flow-table entries of an AS slot, over all workers
 */
export function reportVips(
  vips: readonly PlacedVip[],
  counters: readonly Counters[],
  flowsOf: (asSlot: number) => number,
): VipReport[] {
  return vips.map(({ config, slot, ass }) => ({
    prefix: config.prefix,
    protocol: config.protocol ?? null,
    port: config.port ?? null,
    counters: sumVip(counters, slot),
    ass: ass.map((as) => ({
      address: as.config.address,
      weight: as.config.weight,
      ...sumAs(counters, as.slot),
      buckets: as.buckets,
      flows: flowsOf(as.slot),
    })),
  }));
}

function sumVip(counters: readonly Counters[], slot: number): VipCounters {
  const sum = { existing: 0, first: 0, untracked: 0, noServer: 0 };
  for (const worker of counters) {
    const { existing, first, untracked, noServer } = worker.vip(slot);
    sum.existing += existing;
    sum.first += first;
    sum.untracked += untracked;
    sum.noServer += noServer;
  }
  return sum;
}

function sumAs(counters: readonly Counters[], slot: number): { packets: number; bytes: number } {
  const sum = { packets: 0, bytes: 0 };
  for (const worker of counters) {
    const { packets, bytes } = worker.as(slot);
    sum.packets += packets;
    sum.bytes += bytes;
  }
  return sum;
}

/** Packets that came for a VIP. */
export function packetsOf({ counters }: Pick<VipReport, 'counters'>): number {
  return counters.existing + counters.first + counters.untracked + counters.noServer;
}
