import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';

/*
 * Ten million packets through the built engine, in a process of its own: what a test runner's transforms and hooks
 * allocate would hide what the engine does. Garbage per packet or per burst shows in two ways: collections, and
 * bytes of heap used between two of them.
 */
const BUILT = new URL('../dist/index.js', import.meta.url);
const PACKETS = 10_000_000;

interface Measured {
  readonly packets: number;
  readonly collections: number;
  /** Growth of the heap, once for each stretch without a collection. */
  readonly heapBytes: number;
  /** Packets by what became of them. */
  readonly verdicts: Readonly<Record<'forwarded' | 'punted' | 'dropped' | 'untracked', number>>;
}

/** Runs in the other process. Self-contained: it is sent as text. */
async function measure(built: string, core: string, packets: number) {
  const { PerformanceObserver } = await import('node:perf_hooks');
  const { setImmediate } = await import('node:timers/promises');
  const { Engine, ImageCompiler, MemoryQueue, TrafficGenerator }: typeof import('../src/index.js') = await import(built);
  const { parseAddress, parsePrefix }: typeof import('@lb/core') = await import(core);
  const vip = (prefix: string, encap: string, port: number, ass: string[]) => ({
    prefix: parsePrefix(prefix),
    protocol: 0 as const,
    port,
    targetPort: port === 0 ? 0 : 8080,
    nodePort: 0,
    encap: encap as 'gre4',
    dscp: 1,
    newLen: 1024,
    srcIpSticky: encap === 'l3dsr',
    ass: ass.map((address) => ({ address: parseAddress(address), weight: 1 })),
  });
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
  const outside = { prefix: parsePrefix('95.0.0.0/8'), protocol: 6 as const, port: 0 };
  const targets = [...vips.map(({ prefix, port }) => ({ prefix, protocol: 17 as const, port })), outside];
  // More flows than the table holds: entries are found, made, moved, and refused for want of room.
  const generator = new TrafficGenerator({ targets, flows: 50_000 });
  const queue = new MemoryQueue({ generator, clock: () => 1000 });
  const engine = new Engine({ image, source: queue, flowTableLines: 8192, secret: [1, 2, 3, 4] });

  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length;
  });
  observer.observe({ entryTypes: ['gc'] });
  let kept: unknown;
  async function stretch(count: number, garbage: boolean) {
    await setImmediate();
    collections = 0;
    const heapBefore = process.memoryUsage().heapUsed;
    let done = 0;
    while (done < count) {
      done += engine.poll(queue);
      if (garbage) kept = new Array(64).fill(done);
    }
    const heapBytes = process.memoryUsage().heapUsed - heapBefore;
    await setImmediate();
    collections += observer.takeRecords().length;
    return { packets: done, collections, heapBytes };
  }
  const verdicts = () => {
    const { forwarded, punted, dropped } = engine.counters.worker();
    const untracked = vips.reduce((sum, _, slot) => sum + engine.counters.vip(slot).untracked, 0);
    return { forwarded, punted, dropped, untracked };
  };
  // By then every function on the way has been optimised.
  await stretch(2_000_000, false);
  const clean = { ...(await stretch(packets, false)), verdicts: verdicts() };
  const littered = { ...(await stretch(packets / 10, true)), verdicts: verdicts() };
  process.stdout.write(JSON.stringify({ clean, littered, kept: kept !== undefined }));
}

describe('ten million packets', () => {
  let clean: Measured;
  let littered: Measured;

  beforeAll(() => {
    if (!existsSync(BUILT)) throw new Error('packages/dataplane is not built: run `npm run setup` first');
    const core = new URL('../../core/dist/index.js', import.meta.url);
    const call = `(${measure})(${JSON.stringify(BUILT.href)}, ${JSON.stringify(core.href)}, ${PACKETS})`;
    // A small young generation: a collection for every megabyte or so of garbage.
    const options = ['--max-semi-space-size=1', '--input-type=module', '--eval', call];
    ({ clean, littered } = JSON.parse(execFileSync(process.execPath, options, { encoding: 'utf8' })));
  }, 120_000);

  it('meet every kind of verdict', () => {
    expect(clean.packets).toBeGreaterThanOrEqual(PACKETS);
    for (const packets of Object.values(clean.verdicts)) expect(packets).toBeGreaterThan(100_000);
  });

  it('leave no garbage behind, neither per packet nor per burst', () => {
    // Eight bytes for each burst would be 300 KB.
    expect(clean).toMatchObject({ collections: 0 });
    expect(clean.heapBytes).toBeLessThan(200_000);
  });

  it('which would be noticed: one array for each burst of a tenth as many packets is', () => {
    expect(littered.collections).toBeGreaterThanOrEqual(1);
  });
});
