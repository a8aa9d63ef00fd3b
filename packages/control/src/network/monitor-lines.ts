import { KERNEL_TABLES, type KernelTable } from './snapshot.js';

/**
 * Which tables to read again after a line of `ip monitor label`. A link takes routes and neighbours with it, and the
 * kernel does not tell those of IPv4; a new address brings a route.
 */
const TABLES: Readonly<Record<string, readonly KernelTable[]>> = {
  LINK: KERNEL_TABLES,
  ADDR: ['links', 'routes'],
  ROUTE: ['routes'],
  NEXTHOP: ['routes'],
  NEIGH: ['neighbours'],
};

const LABEL = /^\[([A-Z]+)\]/;
const LONGEST_LINE = 65_536;

/** Makes lines of a stream of text, and of each line the tables that have changed. */
export class MonitorLines {
  #rest = '';

  /** The tables to read again after this piece of text. A line counts when its end has come. */
  push(text: string): ReadonlySet<KernelTable> {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    const tables = new Set<KernelTable>();
    if (this.#rest.length > LONGEST_LINE) {
      this.#rest = '';
      lines.push('');
    }
    for (const line of lines) {
      // What has no label that we know may mean anything.
      for (const table of TABLES[LABEL.exec(line)?.[1] ?? ''] ?? KERNEL_TABLES) tables.add(table);
    }
    return tables;
  }
}
