import { expect, it } from 'vitest';
import { SharedWordsSource } from './shared-words.js';
import { WorkerGroup } from './worker-group.js';
import { takeMemory } from './worker-memory.js';
import { Status } from './worker-status.js';

it('has counted nothing before each worker has made a pass, since whichever image', () => {
  const source = new SharedWordsSource();
  const memories = [takeMemory(source, 16, false), takeMemory(source, 16, false)];
  const group = new WorkerGroup(memories);
  expect(group.hasCountedSince(0)).toBe(false);
  memories[0]!.status[Status.PASS_REVISION] = 3;
  expect(group.hasCountedSince(0)).toBe(false);
  memories[1]!.status[Status.PASS_REVISION] = 2;
  expect([0, 2, 3].map((revision) => group.hasCountedSince(revision))).toEqual([true, true, false]);
});
