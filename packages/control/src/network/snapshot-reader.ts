import type { IpProgram } from './ip-program.js';
import { readLinks } from './read-links.js';
import { readNeighbours } from './read-neighbours.js';
import { readRoutes } from './read-routes.js';
import { EMPTY_SNAPSHOT, type KernelTable, type NetworkSnapshot } from './snapshot.js';

const COMMANDS: Readonly<Record<KernelTable, readonly (readonly string[])[]>> = {
  links: [['-j', 'address', 'show']],
  routes: [
    ['-j', '-4', 'route', 'show', 'table', 'main'],
    ['-j', '-6', 'route', 'show', 'table', 'main'],
  ],
  neighbours: [['-j', 'neigh', 'show', 'nud', 'all']],
};

const PARSERS = {
  links: ([text]: readonly string[]) => readLinks(text),
  routes: ([text4, text6]: readonly string[]) => [...readRoutes(text4, 4), ...readRoutes(text6, 6)],
  neighbours: ([text]: readonly string[]) => readNeighbours(text),
} as const satisfies { [T in KernelTable]: (texts: readonly string[]) => NetworkSnapshot[T] };

export interface Reading {
  readonly snapshot: NetworkSnapshot;
  readonly changed: ReadonlySet<KernelTable>;
  /** The kernel said that a table changed while it was being told. */
  readonly interrupted: boolean;
}

/** Reads tables of the kernel and says which have changed since the last time. */
export class SnapshotReader {
  readonly #ip: IpProgram;
  readonly #texts = new Map<KernelTable, readonly string[]>();
  #snapshot: NetworkSnapshot = EMPTY_SNAPSHOT;

  constructor(ip: IpProgram) {
    this.#ip = ip;
  }

  /**
   * Reads the tables side by side; nothing changes if one of them fails. Not to be called again before it ends.
   * @throws LbError LB_NET_…
   */
  async read(tables: Iterable<KernelTable>, signal?: AbortSignal): Promise<Reading> {
    const readings = await Promise.all([...tables].map((table) => this.#readTable(table, signal)));
    const changed = new Set<KernelTable>();
    const next: { -readonly [T in KernelTable]: NetworkSnapshot[T] } = { ...this.#snapshot };
    for (const { table, texts, content } of readings) {
      this.#texts.set(table, texts);
      if (content === undefined) continue;
      // Texts differ in what does not matter too: the remaining life time of an address, the order of neighbours.
      if (JSON.stringify(content[table]) === JSON.stringify(this.#snapshot[table])) continue;
      Object.assign(next, content);
      changed.add(table);
    }
    if (changed.size > 0) this.#snapshot = next;
    return { snapshot: this.#snapshot, changed, interrupted: readings.some((reading) => reading.interrupted) };
  }

  async #readTable(table: KernelTable, signal: AbortSignal | undefined) {
    const run = (command: readonly string[]) => this.#ip.run(command, signal === undefined ? {} : { signal });
    const outputs = await Promise.all(COMMANDS[table].map(run));
    const texts = outputs.map(({ stdout }) => stdout);
    const last = this.#texts.get(table);
    const same = last !== undefined && texts.every((text, i) => text === last[i]);
    const content: Partial<NetworkSnapshot> | undefined = same ? undefined : { [table]: PARSERS[table](texts) };
    return { table, texts, content, interrupted: outputs.some(({ stderr }) => stderr.includes('interrupted')) };
  }
}
