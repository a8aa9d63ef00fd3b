import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { LbError } from './errors.js';
import { alignedWords, ENTRIES_PER_LINE, FlowTable, LINE_WORDS } from './flow-table.js';

const secret = [0x1234, 0x5678, 0x9abc, 0xdef1] as const;
const TIMEOUT = 640;

function table(lines: number, sideWords = 0): FlowTable {
  return new FlowTable({ lines, secret, sideWords });
}

/** Spread identities: xorshift64*-like, good enough to fill a table evenly. */
function identities(count: number, seed = 1): Int32Array {
  const ids = new Int32Array(count * 2);
  let [x, y] = [seed | 0, 0x9e3779b9 | 0];
  for (let i = 0; i < ids.length; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    y = (y + 0x6d2b79f5) | 0;
    ids[i] = Math.imul(x ^ (y >>> 7), 0x85ebca6b) ^ y;
  }
  return ids;
}

describe('flow table', () => {
  it('finds what was entered, refreshes it and lets it expire', () => {
    const t = table(16);
    expect(t.find(1, 2, 0)).toBe(-1);
    const at = t.insert(1, 2, 0, TIMEOUT, 7);
    expect(t.valueAt(t.find(1, 2, 0))).toBe(7);
    expect(t.find(1, 3, 0)).toBe(-1);
    expect(t.find(2, 2, 0)).toBe(-1);
    expect(t.find(1, 2, TIMEOUT - 1)).toBe(at);
    t.refresh(at, TIMEOUT - 1 + TIMEOUT);
    expect(t.find(1, 2, TIMEOUT)).toBe(at);
    expect(t.find(1, 2, 2 * TIMEOUT - 1)).toBe(-1);
  });

  it('survives the wrap of its clock', () => {
    for (const start of [0xffffff00, 0x7fffff00]) {
      const t = table(16);
      const expiry = (start + TIMEOUT) | 0;
      const at = t.insert(5, 6, start | 0, expiry, 1);
      expect(t.find(5, 6, (start + TIMEOUT - 1) | 0)).toBe(at);
      expect(t.find(5, 6, (start + TIMEOUT) | 0)).toBe(-1);
      expect(t.insert(5, 6, (start + TIMEOUT) | 0, (start + 2 * TIMEOUT) | 0, 2)).toBe(at);
      expect(t.valueAt(t.find(5, 6, (start + TIMEOUT + 1) | 0))).toBe(2);
    }
  });

  it('clears by sweeping what a wrap would bring back to life', () => {
    const t = table(4);
    t.insert(1, 1, 0, TIMEOUT, 3);
    expect(t.sweep(0, 4, TIMEOUT)).toBe(0);
    // Nearly a full turn of the clock later the old expiry would look like the future again.
    expect(t.find(1, 1, (TIMEOUT - 1) | 0)).toBe(-1);
  });

  it('counts live entries by value while sweeping', () => {
    const t = table(64);
    for (let k = 0; k < 30; k++) t.insert(k, k * 7, 0, k < 20 ? TIMEOUT : 1, 0x5000000 | (1 + (k % 3)));
    const counts = new Uint32Array(4);
    expect(t.sweep(0, 64, 1, counts)).toBe(20);
    expect([...counts]).toEqual([0, 7, 7, 6]);
  });

  it('counts live entries by the two bits of their state, whatever else is in the value', () => {
    const t = table(64);
    for (let k = 0; k < 30; k++) {
      t.insert(k, k * 7, 0, k < 20 ? TIMEOUT : 1, 0x0f000001 | ([0, 0x10000000, 0x60000000, 0xf0000000][k % 4] | 0));
    }
    const states = new Uint32Array(4);
    expect(t.sweep(0, 64, 1, undefined, states)).toBe(20);
    expect([...states]).toEqual([5, 5, 5, 5]);
  });

  it('never answers for another flow and holds every flow it accepted, as a plain map does', () => {
    const operation = fc.record({ id: fc.nat(40), step: fc.nat(200), value: fc.integer({ min: 1, max: 9 }) });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 300 }), fc.constantFrom(1, 2, 8), (operations, lines) => {
        const t = table(lines, 1);
        const oracle = new Map<number, { value: number; expiry: number }>();
        let now = 0xfffffe00;
        for (const { id, step, value } of operations) {
          now += step;
          t.allowMoves();
          const [lo, hi] = [Math.imul(id, 0x9e3779b1), id];
          const want = oracle.get(id);
          const live = want !== undefined && want.expiry > now;
          const at = t.find(lo, hi, now | 0);
          expect(at >= 0).toBe(live);
          if (at >= 0) {
            expect(t.valueAt(at)).toBe(want!.value);
            expect(t.side[t.sideAt(at)]).toBe(id);
            t.refresh(at, (now + TIMEOUT) | 0);
            want!.expiry = now + TIMEOUT;
            continue;
          }
          const entered = t.insert(lo, hi, now | 0, (now + TIMEOUT) | 0, value);
          if (entered < 0) {
            expect([...oracle.values()].filter((e) => e.expiry > now).length).toBeGreaterThanOrEqual(ENTRIES_PER_LINE);
            oracle.delete(id);
            continue;
          }
          t.side[t.sideAt(entered)] = id;
          oracle.set(id, { value, expiry: now + TIMEOUT });
        }
      }),
    );
  });

  it('turns away fewer than 1 flow in 100,000 at half load, and fewer than 1 in 100 at 90 %', () => {
    for (const [load, most] of [
      [0.5, 1 / 100_000],
      [0.9, 1 / 100],
    ]) {
      const lines = 1 << 15;
      const flows = Math.floor(lines * ENTRIES_PER_LINE * load);
      const ids = identities(flows);
      const t = table(lines);
      let untracked = 0;
      for (let k = 0; k < flows; k++) {
        t.allowMoves();
        if (t.insert(ids[2 * k], ids[2 * k + 1], 0, TIMEOUT, 1) < 0) untracked++;
      }
      expect(t.sweep(0, lines, 1)).toBe(flows - untracked);
      expect(untracked / flows).toBeLessThan(most);
    }
  });

  it('says no when both lines are full, and takes the flow once an entry has expired', () => {
    const t = table(1);
    for (let k = 0; k < ENTRIES_PER_LINE; k++) expect(t.insert(k, 0, 0, TIMEOUT + k, 1)).toBeGreaterThanOrEqual(0);
    expect(t.insert(99, 0, TIMEOUT - 1, 2 * TIMEOUT, 1)).toBe(-1);
    expect(t.insert(99, 0, TIMEOUT, 2 * TIMEOUT, 1)).toBe(0);
  });

  it('looks at no more entries than allowed when making room', () => {
    const lines = 64;
    const ids = identities(4 * lines);
    const full = table(lines);
    for (let k = 0; k < 4 * lines; k++) full.insert(ids[2 * k], ids[2 * k + 1], 0, TIMEOUT, 1);
    full.allowMoves(0);
    const before = full.words.slice();
    const more = identities(500, 99);
    for (let k = 0; k < 500; k++) {
      const at = full.insert(more[2 * k], more[2 * k + 1], 0, TIMEOUT, 1);
      if (at < 0) continue;
      // Only free places may have been taken: no entry moved.
      for (let w = 0; w < 4; w++) before[at + 4 * w] = full.words[at + 4 * w];
    }
    expect(full.words).toEqual(before);
  });

  it('takes lines of 64 bytes that start on a page, from memory given or its own', () => {
    const words = alignedWords(1 << 15);
    expect(words.length).toBe(1 << 15);
    const memory = new Int32Array(4 * LINE_WORDS);
    const t = new FlowTable({ lines: 4, secret, memory });
    t.insert(1, 2, 0, TIMEOUT, 9);
    expect(memory.some((w) => w === 9)).toBe(true);
    // A table over the same memory and with the same secret goes on where the first stopped.
    expect(new FlowTable({ lines: 4, secret, memory }).find(1, 2, 0)).toBeGreaterThanOrEqual(0);
  });

  it('refuses sizes that are no power of two and memory that does not fit', () => {
    for (const lines of [0, 3, -4, 1.5, 1 << 25, Number.NaN]) {
      expect(() => table(lines)).toThrow(LbError);
    }
    const memory = new Int32Array(5);
    expect(() => new FlowTable({ lines: 1, memory })).toThrow(
      expect.objectContaining({ code: 'LB_FLOW_TABLE_MEMORY' }),
    );
  });
});

describe('an entry of a table that another thread writes', () => {
  const entered = () => {
    const table = new FlowTable({ lines: 1 });
    return { table, at: table.insert(1, 2, 0, TIMEOUT, 7) };
  };

  it('can be ended', () => {
    const { table, at } = entered();
    table.endShared(at, 1, 2, 5);
    expect(table.find(1, 2, 4)).toBe(at);
    expect(table.find(1, 2, 5)).toBe(-1);
  });

  it('stays if its place has become another flow’s', () => {
    const { table, at } = entered();
    table.endShared(at, 1, 3, 5);
    table.endShared(at, 3, 2, 5);
    expect(table.find(1, 2, 5)).toBe(at);
  });

  it('stays if its owner keeps it at the same time', () => {
    const { table, at } = entered();
    // The owner comes between the two looks at identity and the exchange.
    const { load } = Atomics;
    const looks = vi.spyOn(Atomics, 'load').mockImplementation(((words: Int32Array, index: number) => {
      const value = load(words, index);
      if (index === at + 4) table.refresh(at, 2 * TIMEOUT);
      return value;
    }) as typeof Atomics.load);
    table.endShared(at, 1, 2, 5);
    looks.mockRestore();
    expect(table.expiryAt(at)).toBe(2 * TIMEOUT);
  });
});

describe('a full flow table', () => {
  const lines = 1 << 12;

  /** Fills a table until nothing finds room any more, in bursts of 256; returns it and how many words the last burst has read. */
  function full(): { table: FlowTable; readsOf: (burst: number) => number } {
    let reads = 0;
    const words = new Int32Array(lines * LINE_WORDS);
    const memory = new Proxy(words, {
      get(target, name) {
        if (typeof name === 'string' && name !== 'length') reads++;
        return Reflect.get(target, name, target);
      },
    });
    const ids = identities(lines * ENTRIES_PER_LINE * 8, 5);
    const made = new FlowTable({ lines, secret, memory });
    const readsOf = (burst: number) => {
      reads = 0;
      made.allowMoves();
      for (let k = burst * 256; k < (burst + 1) * 256; k++) made.insert(ids[2 * k]!, ids[2 * k + 1]!, 0, TIMEOUT, 1);
      return reads;
    };
    for (let burst = 0; burst < 400; burst++) readsOf(burst);
    return { table: made, readsOf };
  }

  it('is not searched in vain for entries that could move', () => {
    const { table: t, readsOf } = full();
    expect(t.sweep(0, lines, 1) / (lines * ENTRIES_PER_LINE)).toBeGreaterThan(0.998);
    // Both lines of 256 flows, which takes three words an entry, and four entries looked at: two words, and another line.
    const most = 256 * 2 * ENTRIES_PER_LINE * 3 + 4 * (2 + ENTRIES_PER_LINE * 3);
    expect(readsOf(401)).toBeLessThanOrEqual(most);
  });

  it('is searched again when there is room', () => {
    const { table: t } = full();
    let k = 0;
    const fill = (flows: number) => {
      const ids = identities(flows, 77);
      let away = 0;
      for (k = 0; k < flows; k++) {
        if (k % 16 === 0) t.allowMoves();
        if (t.insert(ids[2 * k]!, ids[2 * k + 1]!, TIMEOUT, 2 * TIMEOUT, 1) < 0) away++;
      }
      return away / flows;
    };
    // All have expired: as in a fresh table hardly a flow is turned away at 90 %.
    t.sweep(0, lines, TIMEOUT);
    expect(fill(Math.floor(lines * ENTRIES_PER_LINE * 0.9))).toBeLessThan(1 / 100);
  });
});
