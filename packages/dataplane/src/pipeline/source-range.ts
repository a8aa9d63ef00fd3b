/**
 * The outer source of a flow out of a range: `mask` says which bits (raw) the flow's identity fills in. Servers spread
 * what they receive over their queues by the outer addresses; with one source all tunnelled traffic ends on one.
 */
export function spread(sourceRaw: number, mask: number, identity: number): number {
  return (sourceRaw & ~mask) | (identity & mask);
}
