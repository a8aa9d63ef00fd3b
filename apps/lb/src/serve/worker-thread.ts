import { parentPort, workerData } from 'node:worker_threads';
import { runWorker } from './worker-loop.js';
import { READY, type WorkerSetup } from './worker-setup.js';

/* The entry of a worker thread. */
parentPort?.postMessage(READY);
runWorker(workerData as WorkerSetup);
