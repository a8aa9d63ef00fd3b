import { existsSync } from 'node:fs';
import { parseAddress, parsePrefix } from '@lb/core';
import type { ImageSpec, NetworkSpec } from '@lb/dataplane';
import { describe, expect, it } from 'vitest';
import { Balancer } from '../model/balancer.js';
import { playEpisode } from '../model/campaign.js';
import { type Episode, readEpisode, writeEpisode } from '../model/episode.js';
import { Pair, runEpisode } from '../model/run-episode.js';
import { shrink } from '../model/shrink.js';
import { Tracking } from '../src/burst.js';
import { libraryPath } from '../src/native/index.js';
import { Verdict } from '../src/verdicts.js';
import { packet } from './frames.testkit.js';
import { spec, vip } from './specs.testkit.js';

/** Packets for each campaign: a few seconds. Longer ones are a command away, docs/reliability.md. */
const PACKETS = 80_000;
const FIXED_SEED = 1;
const TIMEOUT_MS = 240_000;
const SYN = 0x02;
const ACK = 0x10;

describe('the dataplane against the model', () => {
  const fresh = Date.now() % 1_000_000_000;

  it.each([
    ['a fixed seed', FIXED_SEED],
    [`a fresh seed, ${fresh}`, fresh],
  ])('makes the same of every packet, from %s', (_, seed) => campaign(seed, 'typescript'), TIMEOUT_MS);

  const built = existsSync(libraryPath());
  it.skipIf(!built)(
    `makes the same with native stages, from seed ${fresh}${built ? '' : ' (skipped: liblbqueue is not built)'}`,
    () => campaign(fresh, 'native'),
    TIMEOUT_MS,
  );
});

function campaign(first: number, stages: Episode['stages']): void {
  let packets = 0;
  for (let seed = first; packets < PACKETS; seed++) {
    const played = playEpisode(seed, stages);
    packets += played.packets;
    if (played.mismatch === undefined) continue;
    const { episode, mismatch } = shrink(played.episode, played.mismatch);
    expect.fail(`seed ${seed}: ${JSON.stringify(mismatch, null, 1)}\n${writeEpisode(episode)}`);
  }
  expect(packets).toBeGreaterThanOrEqual(PACKETS);
}

describe('a comparison', () => {
  const start = { stages: 'typescript', workers: 1, lines: 64, startTick: 0 } as const;
  const gre = spec([vip('90.0.0.0/8', 'gre4', ['10.0.0.1'])]);
  const frame = packet('198.51.100.7', '90.0.0.1');

  it('fails where the two are not configured alike', () => {
    const pair = new Pair({ ...start, spec: gre });
    pair.balancer.configure(spec([vip('90.0.0.0/8', 'gre4', ['10.0.0.2'])]), new Set());
    expect(pair.step({ kind: 'burst', frames: [frame], queue: 0, worker: 0 })?.what).toBe('packet 0');
  });

  it('fails where a flow has not the same end', () => {
    const pair = new Pair({ ...start, spec: gre });
    pair.balancer.configure({ ...gre, timeoutSec: 41 }, new Set());
    expect(pair.step({ kind: 'burst', frames: [frame], queue: 0, worker: 0 })?.what).toContain(
      'flow 4 c6336407 5a000001 17',
    );
  });

  it('fails where only one of the two has no room for a flow', () => {
    const toMany = Array.from({ length: 5 }, (_, k) => packet('198.51.100.7', '90.0.0.1', { sport: 5000 + k }));
    const burst = { kind: 'burst', frames: toMany, queue: 0, worker: 0 } as const;
    const tight = new Pair({ ...start, lines: 1, spec: gre });
    expect(tight.step(burst)).toBeUndefined();
    expect(tight.engine.burst.tracking[3]).toBe(Tracking.FIRST);
    expect(tight.engine.burst.tracking[4]).toBe(Tracking.UNTRACKED);

    const forgetful = new Pair({ ...start, spec: gre });
    forgetful.engine.flows.insert = () => -1;
    expect(forgetful.step(burst)?.what).toBe('counter 90.0.0.0/8 0 0 first');
  });

  it('fails where a flow has not the outer source of its own', () => {
    const ranged = { ...gre, ip4SrcRange: parsePrefix('192.0.2.0/24') };
    const pair = new Pair({ ...start, spec: ranged });
    expect(pair.step({ kind: 'burst', frames: [frame], queue: 0, worker: 0 })).toBeUndefined();
    pair.balancer.configure({ ...ranged, ip4SrcRange: parsePrefix('192.0.2.0/25') }, new Set());
    const others = Array.from({ length: 20 }, (_, k) => packet('198.51.100.7', '90.0.0.1', { sport: 6000 + k }));
    expect(pair.step({ kind: 'burst', frames: others, queue: 0, worker: 0 })?.what).toMatch(/^packet /);
  });

  describe('of several workers', () => {
    const two = { ...gre.vips[0]!, ass: vip('90.0.0.0/8', 'gre4', ['10.0.0.1', '10.0.0.2']).ass };
    const only = (which: number): ImageSpec => ({
      ...gre,
      vips: [{ ...two, ass: two.ass.map((as, k) => ({ ...as, weight: k === which ? 100 : 0 })) }],
    });
    const tcp = (flags: number, worker: number) => {
      const frames = [packet('198.51.100.7', '90.0.0.1', { protocol: 6, flags })];
      return { kind: 'burst', frames, queue: 0, worker } as const;
    };
    const change = (spec: ImageSpec, late: readonly number[] = []) =>
      ({ kind: 'configure', spec, flush: [], late }) as const;
    const moved = () => {
      const pair = new Pair({ ...start, workers: 2, spec: only(0) });
      for (const step of [tcp(SYN, 0), change(only(1))]) expect(pair.step(step)).toBeUndefined();
      return pair;
    };

    it('agrees about a connection that comes to another worker', () => {
      const pair = moved();
      expect(pair.step(tcp(ACK, 1))).toBeUndefined();
      expect(pair.workers[1]!.engine.burst.tracking[0]).toBe(Tracking.EXISTING);
    });

    it('fails where one worker does not know of the others', () => {
      const pair = moved();
      Object.assign(pair.workers[1]!.engine.peers, { tables: [] });
      expect(pair.step(tcp(ACK, 1))?.what).toBe('packet 0');
    });

    it('fails where an entry of an earlier connection stays', () => {
      const pair = moved();
      expect(pair.step(tcp(SYN, 1))).toBeUndefined();
      const stays = moved();
      for (const peer of stays.workers[1]!.engine.peers.tables) peer.endShared = () => {};
      expect(stays.step(tcp(SYN, 1))?.what).toMatch(/^flows of worker 0/);
    });

    it('fails where a worker follows a configuration too early', () => {
      const pair = new Pair({ ...start, workers: 2, spec: only(0) });
      expect(pair.step(change(only(1), [1]))).toBeUndefined();
      expect(pair.step(tcp(SYN, 1))).toBeUndefined();
      pair.balancer.catchUp();
      expect(pair.step(tcp(SYN, 1))?.what).toBe('packet 0');
    });
  });

  describe('of NAT sessions', () => {
    const nat = { port: 80, targetPort: 8080 };
    const both = spec([vip('92.0.0.1/32', 'nat4', ['10.0.0.5'], nat), vip('92.0.0.2/32', 'nat4', ['10.0.0.5'], nat)], {
      nat4In: true,
    });
    const send = (frame: Uint8Array, worker: number) => ({ kind: 'burst', frames: [frame], queue: 0, worker }) as const;
    const to = (address: string, sport = 4000) => packet('198.51.100.1', address, { sport });

    it('agrees about two flows of two workers that one server could not tell apart, and about the way back', () => {
      const pair = new Pair({ ...start, workers: 2, spec: both });
      expect(pair.step(send(to('92.0.0.1'), 0))).toBeUndefined();
      expect(pair.step(send(to('92.0.0.2'), 1))).toBeUndefined();
      const port = readPort(pair.sent[0]!);
      expect(port).not.toBe(4000);
      expect(pair.step(send(packet('10.0.0.5', '198.51.100.1', { sport: 8080, dport: port }), 0))).toBeUndefined();
      expect(pair.workers[0]!.engine.burst.verdict[0]).toBe(Verdict.FORWARD);
    });

    it('fails where a session has another end', () => {
      const pair = new Pair({ ...start, spec: both });
      expect(pair.step(send(to('92.0.0.1'), 0))).toBeUndefined();
      const { table } = pair.workers[0]!.sessions;
      const at = table.words.findIndex((word, k) => (k & 15) >= 12 && word !== 0) - 12;
      table.refresh(at, table.expiryAt(at) + 1);
      expect(pair.step(send(to('93.0.0.1'), 0))?.what).toMatch(/^session /);
    });

    it('fails where only one of the two has no room for a session', () => {
      const tight = new Pair({ ...start, lines: 1, spec: both });
      for (let k = 0; k < 5; k++) expect(tight.step(send(to('92.0.0.1', 4000 + k), 0))).toBeUndefined();
      expect(tight.engine.burst.verdict[0]).toBe(Verdict.DROP);

      const forgetful = new Pair({ ...start, spec: both });
      forgetful.engine.sessions.table.insert = () => -1;
      expect(forgetful.step(send(to('92.0.0.1'), 0))?.what).toBe('packet 0');
    });
  });

  describe('with a network', () => {
    const long = packet('198.51.100.7', '90.0.0.1', { payload: 1000 });
    const whole = packet('198.51.100.7', '90.0.0.1', { payload: 1000, dontFragment: true });
    const network = (mtu: number, last = 9): NetworkSpec => ({
      interfaces: [{ name: 'lb0', queue: 0, mac: Uint8Array.of(2, 0, 0, 0, 0, 1), mtu, addresses: [] }],
      neighbours: [{ address: parseAddress('10.0.0.1'), mac: Uint8Array.of(2, 0, 0, 0, 0, last), queue: 0 }],
      routes: [{ prefix: parsePrefix('10.0.0.0/24'), queue: 0 }],
    });
    const both = (engine: NetworkSpec, model: NetworkSpec): Pair => {
      const pair = new Pair({ ...start, spec: gre, network: engine });
      const { workers, lines } = start;
      const seed = [0x12345678, 0x0badcafe] as const;
      const balancer = new Balancer({ spec: gre, seed, workers, lines, secret: [1, 2, 3, 4], network: model });
      return Object.assign(pair, { balancer });
    };
    const burst = { kind: 'burst', frames: [long, whole], queue: 0, worker: 0 } as const;

    it('agrees about pieces, errors and next hops', () => {
      const pair = both(network(576), network(576));
      expect(pair.step(burst)).toBeUndefined();
      const verdicts = [...pair.engine.burst.verdict.subarray(0, pair.engine.burst.count)];
      expect(verdicts).toEqual([Verdict.FORWARD, Verdict.REPLY, Verdict.FORWARD]);
      expect(pair.engine.burst.output[2]).toBe(0);
    });

    it.each([
      ['another MTU, where packets are cut', network(584), long],
      ['another MTU, where the sender is told', network(584), whole],
      ['another next hop', network(1500, 8), frame],
    ])('fails where one has %s', (_, model, one) => {
      const pair = both(network(one === frame ? 1500 : 576), model);
      expect(pair.step({ ...burst, frames: [one] })?.what).toBe('packet 0');
    });
  });

  it('is repeated from a file', () => {
    const { episode } = playEpisode(7, 'typescript');
    const again = readEpisode(writeEpisode(episode));
    expect(writeEpisode(again)).toBe(writeEpisode(episode));
    expect(runEpisode(again).mismatch).toBeUndefined();
  });

  it('is cut down to what shows the mismatch', () => {
    const { episode } = playEpisode(7, 'typescript');
    const steps = [
      ...episode.steps,
      { kind: 'burst', frames: [frame, frame], queue: 0, worker: 0 } as const,
      ...episode.steps,
    ];
    const run = ({ steps }: Episode) => {
      const step = steps.findIndex((each) => each.kind === 'burst' && each.frames.includes(frame));
      return { packets: 0, ...(step >= 0 && { mismatch: { step, what: 'packet 0', engine: 'hold', model: 'hold' } }) };
    };
    const { mismatch } = run({ ...episode, steps });
    const small = shrink({ ...episode, steps }, mismatch!, run).episode;
    expect(small.steps).toEqual([{ kind: 'burst', frames: [frame], queue: 0, worker: 0 }]);
    expect(small.spec.vips).toEqual([]);
  });
});

/** The source port of an IPv4 frame without tags or options. */
function readPort(frame: Uint8Array): number {
  return frame[34]! * 256 + frame[35]!;
}
