// Build time of new-flow tables and the buckets a change moves: one JSON line per case.
//   npx tsc -b packages/core && node packages/core/bench/maglev-table.mjs
import { cpus } from 'node:os';
import { buildMaglevTable, diffTables } from '../dist/index.js';

const machine = `${cpus()[0].model}, Node ${process.version}`;

const WEIGHTS = {
  equal: () => 100,
  mixed: (i) => [100, 100, 50, 25, 10, 1][i % 6],
};

const CHANGES = {
  remove: (ass, at) => ass.filter((_, i) => i !== at),
  '100 to 50': (ass, at) => ass.map((as, i) => (i === at ? { ...as, weight: 50 } : as)),
};

function assOf(count, set, weightOf) {
  return Array.from({ length: count }, (_, i) => ({
    address: { family: 4, bytes: Uint8Array.of(10, set, i >> 8, i & 0xff) },
    weight: weightOf(i),
  }));
}

function print(name, unit, values) {
  const sorted = [...values].sort((a, b) => a - b);
  const round = (x) => Number(x.toFixed(2));
  const [value, min, max] = [sorted[sorted.length >> 1], sorted[0], sorted.at(-1)].map(round);
  const mean = round(sorted.reduce((a, b) => a + b) / sorted.length);
  console.log(JSON.stringify({ name, unit, value, mean, n: sorted.length, min, max, machine }));
}

for (const [weights, weightOf] of Object.entries(WEIGHTS)) {
  for (const [count, newLen, runs] of [
    [1000, 65536, 25],
    [10000, 1048576, 5],
  ]) {
    const ass = assOf(count, 0, weightOf);
    const times = [];
    for (let run = -3; run < runs; run++) {
      const start = performance.now();
      buildMaglevTable(ass, newLen);
      // The first runs, before the code is compiled, don't count.
      if (run >= 0) times.push(performance.now() - start);
    }
    print(`build ${count} x ${newLen}, ${weights} weights`, 'ms', times);
  }
  for (const [change, apply] of Object.entries(CHANGES)) {
    for (const [count, newLen] of [
      [5, 1024],
      [16, 1024],
      [100, 1024],
      [5, 65536],
      [16, 65536],
      [100, 65536],
      [1000, 65536],
    ]) {
      const unrelated = [];
      for (let set = 0; set < (newLen > 1024 ? 10 : 60); set++) {
        const ass = assOf(count, set, weightOf);
        // Every sixth AS has weight 100 in both mixtures.
        const at = ((set * 6) % count) - (((set * 6) % count) % 6);
        const changed = apply(ass, at);
        const before = buildMaglevTable(ass, newLen);
        const after = buildMaglevTable(changed, newLen);
        const { flows } = diffTables({ table: before, ass }, { table: after, ass: changed });
        // An AS that only changes its weight is no bystander either; indexes are equal before and after then.
        const bystanders = flows.filter(({ from, to }) => from !== at && (change === 'remove' || to !== at));
        unrelated.push(bystanders.reduce((sum, { buckets }) => sum + buckets, 0));
      }
      print(`unrelated moves, ${change}, ${count} ASs of ${weights} weights, ${newLen} buckets`, 'buckets', unrelated);
    }
  }
}
