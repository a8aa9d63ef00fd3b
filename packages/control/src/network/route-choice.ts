import type { KernelHop, KernelRoute } from './snapshot.js';

/** How good a hop is: the Ethernet address of its neighbour is known, was known, nobody has asked for it, nobody answered. */
export const HopRank = { READY: 0, KEPT: 1, UNKNOWN: 2, FAILED: 3 } as const;
export type HopRank = (typeof HopRank)[keyof typeof HopRank];

/** Which hops to one prefix can be used; `'kernel'` where the kernel does something else than send. */
export type Way = 'kernel' | readonly KernelHop[];

/**
 * The way of the best of several routes to one prefix, as the kernel takes it: the smallest metric with a live hop;
 * undefined if all hops are down. Hops of equally good routes follow each other, as if they were one multipath route.
 */
export function chooseWay(routes: readonly KernelRoute[], isLive: (hop: KernelHop) => boolean): Way | undefined {
  const sorted = [...routes].sort((a, b) => a.metric - b.metric || a.preference - b.preference);
  const hops: KernelHop[] = [];
  let metric: number | undefined;
  for (const route of sorted) {
    if (metric !== undefined && route.metric !== metric) break;
    if (isForKernel(route)) {
      if (metric === undefined) return 'kernel';
      continue;
    }
    const live = route.hops.filter(isLive);
    if (live.length > 0) metric = route.metric;
    hops.push(...live);
  }
  return metric === undefined ? undefined : hops;
}

/** Refused, local, or of a form that this code does not know. */
function isForKernel(route: KernelRoute): boolean {
  return route.type !== 'unicast' || route.hops.length === 0;
}

/**
 * The first of the best hops. A dataplane with one next hop per prefix has to settle on one; this order leaves a gateway
 * that does not answer, and does not go back and forth between two that do.
 */
export function chooseHop(hops: readonly KernelHop[], rankOf: (hop: KernelHop) => HopRank): KernelHop {
  return hops.reduce((best, hop) => (rankOf(hop) < rankOf(best) ? hop : best));
}
