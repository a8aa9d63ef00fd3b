import { FlowTable } from '@lb/core';
import { monotonicClock, TICKS_PER_SECOND } from '../clock.js';
import { Counters } from '../counters.js';
import type { Image } from '../image/image.js';
import { ImageFollower } from '../image/image-follower.js';
import { nativeLibrary, nativeStages } from '../native/index.js';
import { Engine } from '../pipeline/engine.js';
import { NatSessions } from '../pipeline/nat-sessions.js';
import { FlowSweep } from './flow-sweep.js';
import { wordsOf } from './shared-words.js';
import { workerLoop } from './worker-loop.js';
import { openQueue } from './worker-queue.js';
import type { SessionMemory, WorkerSetup } from './worker-setup.js';
import { Command, Status, WorkerState } from './worker-status.js';

/** Passes over the flow table make the flow counts; those over the sessions only tidy up. */
const FLOW_PASS_MS = 500;
const SESSION_PASS_MS = 10_000;
/** Nothing wakes a worker that waits for its first image. */
const IMAGE_WAIT_MS = 5;
/** For so long after a start packets may come by other ways than before. */
const SETTLING_TICKS = 10 * TICKS_PER_SECOND;

/**
 * A worker's life: open the queue, wait for an image, serve until told to stop. Blocks the thread.
 * @param ready called when packets are being served
 */
export function runWorker(setup: WorkerSetup, ready: () => void): void {
  const { status } = setup.memory;
  if (setup.cpu !== undefined) {
    const library = nativeLibrary(setup.library);
    library.check(library.calls.pin(setup.cpu));
  }
  const queue = openQueue(setup);
  const follower = new ImageFollower(setup.feed);
  const image = firstImage(follower, status);
  if (image !== undefined) {
    const engine = openEngine(setup, image, queue);
    engine.peers.settlingUntil = (monotonicClock() + SETTLING_TICKS) | 0;
    follower.acknowledge(image);
    Atomics.store(status, Status.STATE, WorkerState.RUNNING);
    ready();
    const now = performance.now();
    workerLoop({
      engine,
      queue,
      follower,
      flowSweep: new FlowSweep(engine.flows, FLOW_PASS_MS, now, setup.memory.flowCounts),
      sessionSweep: new FlowSweep(engine.sessions.table, SESSION_PASS_MS, now),
      status,
      gauges: setup.memory.gauges,
    });
  }
  queue.close();
  Atomics.store(status, Status.STATE, WorkerState.ENDED);
}

/** Undefined when told to stop before there is one. */
function firstImage(follower: ImageFollower, status: Int32Array): Image | undefined {
  while (Atomics.load(status, Status.COMMAND) === Command.RUN) {
    const image = follower.poll();
    if (image !== undefined) return image;
    Atomics.wait(status, Status.COMMAND, Command.RUN, IMAGE_WAIT_MS);
  }
  return undefined;
}

function openEngine(setup: WorkerSetup, image: Image, source: ReturnType<typeof openQueue>): Engine {
  const { memory, flowTableLines, secret, library } = setup;
  const view = ({ words, side }: SessionMemory) => ({ memory: wordsOf(words, library), side: wordsOf(side, library) });
  const sessions = new NatSessions(flowTableLines, secret, view(memory.sessions));
  sessions.index = setup.index;
  sessions.peers = setup.peers.map((peer) => NatSessions.tableIn(flowTableLines, secret, view(peer.sessions)));
  // Threads before this one may have given flows other ports: they have to be looked for.
  if (setup.inherited || memory.status[Status.STARTS] > 1) sessions.translated = 1;
  return new Engine({
    image,
    source,
    flowTableLines,
    secret,
    counters: new Counters(memory.counters),
    flowMemory: wordsOf(memory.flows, library),
    ...(memory.flowDetails && { flowDetails: wordsOf(memory.flowDetails, library) }),
    tap: memory.tap,
    ...(setup.nativeStages && { fastStages: nativeStages(nativeLibrary(library)) }),
    sessions,
    peers: setup.peers.map(
      (peer) => new FlowTable({ lines: flowTableLines, secret, memory: wordsOf(peer.flows, library) }),
    ),
  });
}
