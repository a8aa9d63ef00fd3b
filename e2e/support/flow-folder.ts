import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';

/** Removes the flow tables of daemons with that state folder: they outlive these in shared memory, by intention. */
export function removeFlowTables(state: string): void {
  const name = createHash('sha256').update(state).digest('hex').slice(0, 16);
  rmSync(`/dev/shm/lb-flows-${name}`, { recursive: true });
}
