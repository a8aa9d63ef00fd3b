import { parentPort, workerData } from 'node:worker_threads';
import { type EngineCase, EngineRun } from './engine-case.js';

/*
 * The entry of a thread that measures one case. It is asked `{ ms }` for a window and `'state'` for the state of the
 * flow table, and sleeps in between.
 */
const run = new EngineRun(workerData as EngineCase);
run.warmUp();
parentPort?.on('message', (question: { ms: number } | 'state') => {
  parentPort?.postMessage(question === 'state' ? run.state() : run.measure(question.ms));
});
