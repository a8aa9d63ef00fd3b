import { afterEach, expect, it } from 'vitest';
import { startBackends } from '../support/backend.js';
import { processorNs } from '../support/bench-pair.js';
import { Daemon, queueKinds } from '../support/daemon.js';
import { Figures, median } from '../support/figures.js';
import { Flood, floodedVipConfig } from '../support/flood.js';
import { quantile } from '../support/frame-meter.js';
import { healthBecomes } from '../support/health.js';
import { HttpLoad } from '../support/http-load.js';
import { liveVips } from '../support/live-vips.js';
import type { Running } from '../support/running.js';
import { serverPorts, startServers } from '../support/servers.js';
import { Topology } from '../support/topology.js';
import { vipTypes } from '../support/vip-types.js';

/**
 * More than the balancer can carry: what it sends at an eighth of what one core can offer, up to all of it; how long its API takes
 * meanwhile; whether health checks of four nginx stay right; and what becomes of established connections. One worker on CPU 1, the
 * flood on CPU 0. Root, two CPUs:
 *
 *     npx vitest run --config e2e/vitest.bench.config.ts e2e/live/overload
 */
const rounds = 3;
const seconds = 3;
const shares = [1 / 8, 1 / 4, 1 / 2, 1];
const flowCounts = [10_000, 1_000_000];
const check = { type: 'http', interval: 1, timeout: 1, rise: 2, fall: 3, port: serverPorts.http };

let topology: Topology | undefined;
let daemon: Daemon | undefined;
let others: readonly Running[] = [];
afterEach(async () => {
  for (const other of others) await other.stop('SIGKILL');
  others = [];
  await daemon?.stop();
  topology?.close();
});

/**
 * Through AF_PACKET the kernel makes a socket buffer of each packet on the flood's CPU, which so cannot offer four times of what a
 * whole CPU carries. Other programs that want the worker's CPU as much as it does leave it a third.
 */
const cases = [...queueKinds.map((kind) => ({ kind, rivals: 0 })), { kind: 'af_packet', rivals: 2 }] as const;

it.each(cases)(
  '$kind, $rivals rivals: offered load up to all that a core can send',
  async ({ kind, rivals }) => {
    topology = await Topology.create();
    await startServers(topology.servers);
    await startBackends(topology.servers);
    await Flood.prepare(topology);
    const type = vipTypes.find(({ name }) => name === 'ip4-gre4')!;
    const vips = liveVips(type, topology.lb, topology.servers);
    const config = [...vips.config, ...floodedVipConfig];
    daemon = await Daemon.start(topology.lb.ns, { kind, config, cpus: '1' });
    await Flood.arrive(topology);
    await daemon.ask('PATCH', `/v1/vips/${encodeURIComponent(vips.httpVip[0]!)}`, { check });
    const all = Object.fromEntries(topology.servers.map(({ address }) => [address[4], 'healthy' as const]));
    const atFirst = await healthBecomes(daemon, all);

    const figures = new Figures();
    others = Array.from({ length: rivals }, () => rival(topology!));
    const title = rivals > 0 ? `${kind}, ${rivals} rivals` : kind;
    const inwards = kind === 'af_packet';
    const load = await HttpLoad.start(topology.client.ns, {
      ...{ host: vips.address, port: vips.http, connections: 40, timeoutMs: 120_000 },
    });
    // Compiles what has to be compiled.
    await (await Flood.start(topology, { seconds, flows: 1_000_000, inwards })).finish();
    for (let round = 0; round < rounds; round++) {
      for (const flows of flowCounts) {
        const sent = new Map<number, number>();
        // Up and down in turn: what changes with time is not taken for what changes with load.
        for (const share of round % 2 === 0 ? shares : shares.toReversed()) {
          const name = `${title}, ${flows} flows, ${share} of a core`;
          const before = processorNs(daemon);
          const flood = await Flood.start(topology, { seconds, flows, share, inwards });
          const ms = await answersDuring(daemon, flood);
          const { value, returned, returnedMpps } = await flood.finish();
          figures.add(`${name}, offered`, 'Mpps', value);
          figures.add(`${name}, sent by the balancer`, 'Mpps', ...returnedMpps);
          figures.add(`${name}, processor time for each`, 'ns', (processorNs(daemon) - before) / returned);
          figures.add(`${name}, API`, 'ms', ...ms);
          figures.add(`${name}, API, 99 of 100 within`, 'ms', quantile(ms, 0.99));
          sent.set(share, median(returnedMpps));
        }
        const most = Math.max(...sent.values());
        for (const [share, mpps] of sent) {
          figures.add(
            `${title}, ${flows} flows, ${share} of a core, sent, of the most at any load`,
            'quotient',
            mpps / most,
          );
        }
      }
    }
    const { checks } = await daemon.ask<{ checks: typeof atFirst }>('GET', '/v1/health');
    const flaps = checks.filter(({ since }, i) => since !== atFirst[i]!.since).length;
    figures.add(`${title}, servers whose health changed, though they were well`, 'servers', flaps);
    const { failures, moved, longestWaitMs } = await load.finish();
    const broken = Object.values(failures).reduce((sum, count) => sum + count, 0);
    figures.add(`${title}, of 40 connections moved or broken`, 'connections', moved + broken);
    figures.add(`${title}, longest wait for an answer`, 'ms', longestWaitMs);
    figures.print();
    expect(flaps).toBe(0);
  },
  900_000,
);

/** A program that does nothing, on the worker's CPU. */
function rival({ lb }: Topology): Running {
  return lb.ns.start('taskset', '-c', '1', process.execPath, '-e', 'for (;;);');
}

/** How long each of a row of requests takes, until the flood ends. */
async function answersDuring(daemon: Daemon, flood: Flood): Promise<number[]> {
  const ms: number[] = [];
  while (flood.goesOn) {
    const from = performance.now();
    await daemon.ask('GET', '/v1/vips');
    ms.push(performance.now() - from);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return ms;
}
