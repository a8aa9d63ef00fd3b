import { CaseClient } from './case-client.js';
import type { EngineCase, TableState, Window } from './engine-case.js';
import { type Figure, figure, median, rounded } from './statistics.js';
import type { VipType } from './vip-types.js';

/** The JSON of a case, without the machine. */
export interface EngineFigure extends Figure, TableState {
  /** Of the whole loop: the generator's time is in it. */
  readonly totalMpps: number;
  /** Of the same work in plain C, the engine's share of it, and of a copy of the frames; where they are built. */
  readonly limitMpps?: number;
  readonly ofLimit?: number;
  readonly copyMpps?: number;
  readonly stages: EngineCase['stages'];
  readonly encap: string;
  readonly vipType: VipType;
  readonly flows: number;
  readonly packetSize: number;
  /** Of the VIP, 0 for one of all ports. */
  readonly port: number;
  readonly protocol: EngineCase['protocol'];
}

/** Windows measured for each case. */
export const ROUNDS = 20;
/** Cases that take turns: each holds its tables, which for millions of flows are large. */
const TABLES_BYTES = 1 << 30;
const BYTES_A_FLOW = 512;

/**
 * Measures cases in turns, a window each, so that a disturbance of the machine hits all of them alike. More cases than
 * there is room for take turns in groups.
 * @param seconds measured for each case
 * @param onFigure gets each figure when it is there
 */
export async function benchEngines(
  cases: readonly EngineCase[],
  seconds: number,
  onStep: (text: string) => void,
  onFigure: (figure: EngineFigure) => void = () => {},
): Promise<EngineFigure[]> {
  const figures: EngineFigure[] = [];
  for (const group of groupsOf(cases)) {
    for (const measured of await benchGroup(group, seconds, onStep)) {
      onFigure(measured);
      figures.push(measured);
    }
  }
  return figures;
}

function groupsOf(cases: readonly EngineCase[]): EngineCase[][] {
  const groups: EngineCase[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const one of cases) {
    const needed = one.flows * BYTES_A_FLOW + (32 << 20);
    if (bytes + needed > TABLES_BYTES) {
      groups.push([]);
      bytes = 0;
    }
    bytes += needed;
    groups.at(-1)!.push(one);
  }
  return groups;
}

async function benchGroup(
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
  const { type, flows, packetSize, port, protocol, stages } = about;
  const more = `${port === 0 ? '' : `, port ${port}`}${protocol === 'udp' ? '' : `, ${protocol}`}`;
  const name = `engine ${type}, ${flows} flows, ${packetSize} bytes${more}`;
  const limits = windows.flatMap(({ limit }) => limit ?? []);
  const copies = windows.flatMap(({ copy }) => copy ?? []);
  // Neighbours in time: what disturbs one disturbs the other.
  const quotients = windows.flatMap(({ engine, limit }) => (limit === undefined ? [] : engine / limit));
  return {
    ...figure(
      name,
      'Mpps',
      windows.map(({ engine }) => engine),
    ),
    totalMpps: rounded(median(windows.map(({ total }) => total))),
    ...(limits.length > 0 && {
      limitMpps: rounded(median(limits)),
      ofLimit: rounded(median(quotients)),
      copyMpps: rounded(median(copies)),
    }),
    stages,
    encap: type.slice(type.indexOf('-') + 1),
    vipType: type,
    flows,
    packetSize,
    port,
    protocol,
    occupancy: rounded(occupancy),
    untracked,
  };
}
