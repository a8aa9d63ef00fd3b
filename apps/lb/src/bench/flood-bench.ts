import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { EngineCase } from './engine-case.js';
import { TABLE_STATES, type TableStateName } from './flood-run.js';
import type { FloodQuestion } from './flood-thread.js';
import { type Figure, figure, median, rounded } from './statistics.js';

/** Processor time of a packet while a flood of SYNs comes. */
export interface FloodFigure extends Figure {
  /** Part of the packets that are of the flood. */
  readonly flood: number;
  readonly table: TableStateName;
  /** Live entries of the flow table by its capacity, 0 to 1. */
  readonly occupancy: number;
  /** By that of the half full table, median of neighbours in time. */
  readonly growth: number;
  readonly stages: EngineCase['stages'];
}

const ROUNDS = 20;
const FLOODS = [0, 0.5, 1];

/**
 * Measures what a packet costs with a table half full of established connections, and with the same table when a flood of SYNs of
 * random sources has nearly filled it, or filled it: packets of these connections alone, half of them, and the flood alone. All take turns.
 * @param seconds measured for each
 */
export async function benchFlood(
  stages: EngineCase['stages'],
  seconds: number,
  onStep: (text: string) => void,
): Promise<FloodFigure[]> {
  onStep('warming up');
  const thread = new Worker(new URL('./flood-thread.js', import.meta.url), { workerData: stages });
  const ask = async <Answer>(question: FloodQuestion): Promise<Answer> => {
    thread.postMessage(question);
    // An error of the thread rejects this.
    const [answer] = (await once(thread, 'message')) as [Answer];
    return answer;
  };
  try {
    const occupancy = await ask<Record<TableStateName, number>>('occupancy');
    const samples = FLOODS.map(() => new Map(TABLE_STATES.map((state) => [state, [] as number[]])));
    for (let round = 0; round <= ROUNDS; round++) {
      onStep(`round ${round} of ${ROUNDS}`);
      for (const [i, flood] of FLOODS.entries()) {
        for (const state of TABLE_STATES) {
          const ns = await ask<number>({ flood, state, ms: (seconds * 1000) / ROUNDS });
          // The first round still warms up.
          if (round > 0) samples[i]!.get(state)!.push(ns);
        }
      }
    }
    return FLOODS.flatMap((flood, i) =>
      TABLE_STATES.map((table) => {
        const values = samples[i]!.get(table)!;
        const beside = samples[i]!.get('half')!;
        return {
          ...figure(`flood ${flood * 100} %, table ${table}`, 'ns', values),
          flood,
          table,
          occupancy: rounded(occupancy[table]),
          growth: rounded(median(values.map((ns, round) => ns / beside[round]!))),
          stages,
        };
      }),
    );
  } finally {
    await thread.terminate();
  }
}
