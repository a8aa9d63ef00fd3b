import { FlowTable } from '@lb/core';
import {
  asKey,
  type Burst,
  Counters,
  Engine,
  type Image,
  ImageCompiler,
  type ImageSpec,
  NatSessions,
  type NetworkSpec,
  nativeLibrary,
  nativeStages,
  REASONS,
  VERDICT_NAMES,
  vipKey,
} from '@lb/dataplane';
import { Balancer, type Counts, type Outcome, text } from './balancer.js';
import { hex } from './bytes.js';
import type { Episode, Step } from './episode.js';
import { FuzzQueue } from './fuzz-queue.js';
import { SETTLING_TICKS } from './lifetimes.js';
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
const LINE_WORDS = 16;

/** Counters are 9 MB: one set for all episodes and workers, of which differences are taken. */
const counters = new Counters();
const queue = new FuzzQueue();

/** A worker of the dataplane: what outlives its threads, and the engine of the latest. */
interface WorkerPair {
  readonly flowMemory: Int32Array;
  readonly sessions: NatSessions;
  engine: Engine;
  image: Compiled;
}

/** An image, and the slots of services and ASs in it by their names. */
interface Compiled {
  readonly image: Image;
  readonly slots: ReadonlyMap<string, number>;
}

/** Both, side by side: the dataplane and the model it is compared with. */
export class Pair {
  readonly balancer: Balancer;
  readonly workers: WorkerPair[];
  packets = 0;
  now: number;
  private readonly compiler = new ImageCompiler();
  private spec: ImageSpec;
  private revision = 0;
  private latest: Compiled;
  private readonly network: NetworkSpec | undefined;
  private watched: Watched[] = [];
  private offsets: number[] = [];
  /** Slots of ASs by the names that the model gives them. */
  private readonly serverSlots = new Map<string, number>();
  /** Frames that left in the burst before. */
  sent: Uint8Array[] = [];

  constructor(private readonly episode: Omit<Episode, 'steps'>) {
    const { spec, network, lines, workers, startTick } = episode;
    this.spec = spec;
    this.network = network;
    this.now = startTick;
    this.latest = this.compile(spec, []);
    const made = Array.from({ length: workers }, (_, index) => {
      const flowMemory = new Int32Array(new SharedArrayBuffer(lines * LINE_WORDS * 4));
      const sessions = new NatSessions(lines, SECRET);
      sessions.index = index;
      return { flowMemory, sessions, image: this.latest };
    });
    // Each needs the memory of all others.
    this.workers = made as unknown as WorkerPair[];
    this.workers.forEach((worker, index) => {
      worker.engine = this.makeEngine(index, 1);
      worker.engine.peers.settlingUntil = this.now | 0;
    });
    this.balancer = new Balancer({
      spec,
      seed: SEED,
      workers,
      lines,
      secret: SECRET,
      ...(network && { network }),
    });
    this.remember();
    this.watch();
  }

  /** The first engine: that of tests with one worker. */
  get engine(): Engine {
    return this.workers[0].engine;
  }

  private makeEngine(index: number, thread: number): Engine {
    const { lines, stages } = this.episode;
    const { flowMemory, sessions, image } = this.workers[index];
    const others = this.workers.filter((_, other) => other !== index);
    const mine = new NatSessions(lines, SECRET, { memory: sessions.table.words, side: sessions.table.side });
    mine.index = index;
    mine.peers = others.map(({ sessions: { table } }) =>
      NatSessions.tableIn(lines, SECRET, { memory: table.words, side: table.side }),
    );
    if (thread > 1) mine.translated = 1;
    return new Engine({
      image: image.image,
      source: queue,
      flowTableLines: lines,
      secret: SECRET,
      counters,
      flowMemory,
      sessions: mine,
      peers: others.map((other) => new FlowTable({ lines, secret: SECRET, memory: other.flowMemory })),
      ...(stages === 'native' && { fastStages: nativeStages(nativeLibrary()) }),
    });
  }

  private compile(spec: ImageSpec, flush: readonly string[]): Compiled {
    const image = this.compiler.compile(spec, {
      seed: SEED,
      revision: ++this.revision,
      flush: new Set(flush),
      ...(this.network && { network: this.network }),
    });
    const slots = new Map<string, number>();
    for (const vip of spec.vips) {
      slots.set(serviceName(vip), this.compiler.vipSlots.get(vipKey(vip))!);
      for (const as of vip.ass) {
        slots.set(`${serviceName(vip)} ${text(as.address)}`, this.compiler.asSlots.get(asKey(vip, as.address))!);
      }
    }
    return { image, slots };
  }

  /** One step; undefined if both agree. */
  step(step: Step): Omit<Mismatch, 'step'> | undefined {
    if (step.kind === 'wait') this.now += step.ticks;
    else if (step.kind === 'configure') this.configure(step);
    else if (step.kind === 'catch-up') this.catchUp();
    else if (step.kind === 'reclaim') this.reclaim();
    else if (step.kind === 'restart') this.restart(step.worker);
    else return this.burst(step);
    return undefined;
  }

  private configure({ spec, flush, late }: Extract<Step, { kind: 'configure' }>): void {
    const keys: string[] = [];
    for (const vip of [...this.spec.vips, ...spec.vips]) {
      for (const as of vip.ass) {
        if (flush.includes(`${serviceName(vip)} ${text(as.address)}`)) keys.push(asKey(vip, as.address));
      }
    }
    this.latest = this.compile(spec, keys);
    this.balancer.configure(spec, new Set(flush), late);
    this.spec = spec;
    this.remember();
    this.follow(late);
  }

  private catchUp(): void {
    this.balancer.catchUp();
    this.follow([]);
  }

  private follow(late: readonly number[]): void {
    this.workers.forEach((worker, index) => {
      if (late.includes(index) || worker.image === this.latest) return;
      worker.image = this.latest;
      worker.engine.setImage(this.latest.image);
    });
    this.watch();
  }

  /** The slots of ASs by the names that flows have for them from now on. */
  private remember(): void {
    for (const vip of this.spec.vips) {
      for (const { address } of vip.ass) {
        const key = `${serviceName(vip)} ${text(address)}`;
        this.serverSlots.set(this.balancer.idOf(key), this.latest.slots.get(key)!);
      }
    }
  }

  /** As the daemon does it: when all workers follow the latest image. */
  private reclaim(): void {
    this.catchUp();
    const perValue = new Uint32Array(1 << 12);
    for (const { engine } of this.workers) engine.flows.sweep(0, engine.flows.lines, this.now | 0, perValue);
    this.compiler.reclaim((slot) => perValue[slot + 1], this.revision);
    this.balancer.reclaim(this.now);
  }

  /** A thread ends between two bursts, and another goes on with its tables. */
  private restart(index: number): void {
    const until = this.now + SETTLING_TICKS;
    this.workers[index].engine = this.makeEngine(index, 2);
    this.workers[index].engine.peers.settlingUntil = until | 0;
    this.balancer.workers[index].restart(until);
  }

  private burst({
    frames,
    queue: input,
    worker,
  }: Extract<Step, { kind: 'burst' }>): Omit<Mismatch, 'step'> | undefined {
    queue.waiting = frames;
    queue.tick = this.now;
    queue.input = input;
    const { burst } = this.workers[worker].engine;
    this.workers[worker].engine.poll(queue);
    this.packets += frames.length;
    const engine = this.outcomes(burst);
    this.sent = engine.flatMap(({ frame, verdict }) => (frame && verdict === 'forward' ? [frame] : []));
    const model = this.balancer.burst({ frames, now: this.now, queue: input, worker });
    for (let i = 0; i < Math.max(engine.length, model.length); i++) {
      if (isSame(engine[i], model[i])) continue;
      return { what: `packet ${i}`, engine: show(engine[i]), model: show(model[i]) };
    }
    const damage = queue.damage();
    if (damage !== undefined) return { what: 'memory', engine: `byte ${damage} outside of frames`, model: 'untouched' };
    return this.compareCounters() ?? this.compareFlows() ?? this.compareSessions();
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
    const inUse = this.workers.map(({ image }) => image.slots);
    // As long as workers follow several images a slot may be two VIPs', and a VIP's two slots.
    const isClear = (name: string, slot: number, ofAs: boolean): boolean =>
      inUse.every(
        (slots) =>
          slots === this.latest.slots ||
          [...slots].every(([other, its]) => isOfAs(other) !== ofAs || (other === name) === (its === slot)),
      );
    this.watched = this.spec.vips.flatMap((vip) => {
      const name = serviceName(vip);
      const vipSlot = this.latest.slots.get(name)!;
      const none = { existing: 0, first: 0, untracked: 0, noServer: 0, natReturn: 0 };
      const ofVip = (Object.keys(none) as (keyof Counts)[]).map((key) => ({
        what: `${name} ${key}`,
        engine: () => counters.vip(vipSlot)[key],
        model: () => this.balancer.counts.get(name)?.[key] ?? 0,
      }));
      const ofAss = vip.ass.flatMap((as) => {
        const asName = `${name} ${text(as.address)}`;
        const slot = this.latest.slots.get(asName)!;
        if (!isClear(asName, slot, true)) return [];
        return (['packets', 'bytes'] as const).map((key) => ({
          what: `${asName} ${key}`,
          engine: () => counters.as(slot)[key],
          model: () => this.balancer.asCounts.get(asName)?.[key] ?? 0,
        }));
      });
      return [...(isClear(name, vipSlot, false) ? ofVip : []), ...ofAss];
    });
    this.rebase();
  }

  /** From here on count anew: counters go on from episode to episode, and with a slot's owners. */
  private rebase(): void {
    this.offsets = this.watched.map(({ engine, model }) => engine() - model());
  }

  /** Every worker's live flows are in its table, with AS and end, and no others. */
  private compareFlows(): Omit<Mismatch, 'step'> | undefined {
    for (let index = 0; index < this.workers.length; index++) {
      const { flows } = this.workers[index].engine;
      let live = 0;
      for (const [key, { server, identity, expiry, state }] of this.balancer.workers[index].flows) {
        if (expiry - this.now <= 0) continue;
        live++;
        const engine = this.entryIn(flows, identity);
        const slot = this.serverSlots.get(server);
        const model = `AS slot ${slot}, ${state} for ${expiry - this.now} ticks`;
        if (`AS slot ${engine.value - 1}, ${engine.text}` !== model) {
          return {
            what: `flow ${key} of worker ${index}`,
            engine: `AS slot ${engine.value - 1}, ${engine.text}`,
            model,
          };
        }
      }
      const found = this.liveIn(flows);
      if (found !== live) return { what: `flows of worker ${index}`, engine: `${found}`, model: `${live}` };
    }
    return undefined;
  }

  /** The same of NAT's sessions, and of the ports under which flows have them. */
  private compareSessions(): Omit<Mismatch, 'step'> | undefined {
    for (let index = 0; index < this.workers.length; index++) {
      const { table } = this.workers[index].sessions;
      const { sessions, aliases } = this.balancer.workers[index].nat;
      let live = 0;
      for (const entries of [sessions, aliases]) {
        for (const [key, entry] of entries as ReadonlyMap<string, SessionOrAlias>) {
          if (entry.expiry - this.now <= 0) continue;
          live++;
          const engine = this.entryIn(table, entry.identity).text;
          const model = `${entry.state ?? 'established'} for ${entry.expiry - this.now} ticks`;
          if (engine !== model) return { what: `session ${key} of worker ${index}`, engine, model };
        }
      }
      const found = this.liveIn(table);
      if (found !== live) return { what: `sessions of worker ${index}`, engine: `${found}`, model: `${live}` };
    }
    return undefined;
  }

  private entryIn(table: FlowTable, [lo, hi]: readonly [number, number]): { value: number; text: string } {
    const at = table.find(lo, hi, this.now | 0);
    if (at < 0) return { value: 0, text: 'none' };
    const value = table.valueAt(at);
    const left = (table.expiryAt(at) - this.now) | 0;
    return { value: value & 0xffffff, text: `${STATES[value >>> 28]} for ${left} ticks` };
  }

  private liveIn(table: FlowTable): number {
    const { words } = table;
    const now = this.now | 0;
    let live = 0;
    for (let line = 0; line < words.length; line += LINE_WORDS) {
      for (let at = line; at < line + LINE_WORDS / 4; at++) {
        if (table.valueAt(at) !== 0 && ((table.expiryAt(at) - now) | 0) > 0) live++;
      }
    }
    return live;
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

interface SessionOrAlias {
  readonly identity: readonly [number, number];
  readonly expiry: number;
  readonly state?: string;
}

/** Names of ASs are those of their services and an address. */
function isOfAs(name: string): boolean {
  return name.split(' ').length > 3;
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
