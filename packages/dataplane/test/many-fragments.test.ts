import { describe, expect, it } from 'vitest';
import { ImageCompiler } from '../src/image/compiler.js';
import type { ImageSpec } from '../src/image/spec.js';
import { Engine } from '../src/pipeline/engine.js';
import { fragments, packet } from './frames.testkit.js';
import { HandQueue } from './hand-queue.testkit.js';
import { spec, vip } from './specs.testkit.js';

const gre = spec([vip('90.0.0.0/8', 'gre4', ['10.0.0.1', '10.0.0.2', '10.0.0.3'])]);

function engineFor(configuration: ImageSpec, lines = 4096) {
  const queue = new HandQueue();
  const image = new ImageCompiler().compile(configuration);
  const engine = new Engine({ image, source: queue, flowTableLines: lines, secret: [1, 2, 3, 4] });
  const send = (frames: Uint8Array[]) => {
    for (let k = 0; k < frames.length; k += 200) {
      queue.waiting = frames.slice(k, k + 200);
      engine.poll(queue);
    }
  };
  return { engine, queue, send };
}

/** Datagram `k` in three fragments. */
function datagram(k: number, sport = 1000 + (k % 500)): Uint8Array[] {
  return fragments(packet('198.51.100.1', '90.0.0.1', { sport, payload: 300 }), k & 0xffff, 104);
}

describe('fragments', () => {
  it('of any number of datagrams in order are all forwarded: what has passed is forgotten', () => {
    const { engine, send } = engineFor(gre);
    send(Array.from({ length: 20_000 }, (_, k) => datagram(k)).flat());
    expect(engine.counters.worker()).toMatchObject({ forwarded: 60_000, dropped: 0, held: 0 });
  });

  it('of a reused identification follow their own datagram', () => {
    const { engine, queue } = engineFor(gre);
    const before = datagram(7, 1);
    queue.waiting = before;
    engine.poll(queue);
    const first = engine.burst.as[0];
    let sport = 2;
    const asOf = (port: number) => {
      queue.waiting = [packet('198.51.100.1', '90.0.0.1', { sport: port })];
      engine.poll(queue);
      return engine.burst.as[0];
    };
    while (asOf(sport) === first) sport++;
    const owner = asOf(sport);
    queue.waiting = datagram(7, sport).reverse();
    engine.poll(queue);
    // Two were held; all three leave, the first in front.
    expect(engine.counters.worker()).toMatchObject({ held: 0, released: 2 });
    expect([2, 3, 4].map((i) => engine.burst.as[i])).toEqual([owner, owner, owner]);
  });

  it('of many datagrams whose firsts come last are all forwarded, over as many bursts as it takes', () => {
    const { engine, send } = engineFor(gre);
    const all = Array.from({ length: 150 }, (_, k) => datagram(k));
    send([...all.flatMap(([, ...later]) => later), ...all.map(([first]) => first)]);
    for (let k = 0; k < 20; k++) send([packet('198.51.100.9', '90.0.0.9')]);
    expect(engine.counters.worker()).toMatchObject({ forwarded: 450 + 20, dropped: 0, held: 0 });
  });
});

describe('NAT', () => {
  it('tells a hundred addresses apart that one client port talks to through one AS', () => {
    const nat = spec([vip('92.0.0.0/24', 'nat4', ['10.0.0.5'], { port: 80, targetPort: 80 })]);
    const { engine, send } = engineFor(nat);
    send(Array.from({ length: 100 }, (_, k) => packet('198.51.100.1', `92.0.0.${k}`)));
    const ports = new Set(engine.burst.clientPort.subarray(0, 100));
    expect(engine.counters.worker().forwarded).toBe(100);
    expect(ports.size).toBe(100);
  });

  it('says so when it has no room for a session', () => {
    const nat = spec([vip('92.0.0.0/24', 'nat4', ['10.0.0.5'], { port: 80, targetPort: 80 })]);
    const { engine, send } = engineFor(nat, 1);
    send(Array.from({ length: 10 }, (_, k) => packet('198.51.100.1', '92.0.0.1', { sport: 1000 + k })));
    expect(engine.counters.worker().forwarded).toBe(4);
    expect(engine.counters.reasons()).toEqual({ 'nat-table-full': 6 });
  });
});
