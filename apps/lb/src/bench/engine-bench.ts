import { CaseClient } from './case-client.js';
import type { EngineCase, TableState, Window } from './engine-case.js';
import { type Figure, figure, median, rounded } from './statistics.js';
import type { VipType } from './vip-types.js';

/** The JSON of a case, without the machine. */
export interface EngineFigure extends Figure, TableState {
  /** Of the whole loop: the generator's time is in it. */
  readonly totalMpps: number;
  readonly encap: string;
  readonly vipType: VipType;
  readonly flows: number;
  readonly packetSize: number;
}

/** Windows measured for each case. */
export const ROUNDS = 10;

/**
 * Measures cases in turns, a window each, so that a disturbance of the machine hits all of them alike.
 * @param seconds measured for each case
 */
export async function benchEngines(
  cases: readonly EngineCase[],
  seconds: number,
  onStep: (text: string) => void,
): Promise<EngineFigure[]> {
  const runs: { client: CaseClient; windows: Window[] }[] = [];
  try {
    for (const [i, about] of cases.entries()) {
      onStep(`warming up ${i + 1} of ${cases.length}`);
      const client = new CaseClient(about);
      runs.push({ client, windows: [] });
      await client.measure(1);
    }
    for (let round = 1; round <= ROUNDS; round++) {
      onStep(`round ${round} of ${ROUNDS}`);
      for (const { client, windows } of runs) windows.push(await client.measure((seconds * 1000) / ROUNDS));
    }
    const figures: EngineFigure[] = [];
    for (const { client, windows } of runs) figures.push(figureOf(client.about, windows, await client.state()));
    return figures;
  } finally {
    for (const { client } of runs) await client.end();
  }
}

function figureOf(about: EngineCase, windows: readonly Window[], { occupancy, untracked }: TableState): EngineFigure {
  const { type, flows, packetSize } = about;
  // Packets per microsecond are millions per second.
  const engine = windows.map(({ packets, engineMs }) => packets / (engineMs * 1000));
  const total = windows.map(({ packets, totalMs }) => packets / (totalMs * 1000));
  return {
    ...figure(`engine ${type}, ${flows} flows, ${packetSize} bytes`, 'Mpps', engine),
    totalMpps: rounded(median(total)),
    encap: type.slice(type.indexOf('-') + 1),
    vipType: type,
    flows,
    packetSize,
    occupancy: rounded(occupancy),
    untracked,
  };
}
