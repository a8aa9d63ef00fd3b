import * as z from 'zod';
import { count, moment } from './common.js';
import type { DeepReadonly } from './deep-readonly.js';
import { problemSchema } from './problem.js';

/** Who the daemon is and how it is. */
export const statusSchema = z
  .object({
    version: z.string(),
    pid: z.int(),
    hostname: z.string(),
    startedAt: moment,
    uptimeSec: count,
    mode: z.enum(['embedded', 'live']).meta({ description: 'generated traffic, or real interfaces' }),
    interfaces: z.array(z.object({ name: z.string(), kind: z.string() })),
    workers: z.int(),
    revision: z.int().meta({ description: 'number of the desired configuration' }),
    image: z.object({
      revision: z.int().meta({ description: 'latest image of tables; network changes make new ones, too' }),
      acknowledged: z.int().meta({ description: 'the image that all workers use' }),
    }),
    stateDir: z.string().nullable().meta({ description: 'where revisions are kept; null: in memory only' }),
    findings: z.array(problemSchema).meta({ description: 'what was odd at the start, such as a damaged revision' }),
    vips: z.int(),
    ass: z.int(),
    flows: count,
    failing: z.int().meta({ description: 'ASs that fail their health check' }),
  })
  .meta({ id: 'Status' });

export type Status = DeepReadonly<z.output<typeof statusSchema>>;

export const workerViewSchema = z
  .object({
    worker: z.int(),
    state: z.string().meta({ description: 'running, starting, …' }),
    starts: z.int().meta({ description: 'threads started; more than one: it died' }),
    busyMs: count.meta({ description: 'milliseconds spent on packets' }),
    aliveMs: count,
    waits: count.meta({ description: 'times it went to sleep' }),
    received: count.meta({ description: 'packets' }),
    bursts: count.meta({ description: 'bursts of packets: received / bursts is how full they are' }),
    held: count.meta({ description: 'fragments held just now' }),
    unsent: count,
    unpunted: count,
    queues: z.array(
      z.object({
        interface: z.string(),
        kind: z.string(),
        receiveQueue: z.int(),
        counters: z.record(z.string(), z.number()),
      }),
    ),
  })
  .meta({ id: 'Worker' });

export type WorkerView = DeepReadonly<z.output<typeof workerViewSchema>>;
