import { formatAddress } from '@lb/core';
import type { ImageSpec } from '@lb/dataplane';
import type { Episode, Step } from './episode.js';
import { randomNetwork } from './network.js';
import { Random } from './random.js';
import { ASS4, ASS6, changeSpec, randomSpec, withoutNat } from './random-spec.js';
import { CLIENTS4, CLIENTS6, RandomTraffic } from './random-traffic.js';
import { attempt, type Mismatch, Pair } from './run-episode.js';
import { serviceName } from './services.js';

const STEPS = 60;
const LINES = 1 << 10;
/** Tables without room for all. */
const FEW_LINES = [1, 2, 4, 16];
const MOST_WORKERS = 3;

/** One episode made and run at once, since answers depend on what left. */
export function playEpisode(
  seed: number,
  stages: Episode['stages'],
): { episode: Episode; packets: number; mismatch?: Mismatch } {
  const random = new Random(seed);
  const workers = random.oneIn(2) ? 1 : 2 + random.below(MOST_WORKERS - 1);
  const isTight = random.oneIn(4);
  const hasNetwork = random.oneIn(4);
  const hasNat = !hasNetwork || random.oneIn(2);
  const network = hasNetwork
    ? randomNetwork(random, [...ASS4, ...ASS6], hasNat ? [...CLIENTS4, ...CLIENTS6] : [])
    : undefined;
  const shape = hasNat ? (made: ImageSpec) => made : withoutNat;
  const spec = shape(randomSpec(random));
  const lines = isTight ? random.pick(FEW_LINES) : LINES;
  const start = {
    stages,
    spec,
    workers,
    lines,
    startTick: random.pick([0, 1000, 0x7fffff00, 0xffffff00]),
    ...(network && { network }),
  };
  const pair = new Pair(start);
  const traffic = new RandomTraffic(random, spec, network ? 3 : 20);
  const steps: Step[] = [];
  let now = spec;
  for (let n = 0; n < STEPS; n++) {
    const step = nextStep(random, now, workers, shape, traffic, pair.sent);
    steps.push(step);
    if (step.kind === 'configure') {
      now = step.spec;
      traffic.follow(now);
    }
    const found = attempt(pair, step);
    if (found !== undefined) {
      return { episode: { ...start, steps }, packets: pair.packets, mismatch: { step: n, ...found } };
    }
  }
  return { episode: { ...start, steps }, packets: pair.packets };
}

function nextStep(
  random: Random,
  spec: ImageSpec,
  workers: number,
  shape: (made: ImageSpec) => ImageSpec,
  traffic: RandomTraffic,
  sent: readonly Uint8Array[],
): Step {
  const pick = random.below(20);
  const worker = random.below(workers);
  if (pick === 0) {
    const next = random.oneIn(5) ? spec : shape(changeSpec(random, spec));
    const late = random.oneIn(2) ? [] : Array.from({ length: workers }, (_, k) => k).filter(() => random.oneIn(2));
    return { kind: 'configure', spec: next, flush: someAss(random, spec), late };
  }
  if (pick === 1) return { kind: random.oneIn(2) ? 'reclaim' : 'catch-up' };
  if (pick === 2 && random.oneIn(3)) return { kind: 'restart', worker };
  if (pick < 6) return { kind: 'wait', ticks: random.pick([1, 8, 16, 33, 63, 64, 100, 239, 240, 241, 640]) };
  const count = random.oneIn(10) ? 256 : 1 + random.below(60);
  return { kind: 'burst', frames: traffic.burst(count, sent), queue: random.below(3), worker };
}

function someAss(random: Random, spec: ImageSpec): string[] {
  if (random.oneIn(2)) return [];
  return spec.vips.flatMap((vip) =>
    vip.ass.filter(() => random.oneIn(6)).map(({ address }) => `${serviceName(vip)} ${formatAddress(address)}`),
  );
}
