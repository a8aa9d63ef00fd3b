import { buildMaglevTable, buildVppTable } from '@lb/core';
import { type Figure, figure } from './statistics.js';
import { servers } from './vip-types.js';

export interface BuildFigure extends Figure {
  readonly table: 'maglev' | 'vpp';
  readonly ass: number;
  readonly newLen: number;
}

const ASS = 1000;
const NEW_LEN = 65536;
const ROUNDS = 15;
const WARM_UP_ROUNDS = 5;

const BUILDERS = [
  ['maglev', buildMaglevTable],
  ['vpp', buildVppTable],
] as const;

/** Times the building of a new-flow table of 65,536 buckets for 1,000 servers, in both ways and in turns. */
export function benchBuild(): BuildFigure[] {
  const ass = servers(4, ASS);
  const samples = BUILDERS.map((): number[] => []);
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    BUILDERS.forEach(([, build], i) => {
      const start = performance.now();
      build(ass, NEW_LEN);
      if (round >= WARM_UP_ROUNDS) samples[i]!.push(performance.now() - start);
    });
  }
  return BUILDERS.map(([table], i) => ({
    ...figure(`build table ${table}, ${ASS} servers, ${NEW_LEN} buckets`, 'ms', samples[i]!),
    table,
    ass: ASS,
    newLen: NEW_LEN,
  }));
}
