import { parentPort, workerData } from 'node:worker_threads';
import type { EngineCase } from './engine-case.js';
import { FloodRun, type FloodWindow } from './flood-run.js';

/** The entry of a thread that measures floods. It is asked for a window and its length, or for how full the tables are. */
export type FloodQuestion = (FloodWindow & { readonly ms: number }) | 'occupancy';

const run = new FloodRun(workerData as EngineCase['stages']);
parentPort?.on('message', (question: FloodQuestion) => {
  parentPort?.postMessage(question === 'occupancy' ? run.occupancy : run.measure(question, question.ms));
});
