import { buildMaglevTable, buildVppTable } from '@lb/core';
import { type Figure, figure } from './statistics.js';
import { servers } from './vip-types.js';

export interface BuildFigure extends Figure {
  readonly table: 'maglev' | 'vpp';
  readonly ass: number;
  readonly newLen: number;
}

const ROUNDS = 15;
const WARM_UP_ROUNDS = 5;

const BUILDERS = [
  ['maglev', buildMaglevTable],
  ['vpp', buildVppTable],
] as const;

/** Times the building of a new-flow table of `newLen` buckets (a power of two) for `count` servers, in both ways and in turns. */
export function benchBuild(count: number, newLen: number): BuildFigure[] {
  const ass = servers(4, count);
  const samples = BUILDERS.map((): number[] => []);
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    BUILDERS.forEach(([, build], i) => {
      const start = performance.now();
      build(ass, newLen);
      if (round >= WARM_UP_ROUNDS) samples[i]!.push(performance.now() - start);
    });
  }
  return BUILDERS.map(([table], i) => ({
    ...figure(`build table ${table}, ${count} servers, ${newLen} buckets`, 'ms', samples[i]!),
    table,
    ass: count,
    newLen,
  }));
}
