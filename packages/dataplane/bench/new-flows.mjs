// Processor time of a packet that opens a connection, by the number of other workers whose tables are looked into. One JSON line each.
//   npx tsc -b packages/dataplane && node packages/dataplane/bench/new-flows.mjs [native]
import { cpus } from 'node:os';
import { FlowTable, parseAddress, parsePrefix } from '@lb/core';
import { Engine, frameViews, ImageCompiler, nativeLibrary, nativeStages, TICKS_PER_SECOND } from '../dist/index.js';

const machine = `${cpus()[0].model}, Node ${process.version}`;
const LINES = 1 << 18;
const SECRET = [0x2545f491, 0x9e3779b1, 0x85ebca6b, 0xc2b2ae35];
const PLACE = 256;
const BURST = 256;
const BURSTS = 400;
const WINDOWS = 21;
/** SYNs live for ten seconds: so many a tick leave the table half full. */
const FLOWS_PER_TICK = (LINES * 2) / (10 * TICKS_PER_SECOND);

const ass = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((text) => ({ address: parseAddress(text), weight: 100 }));
const vip = {
  prefix: parsePrefix('90.0.0.0/8'),
  protocol: 0,
  port: 0,
  targetPort: 0,
  nodePort: 0,
  encap: 'gre4',
  dscp: 0,
};
const spec = {
  ip4Src: parseAddress('192.0.2.254'),
  nat4In: false,
  nat6In: false,
  timeoutSec: 40,
  flowHash: 'fast',
  table: 'maglev',
  vips: [{ ...vip, newLen: 1024, srcIpSticky: false, ass }],
};
const image = new ImageCompiler().compile(spec);

/** SYNs of random sources: two words of a source whose sum is always the same leave the header's checksum as it is. */
class Syns {
  frames = frameViews(new ArrayBuffer(BURST * PLACE));
  sent = 0;
  tick = 0;

  constructor() {
    const { u8 } = this.frames;
    const header = [0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 0, 0, 0, 0, 90, 0, 0, 1];
    let sum = 0xffff;
    for (let k = 0; k < 20; k += 2) sum += header[k] * 256 + header[k + 1];
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
    header[10] = (0xffff - sum) >>> 8;
    header[11] = (0xffff - sum) & 255;
    for (let i = 0; i < BURST; i++) {
      u8.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, ...header, 0, 0, 0, 80], i * PLACE + 66);
      u8.set([0x50, 0x02], i * PLACE + 66 + 14 + 20 + 12);
    }
  }

  rx(burst) {
    const { u8 } = this.frames;
    for (let i = 0; i < BURST; i++) {
      const at = i * PLACE + 66;
      const source = (Math.random() * 65536) | 0;
      const port = (Math.random() * 65536) | 0;
      // GRE has moved the Ethernet header of the packet before away.
      u8[at + 12] = 8;
      u8[at + 13] = 0;
      u8[at + 26] = source >>> 8;
      u8[at + 27] = source & 255;
      u8[at + 28] = ~u8[at + 26];
      u8[at + 29] = ~u8[at + 27];
      u8[at + 34] = port >>> 8;
      u8[at + 35] = port & 255;
      burst.offset[i] = at;
      burst.length[i] = 54;
    }
    burst.count = BURST;
    burst.now = this.tick;
    this.sent += BURST;
    this.tick = Math.floor(this.sent / FLOWS_PER_TICK);
    return BURST;
  }

  tx() {}
  allocate() {
    return -1;
  }
}

function halfFull() {
  const table = new FlowTable({ lines: LINES, secret: SECRET });
  for (let k = 0; k < LINES * 2; k++) {
    table.allowMoves();
    table.insert((Math.random() * 2 ** 32) | 0, (Math.random() * 2 ** 32) | 0, 0, 0x3fffffff, 1);
  }
  return table;
}

const others = [halfFull(), halfFull(), halfFull()];
const fast = process.argv[2] === 'native' ? { fastStages: nativeStages(nativeLibrary()) } : {};
const cases = [0, 1, 3].map((count) => {
  const queue = new Syns();
  const peers = others.slice(0, count);
  return {
    count,
    queue,
    engine: new Engine({ image, source: queue, flowTableLines: LINES, secret: SECRET, peers, ...fast }),
    ns: [],
  };
});
for (let window = -6; window < WINDOWS; window++) {
  for (const { queue, engine, ns } of cases) {
    let ms = 0;
    for (let n = 0; n < BURSTS; n++) {
      queue.rx(engine.burst);
      const before = performance.now();
      engine.process();
      ms += performance.now() - before;
    }
    if (window >= 0) ns.push((ms * 1e6) / (BURSTS * BURST));
  }
}
for (const { count, engine, ns } of cases) {
  const { first, untracked } = engine.counters.vip(0);
  if (first + untracked < WINDOWS * BURSTS * BURST * 0.9) throw new Error(`only ${first + untracked} flows were new`);
  ns.sort((a, b) => a - b);
  const [value, min, max] = [ns[ns.length >> 1], ns[0], ns.at(-1)].map((x) => Number(x.toFixed(0)));
  console.log(
    JSON.stringify({ name: `new flow, ${count} other workers`, unit: 'ns', value, n: ns.length, min, max, machine }),
  );
}
