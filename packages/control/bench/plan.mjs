// Time of a plan: one JSON line per case.
//   npx tsc -b packages/control && node packages/control/bench/plan.mjs
import { cpus } from 'node:os';
import { effectiveAss, parseConfig, plan, planText } from '../dist/index.js';

const machine = `${cpus()[0].model}, Node ${process.version}`;
const RUNS = 25;

function configOf(vips, ass, newLen, weight = 100) {
  return parseConfig({
    ip4SrcAddress: '192.0.2.254',
    vips: Array.from({ length: vips }, (_, v) => ({
      prefix: `90.${v >> 8}.${v & 255}.0/24`,
      newLen,
      ass: Array.from({ length: ass }, (_, i) => ({ address: `10.0.${i >> 8}.${i & 255}`, weight })),
    })),
  }).config;
}

/** The same without the last AS of every VIP. */
function without(config) {
  return { ...config, vips: config.vips.map((vip) => ({ ...vip, ass: vip.ass.slice(0, -1) })) };
}

function firstVip(config, vip) {
  return { ...config, vips: [{ ...config.vips[0], ...vip }, ...config.vips.slice(1)] };
}

const planned = (config) => ({ config, effective: effectiveAss(config, Date.now(), () => 'healthy') });
const large = configOf(1, 1000, 65536);
const many = configOf(1000, 100, 1024);

const CASES = {
  '1000 ASs x 65536 buckets, an AS goes': [large, without(large)],
  '1000 ASs, newLen 65536 to 131072': [large, firstVip(large, { newLen: 131072 })],
  '1000 VIPs x 100 ASs x 1024 buckets, one changes': [many, firstVip(many, { ass: many.vips[0].ass.slice(1) })],
  '1000 VIPs x 100 ASs x 1024 buckets, all change': [many, without(many)],
};

for (const [name, [before, after]] of Object.entries(CASES)) {
  const [left, right] = [planned(before), planned(after)];
  const times = [];
  for (let run = -3; run < RUNS; run++) {
    const start = performance.now();
    planText(plan(left, right, () => 1000));
    // The first runs, before the code is compiled, don't count.
    if (run >= 0) times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const [value, min, max] = [times[RUNS >> 1], times[0], times.at(-1)].map((ms) => Number(ms.toFixed(1)));
  console.log(JSON.stringify({ name: `plan ${name}`, unit: 'ms', value, n: RUNS, min, max, machine }));
}
