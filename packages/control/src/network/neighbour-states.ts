/** Not the kernel's: it asks for the neighbour, and the Ethernet address of before is used meanwhile (network-memory.ts). */
export const KEPT = 'KEPT';

/** States in which packets are sent to the neighbour's Ethernet address; in the others that is unknown or was wrong. */
const USABLE: ReadonlySet<string> = new Set(['REACHABLE', 'STALE', 'DELAY', 'PROBE', 'PERMANENT', 'NOARP', KEPT]);

export function isUsable(state: string): boolean {
  return USABLE.has(state);
}
