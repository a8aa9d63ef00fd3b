/*
 * Run by garbage.test.ts in a process of its own: what a test runner's transforms and hooks allocate would hide what
 * the engine does. Prints one line of JSON.
 *   node garbage.mjs PACKETS (native|typescript)
 */
import { constants, PerformanceObserver } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { parseAddress, parsePrefix } from '../../core/dist/index.js';
import {
  BURST_PACKETS,
  Engine,
  frameViews,
  HEADROOM,
  ImageCompiler,
  nativeLibrary,
  nativeStages,
  TrafficGenerator,
} from '../dist/index.js';

const packets = Number(process.argv[2]);
const stages = process.argv[3] === 'native' ? { fastStages: nativeStages(nativeLibrary()) } : {};
const FLOWS = 60_000;
const FRAME_BYTES = 256;
const RING_FRAMES = 4096;
const four = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];
const six = ['2001:db8::1', '2001:db8::2', '2001:db8::3'];
const vips = [
  vip('90.0.0.0/8', 'gre4', 0, four),
  vip('91.0.0.0/8', 'gre6', 0, six),
  vip('92.0.0.0/8', 'l3dsr', 0, four),
  vip('93.0.0.0/8', 'nat4', 80, four),
  vip('94.0.0.0/8', 'gre4', 0, []),
  vip('2004::/16', 'gre4', 0, four),
  vip('2005::/16', 'gre6', 0, six),
  // Words with their highest bit set, which are no small integers unless they are read as signed.
  vip('2001:db8:fedc:ba98:fedc:ba98::/96', 'gre6', 0, six),
  vip('2006::/16', 'nat6', 80, six),
];
const image = new ImageCompiler().compile({
  ip4Src: parseAddress('192.0.2.1'),
  ip6Src: parseAddress('2001:db8::fe'),
  nat4In: true,
  nat6In: true,
  timeoutSec: 40,
  flowHash: 'fast',
  table: 'maglev',
  vips,
});
const outside = { prefix: parsePrefix('95.0.0.0/8'), protocol: 6, port: 0 };
const targets = [...vips.map(({ prefix, port }) => ({ prefix, protocol: 17, port })), outside];
// More flows than the table holds: entries are found, made, moved, and refused for want of room.
const queue = libraryQueue(new TrafficGenerator({ targets, flows: FLOWS }));
const engine = new Engine({ image, source: queue, flowTableLines: 8192, secret: [1, 2, 3, 4], ...stages });

let collections = 0;
// Of the young generation, into which everything is born; V8 looks at the old one after some seconds of its own accord.
const minor = (entries) => entries.filter(({ detail }) => detail.kind === constants.NODE_PERFORMANCE_GC_MINOR).length;
const observer = new PerformanceObserver((list) => {
  collections += minor(list.getEntries());
});
observer.observe({ entryTypes: ['gc'] });

// By then every function on the way has been optimised.
await stretch(2_000_000, () => {});
const clean = await stretch(packets, () => {});
let kept;
const littered = await stretch(packets / 10, () => {
  kept = new Array(64).fill(0);
});
const { forwarded, punted, dropped } = engine.counters.worker();
const untracked = vips.reduce((sum, _, slot) => sum + engine.counters.vip(slot).untracked, 0);
const first = vips.reduce((sum, _, slot) => sum + engine.counters.vip(slot).first, 0);
const verdicts = { forwarded, punted, dropped, first, untracked };
process.stdout.write(JSON.stringify({ clean, littered, verdicts, kept: kept.length }));

/** What `count` packets leave behind; `litter` is called once for each burst. */
async function stretch(count, litter) {
  await setImmediate();
  collections = 0;
  const before = process.memoryUsage().heapUsed;
  let done = 0;
  while (done < count) {
    done += engine.poll(queue);
    litter();
  }
  const heapBytes = process.memoryUsage().heapUsed - before;
  await setImmediate();
  collections += minor(observer.takeRecords());
  return { packets: done, collections, heapBytes };
}

/**
 * A queue that copies packets written beforehand into its frames, one flow after the other. What a generator may leave
 * behind is none of the engine's garbage.
 */
function libraryQueue(generator) {
  const frames = frameViews(new ArrayBuffer((FLOWS + RING_FRAMES) * FRAME_BYTES));
  const at = (frame) => frame * FRAME_BYTES + HEADROOM;
  const lengths = Uint32Array.from({ length: FLOWS }, (_, flow) => generator.write(frames, at(RING_FRAMES + flow)));
  let flow = 0;
  let frame = 0;
  return {
    frames,
    allocate: () => -1,
    rx(burst) {
      for (let i = 0; i < BURST_PACKETS; i++) {
        const from = at(RING_FRAMES + flow);
        const to = at(frame);
        frames.u8.copyWithin(to, from, from + lengths[flow]);
        burst.offset[i] = to;
        burst.length[i] = lengths[flow];
        flow = (flow + 1) % FLOWS;
        frame = (frame + 1) % RING_FRAMES;
      }
      burst.count = BURST_PACKETS;
      burst.now = 1000;
      return BURST_PACKETS;
    },
    tx() {},
    close() {},
  };
}

function vip(prefix, encap, port, ass) {
  return {
    prefix: parsePrefix(prefix),
    protocol: 0,
    port,
    targetPort: port === 0 ? 0 : 8080,
    nodePort: 0,
    encap,
    dscp: 1,
    newLen: 1024,
    srcIpSticky: encap === 'l3dsr',
    ass: ass.map((address) => ({ address: parseAddress(address), weight: 1 })),
  };
}
