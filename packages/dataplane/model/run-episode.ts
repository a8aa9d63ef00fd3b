import {
  asKey,
  type Burst,
  Counters,
  Engine,
  type Image,
  ImageCompiler,
  type ImageSpec,
  type NetworkSpec,
  nativeLibrary,
  nativeStages,
  REASONS,
  VERDICT_NAMES,
  vipKey,
} from '@lb/dataplane';
import { Balancer, type Counts, type Outcome, text } from './balancer.js';
import { hex, u16 } from './bytes.js';
import type { Episode, Step } from './episode.js';
import { FlowLines } from './flow-lines.js';
import { FuzzQueue } from './fuzz-queue.js';
import type { Packet } from './packet.js';
import { serviceName } from './services.js';

/** Where dataplane and model part. */
export interface Mismatch {
  readonly step: number;
  readonly what: string;
  readonly engine: string;
  readonly model: string;
}

export interface Result {
  readonly mismatch?: Mismatch;
  readonly packets: number;
}

const SEED = [0x12345678, 0x0badcafe] as const;
const SECRET = [1, 2, 3, 4] as const;

/** Counters are 9 MB: one set for all episodes, of which differences are taken. */
const counters = new Counters();
const queue = new FuzzQueue();

/** Both, side by side: the dataplane and the model it is compared with. */
export class Pair {
  readonly balancer: Balancer;
  readonly engine: Engine;
  packets = 0;
  now: number;
  private readonly compiler = new ImageCompiler();
  private spec: ImageSpec;
  private readonly network: NetworkSpec | undefined;
  private watched: Watched[] = [];
  private offsets: number[] = [];
  /** Frames that left in the burst before. */
  sent: Uint8Array[] = [];

  constructor(episode: Omit<Episode, 'steps'>) {
    this.spec = episode.spec;
    this.network = episode.network;
    this.now = episode.startTick;
    this.engine = new Engine({
      image: this.compile(episode.spec, []),
      source: queue,
      flowTableLines: episode.lines,
      secret: SECRET,
      counters,
      ...(episode.stages === 'native' && { fastStages: nativeStages(nativeLibrary()) }),
    });
    this.balancer = new Balancer(episode.spec, SEED, new FlowLines(episode.lines, SECRET), episode.network);
    this.watch();
  }

  private compile(spec: ImageSpec, flush: readonly string[]): Image {
    return this.compiler.compile(spec, {
      seed: SEED,
      flush: new Set(flush),
      ...(this.network && { network: this.network }),
    });
  }

  /** One step; undefined if both agree. */
  step(step: Step): Omit<Mismatch, 'step'> | undefined {
    if (step.kind === 'wait') this.now += step.ticks;
    else if (step.kind === 'configure') this.configure(step);
    else if (step.kind === 'reclaim') this.reclaim();
    else return this.burst(step);
    return undefined;
  }

  private configure({ spec, flush }: Extract<Step, { kind: 'configure' }>): void {
    const keys: string[] = [];
    for (const vip of [...this.spec.vips, ...spec.vips]) {
      for (const as of vip.ass) {
        if (flush.includes(`${serviceName(vip)} ${text(as.address)}`)) keys.push(asKey(vip, as.address));
      }
    }
    this.engine.setImage(this.compile(spec, keys));
    this.balancer.configure(spec, new Set(flush));
    this.spec = spec;
    this.watch();
  }

  private reclaim(): void {
    const perValue = new Uint32Array(1 << 12);
    this.engine.flows.sweep(0, this.engine.flows.lines, this.now | 0, perValue);
    this.compiler.reclaim((slot) => perValue[slot + 1]);
    this.balancer.reclaim(this.now);
  }

  private burst({ frames, queue: input }: Extract<Step, { kind: 'burst' }>): Omit<Mismatch, 'step'> | undefined {
    queue.waiting = frames;
    queue.tick = this.now;
    queue.input = input;
    this.engine.poll(queue);
    this.packets += frames.length;
    const engine = this.outcomes(this.engine.burst);
    this.sent = engine.flatMap(({ frame, verdict }) => (frame && verdict === 'forward' ? [frame] : []));
    const model = this.balancer.burst(
      {
        frames,
        now: this.now,
        nat4In: arrivesOn(this.spec.nat4In, this.spec.nat4InQueues, input),
        nat6In: arrivesOn(this.spec.nat6In, this.spec.nat6InQueues, input),
        queue: input,
      },
      (index, packet) => chosenPort(engine[index]?.frame, packet),
    );
    for (let i = 0; i < Math.max(engine.length, model.length); i++) {
      if (isSame(engine[i], model[i])) continue;
      return { what: `packet ${i}`, engine: show(engine[i]), model: show(model[i]) };
    }
    const damage = queue.damage();
    if (damage !== undefined) return { what: 'memory', engine: `byte ${damage} outside of frames`, model: 'untouched' };
    return this.compareCounters() ?? this.compareFlows();
  }

  /** What became of the packets of a burst, in the order in which they leave. */
  private outcomes(burst: Burst): Outcome[] {
    const order = Array.from({ length: burst.count }, (_, i) => i);
    if (burst.reordered) order.sort((a, b) => burst.sequence[a] - burst.sequence[b] || a - b);
    const { u8 } = queue.frames;
    return order.map((i) => {
      const verdict = VERDICT_NAMES[burst.verdict[i]] as Outcome['verdict'];
      const reason = REASONS[burst.reason[i]][0];
      if (verdict === 'punt' || verdict === 'drop') return { verdict, reason };
      if (verdict === 'hold') return { verdict };
      if (verdict === 'reply') queue.extend(burst.offset[i], burst.length[i]);
      const frame = u8.slice(burst.offset[i], burst.offset[i] + burst.length[i]);
      return { verdict, frame, ...(this.network && { output: burst.output[i] }) };
    });
  }

  /** Where the dataplane counts what the model counts as well. */
  private watch(): void {
    this.watched = this.spec.vips.flatMap((vip) => {
      const name = serviceName(vip);
      const vipSlot = this.compiler.vipSlots.get(vipKey(vip))!;
      const none = { existing: 0, first: 0, untracked: 0, noServer: 0, natReturn: 0 };
      const ofVip = (Object.keys(none) as (keyof Counts)[]).map((key) => ({
        what: `${name} ${key}`,
        engine: () => counters.vip(vipSlot)[key],
        model: () => this.balancer.counts.get(name)?.[key] ?? 0,
      }));
      const ofAss = vip.ass.flatMap((as) => {
        const slot = this.compiler.asSlots.get(asKey(vip, as.address))!;
        const asName = `${name} ${text(as.address)}`;
        return (['packets', 'bytes'] as const).map((key) => ({
          what: `${asName} ${key}`,
          engine: () => counters.as(slot)[key],
          model: () => this.balancer.asCounts.get(asName)?.[key] ?? 0,
        }));
      });
      return [...ofVip, ...ofAss];
    });
    this.rebase();
  }

  /** From here on count anew: counters go on from episode to episode, and with a slot's owners. */
  private rebase(): void {
    this.offsets = this.watched.map(({ engine, model }) => engine() - model());
  }

  /** Every live flow is in the table, with its AS and its end. */
  private compareFlows(): Omit<Mismatch, 'step'> | undefined {
    const { flows } = this.engine;
    for (const [key, { service, as, identity, expiry, state }] of this.balancer.flows) {
      if (expiry - this.now <= 0) continue;
      const at = flows.find(identity[0], identity[1], this.now | 0);
      const value = at < 0 ? 0 : flows.valueAt(at);
      const left = at < 0 ? 0 : (flows.expiryAt(at) - this.now) | 0;
      const engine = entryText((value & 0xffffff) - 1, STATES[value >>> 28], left);
      const model = entryText(this.compiler.asSlots.get(`${service} ${as}`), state, expiry - this.now);
      if (engine !== model) return { what: `flow ${key}`, engine, model };
    }
    return undefined;
  }

  private compareCounters(): Omit<Mismatch, 'step'> | undefined {
    for (let k = 0; k < this.watched.length; k++) {
      const { what, engine, model } = this.watched[k];
      if (engine() - model() === this.offsets[k]) continue;
      return { what: `counter ${what}`, engine: `${engine() - this.offsets[k]}`, model: `${model()}` };
    }
    return undefined;
  }
}

/** States as the value words of entries have them. */
const STATES = ['established', 'opening', 'closing'];

function entryText(slot: number | undefined, state: string | undefined, ticks: number): string {
  return `AS slot ${slot}, ${state} for ${ticks} ticks`;
}

interface Watched {
  readonly what: string;
  readonly engine: () => number;
  readonly model: () => number;
}

function isSame(a: Outcome | undefined, b: Outcome | undefined): boolean {
  if (a?.verdict !== b?.verdict || a?.reason !== b?.reason || a?.output !== b?.output) return false;
  if (a?.frame === undefined || b?.frame === undefined) return a?.frame === b?.frame;
  return Buffer.compare(a.frame, b.frame) === 0;
}

/** The client's port in a frame that left for a server. */
function chosenPort(frame: Uint8Array | undefined, { l4, protocol }: Packet): number | undefined {
  if (frame === undefined || l4 === undefined || l4 + 2 > frame.length) return undefined;
  if (protocol !== 6 && protocol !== 17) return undefined;
  return u16(frame, l4);
}

function arrivesOn(present: boolean, queues: readonly number[] | undefined, input: number): boolean {
  return present && (queues === undefined || queues.includes(input));
}

function show(outcome: Outcome | undefined): string {
  if (outcome === undefined) return 'nothing';
  const { verdict, reason, frame, output } = outcome;
  return frame
    ? `${verdict} ${hex(frame)}${output === undefined ? '' : ` by ${output}`}`
    : reason
      ? `${verdict} ${reason}`
      : verdict;
}

/** Runs an episode until both part. */
export function runEpisode(episode: Episode): Result {
  const pair = new Pair(episode);
  for (let step = 0; step < episode.steps.length; step++) {
    const found = attempt(pair, episode.steps[step]);
    if (found !== undefined) return { mismatch: { step, ...found }, packets: pair.packets };
  }
  return { packets: pair.packets };
}

/** An exception is a mismatch as well. */
export function attempt(pair: Pair, step: Step): Omit<Mismatch, 'step'> | undefined {
  try {
    return pair.step(step);
  } catch (error) {
    return { what: 'exception', engine: error instanceof Error ? (error.stack ?? '') : String(error), model: 'none' };
  }
}
