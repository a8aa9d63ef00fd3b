/** States in which the kernel sends to the neighbour's Ethernet address; in the others that is unknown or was wrong. */
const USABLE: ReadonlySet<string> = new Set(['REACHABLE', 'STALE', 'DELAY', 'PROBE', 'PERMANENT', 'NOARP']);

export function isUsable(state: string): boolean {
  return USABLE.has(state);
}
