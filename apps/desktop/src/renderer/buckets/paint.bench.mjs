// Time to colour and draw a map of buckets into memory, as every frame does: one JSON line per case.
//   node apps/desktop/src/renderer/buckets/paint.bench.mjs
import { cpus } from 'node:os';
import { createServer } from 'vite';

const machine = `${cpus()[0].model}, Node ${process.version}`;
const server = await createServer({
  configFile: false,
  root: import.meta.dirname,
  resolve: { conditions: ['@lb/source'] },
  server: { middlewareMode: true, ws: false },
  logLevel: 'error',
});
const { pairBuckets } = await server.ssrLoadModule('/bucket-pair.ts');
const { shadeBuckets } = await server.ssrLoadModule('/shade.ts');
const { paintBuckets } = await server.ssrLoadModule('/paint.ts');
const { fitView, layoutGrid, zoomAt } = await server.ssrLoadModule('/viewport.ts');

const ASS = 100;
const RUNS = 60;

function print(name, times) {
  const sorted = times.sort((a, b) => a - b);
  const [value, min, max] = [sorted[sorted.length >> 1], sorted[0], sorted.at(-1)].map((ms) => Number(ms.toFixed(2)));
  console.log(JSON.stringify({ name, unit: 'ms', value, n: sorted.length, min, max, machine }));
}

function measure(name, run) {
  for (let i = 0; i < 10; i++) run();
  const times = Array.from({ length: RUNS }, () => {
    const from = performance.now();
    run();
    return performance.now() - from;
  });
  print(name, times);
}

function table(newLen, seed) {
  const buckets = Int32Array.from({ length: newLen }, (_, i) => (Math.imul(i + 1, 0x9e3779b1) >>> 8) % ASS);
  for (let i = seed; i < newLen; i += 97) buckets[i] = (buckets[i] + seed) % ASS;
  return { ass: Array.from({ length: ASS }, (_, i) => `10.0.0.${i}`), buckets };
}

const sizes = { '780x300': { width: 780, height: 300 }, '2560x1000': { width: 2560, height: 1000 } };
const colors = Array.from({ length: ASS }, (_, i) => i * 0x010203);
for (const newLen of [65_536, 1_048_576]) {
  const pair = pairBuckets(table(newLen, 0), table(newLen, 1));
  const shades = new Uint32Array(newLen);
  const options = { reading: 'as', time: 'staged', theme: 'dark', colors, flows: null, only: null };
  measure(`colour ${newLen} buckets`, () => shadeBuckets(pair, options, shades));
  for (const [text, size] of Object.entries(sizes)) {
    const grid = layoutGrid(newLen, size);
    const pixels = new Uint32Array(size.width * size.height);
    const fit = fitView(grid);
    measure(`draw ${newLen} buckets, ${text}, all`, () => paintBuckets(pixels, size, grid, fit, shades, pair.moved, 0));
    const zoomed = zoomAt(grid, size, fit, 12 / fit.cell, 100, 100);
    measure(`draw ${newLen} buckets, ${text}, cells of ${zoomed.cell}`, () =>
      paintBuckets(pixels, size, grid, zoomed, shades, pair.moved, 0),
    );
  }
}
await server.close();
