import type { FlowView } from '@lb/control/client';

/** How many flows are of an age. */
export interface AgeCount {
  readonly name: string;
  readonly flows: number;
}

const CLASSES = [
  [1, 'below 1 s'],
  [10, '1 to 10 s'],
  [60, '10 to 60 s'],
  [600, '1 to 10 min'],
  [3600, '10 to 60 min'],
  [Number.POSITIVE_INFINITY, 'above 1 h'],
] as const;

/** How long ago flows were given to their ASs; those of which it is not known come last, if there are any. */
export function countAges(flows: readonly Pick<FlowView, 'ageSec'>[]): readonly AgeCount[] {
  const counts = CLASSES.map(() => 0);
  let unknown = 0;
  for (const { ageSec } of flows) {
    if (ageSec === null) unknown++;
    else counts[CLASSES.findIndex(([below]) => ageSec < below)]!++;
  }
  const known = CLASSES.map(([, name], i) => ({ name, flows: counts[i]! }));
  return unknown === 0 ? known : [...known, { name: 'not known', flows: unknown }];
}
