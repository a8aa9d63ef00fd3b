import { afterAll, expect } from 'vitest';
import { leftFlowTables } from './flow-folder.js';
import { leftovers } from './leftovers.js';

/** Runs before each test file, so that this comes after all that the file itself does at its end. */
afterAll(() => {
  expect([...leftovers(), ...leftFlowTables()], 'left behind by these tests').toEqual([]);
});
