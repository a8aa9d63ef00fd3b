import { readFileSync } from 'node:fs';
import { readLinks } from './read-links.js';
import { readNeighbours } from './read-neighbours.js';
import { readRoutes } from './read-routes.js';
import type { NetworkSnapshot } from './snapshot.js';

/** Output of a real iproute2 on a real kernel, made by testdata/record.sh, which also says what the network is like. */
export function recording(file: string): string {
  return readFileSync(new URL(`testdata/${file}`, import.meta.url), 'utf8');
}

/** All of a recorded moment. */
export function recordedSnapshot(moment: 'all-up' | 'west-no-carrier'): NetworkSnapshot {
  return {
    links: readLinks(recording(`${moment}/address.out`)),
    routes: [...readRoutes(recording(`${moment}/route4.out`), 4), ...readRoutes(recording(`${moment}/route6.out`), 6)],
    neighbours: readNeighbours(recording(`${moment}/neigh.out`)),
  };
}
