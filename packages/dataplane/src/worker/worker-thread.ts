import { parentPort, workerData } from 'node:worker_threads';
import { runWorker } from './worker-runtime.js';
import { READY, type WorkerSetup } from './worker-setup.js';

/* The entry of a worker thread. */
runWorker(workerData as WorkerSetup, () => parentPort?.postMessage(READY));
