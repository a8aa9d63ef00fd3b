import { expect, it } from 'vitest';
import { ENTRIES_PER_LINE, FlowTable, LINE_WORDS } from './flow-table.js';

const LINES = 64;
const VALUE = 3 * ENTRIES_PER_LINE;

/** A table, and every store into its words: index and value. */
function recorded(): { table: FlowTable; stores: [number, number][] } {
  const stores: [number, number][] = [];
  const memory = new Proxy(new Int32Array(LINES * LINE_WORDS), {
    get: (words, name) => Reflect.get(words, name, words),
    set(words, name, value) {
      stores.push([Number(name), value]);
      return Reflect.set(words, name, value, words);
    },
  });
  return {
    table: new FlowTable({ lines: LINES, secret: [0x2f6e2b1a, 0x5d1c9e37, 0x71b4a0d3, 0x1f83d9ab], memory }),
    stores,
  };
}

/** What is stored into the words of each entry, in order: the word within the entry, and for the value what it is. */
function byEntry(stores: readonly [number, number][]): Map<number, string[]> {
  const entries = new Map<number, string[]>();
  for (const [index, value] of stores) {
    const line = index - (index % LINE_WORDS);
    const word = Math.floor((index % LINE_WORDS) / ENTRIES_PER_LINE);
    const at = line + (index % ENTRIES_PER_LINE);
    const text = word * ENTRIES_PER_LINE === VALUE ? `value ${value}` : `word ${word}`;
    entries.set(at, [...(entries.get(at) ?? []), text]);
  }
  return entries;
}

it('an entry has no value while its identity changes, be it entered or moved: other threads read it', () => {
  const { table, stores } = recorded();
  let moves = 0;
  for (let k = 1; k <= 3 * LINES; k++) {
    stores.length = 0;
    table.allowMoves();
    const value = 1000 + k;
    // Some find no room in the end.
    if (table.insert(Math.imul(k, 0x9e3779b1), k, 0, 100, value) < 0) continue;
    const entries = [...byEntry(stores).values()];
    moves += entries.length - 1;
    for (const order of entries) {
      expect(order).toEqual(['value 0', 'word 0', 'word 1', 'word 2', expect.stringMatching(/^value [1-9]/)]);
    }
  }
  expect(moves).toBeGreaterThan(5);
});
