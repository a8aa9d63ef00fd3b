import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ImageCompiler } from '../src/image/compiler.js';
import { NativeFilter, type NativeQueueOptions, type QueueKind } from '../src/native/index.js';
import { Supervisor } from '../src/worker/index.js';
import { type Bundle, bundle } from './bundle.testkit.js';
import { packet } from './frames.testkit.js';
import { describeLive, enterNetworkNamespace, ip, veth } from './live-network.testkit.js';
import { spec, vip } from './specs.testkit.js';
import { Wire } from './wire.testkit.js';

const FLOWS = 100;
/** A packet of each flow. */
const packets = Array.from({ length: FLOWS }, (_, k) => packet('198.51.100.1', '90.0.0.1', { sport: 5000 + k }));
const vips = spec([vip('90.0.0.0/8', 'gre4', ['10.0.0.1', '10.0.0.2', '10.0.0.3'])]);

describeLive('a worker on real interfaces', () => {
  let thread: Bundle;
  let wire: Wire;
  const compiler = new ImageCompiler();
  let revision = 0;
  let filter: NativeFilter | undefined;
  let supervisor: Supervisor | undefined;

  beforeAll(async () => {
    thread = await bundle('worker/worker-thread.ts');
    enterNetworkNamespace();
    veth('a0', 'a1');
    wire = new Wire('a1');
  });
  afterAll(() => {
    wire.close();
    thread.remove();
  });
  afterEach(async () => {
    await supervisor?.stop();
    filter?.close();
    supervisor = filter = undefined;
  });

  function attachFilter(): void {
    filter?.close();
    filter = NativeFilter.open('a0');
    filter.apply(vips, []);
  }

  async function serve(kind: QueueKind, hugePages = false): Promise<Supervisor> {
    if (kind === 'af_xdp') attachFilter();
    const queue = (): NativeQueueOptions =>
      kind === 'af_xdp'
        ? { kind, interface: 'a0', filter: filter!.handle }
        : { kind, interface: 'a0', flags: ['lowLatency'] };
    supervisor = new Supervisor({
      workers: [() => ({ kind: 'native', queues: [queue()] })],
      flowTableLines: 1024,
      entry: thread.url,
      hugePages,
    });
    await supervisor.start(compiler.compile(vips, { revision: ++revision }));
    return supervisor;
  }

  /** The AS of each flow: last byte of the outer destination. */
  const serversOf = (frames: readonly Uint8Array[]) => frames.map((frame) => frame[33]);

  describe.each(['af_xdp', 'af_packet'] as const)('%s', (kind) => {
    it('balances, and a successor finds queues, flows and the packets that have waited', async () => {
      const running = await serve(kind, kind === 'af_xdp');
      wire.send(packets);
      const before = serversOf(wire.receiveAll(FLOWS));
      expect(before).toHaveLength(FLOWS);
      expect(new Set(before).size).toBe(3);
      const restarted = once(running, 'worker-restarted');
      running.kill(0);
      await once(running, 'worker-died');
      wire.send(packets);
      expect((await restarted)[0]).toBe(0);
      expect(serversOf(wire.receiveAll(FLOWS))).toEqual(before);
      expect(running.group.vip(0)).toMatchObject({ first: FLOWS, existing: FLOWS, untracked: 0 });
      expect(running.group.load()).toMatchObject([{ unsent: 0, unpunted: 0, starts: 2 }]);
    });

    it('uses less than 5 % of a core when nothing comes, and still answers', async () => {
      const running = await serve(kind);
      // The least of several stretches: what else this process does (compiling, collecting) comes on top, and not in all.
      const shares = [await processorShare(500), await processorShare(500), await processorShare(500)];
      const share = Math.min(...shares);
      console.log(`an idle worker on ${kind}: ${(share * 100).toFixed(2)} % of a core`);
      expect(share).toBeLessThan(0.05);
      wire.send(packets.slice(0, 1));
      expect(wire.receiveAll(1)).toHaveLength(1);
      expect(running.group.load()[0].waits).toBeGreaterThan(10);
    });
  });

  it.each(['af_xdp', 'af_packet'] as const)(
    '%s: opens its queues anew when the interface has been replaced',
    async (kind) => {
      const running = await serve(kind);
      wire.close();
      ip('link del a0');
      const failed = once(running, 'queues-failed');
      running.reopen(0);
      // Tried again until the interface is there.
      expect(await failed).toEqual([0, expect.stringContaining('a0')]);
      const started = once(running, 'worker-started');
      veth('a0', 'a1');
      wire = new Wire('a1');
      if (kind === 'af_xdp') attachFilter();
      await started;
      wire.send(packets);
      expect(serversOf(wire.receiveAll(FLOWS))).toHaveLength(FLOWS);
      expect(running.group.load()).toMatchObject([{ state: 'running', starts: 2 }]);
    },
  );
});

/** Processor time of this process over a stretch of time, as a share of it. */
async function processorShare(ms: number): Promise<number> {
  const from = performance.now();
  const before = process.cpuUsage();
  await delay(ms);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / (performance.now() - from);
}
