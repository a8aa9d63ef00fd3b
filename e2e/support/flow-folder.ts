import { createHash } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';

/** Where a daemon with that state folder keeps its flow tables: they outlive it in shared memory, by intention. */
export function flowFolder(state: string): string {
  const name = createHash('sha256').update(resolve(state)).digest('hex').slice(0, 16);
  return `/dev/shm/lb-flows-${name}`;
}

const states = new Set<string>();

/** Of this state a daemon of this test may leave flow tables. */
export function mayLeaveFlowTables(state: string): void {
  if (states.size === 0) process.once('exit', () => [...states].forEach(removeFlowTables));
  states.add(state);
}

/** Removes the flow tables of daemons with that state folder, if there are any. */
export function removeFlowTables(state: string): void {
  rmSync(flowFolder(state), { recursive: true, force: true });
}

/** Folders of flow tables that daemons of this test have left. */
export function leftFlowTables(): string[] {
  return [...states].map(flowFolder).filter((folder) => existsSync(folder));
}
