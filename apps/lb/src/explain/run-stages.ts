import type { Config, EffectiveAs, VipConfig } from '@lb/control';
import { type Address, parsePrefix, prefixContains, vppFlowHash4, vppFlowHash6 } from '@lb/core';
import { type Burst, Engine, HEADROOM, REASONS, VERDICT_NAMES } from '@lb/dataplane';
import { type FrameViews, frameViews } from '@lb/encap';
import { compileConfig, type PlacedVip } from '../compiled.js';
import type { Explanation, Frame } from './explanation.js';
import { writeFirstPacket } from './first-packet.js';
import type { Flow } from './flow.js';
import { readHeaders } from './headers.js';

/** `burst.tracking` of a packet whose flow was in the table. */
const TRACKING_EXISTING = 1;
/** The largest IP packet with tags and encapsulation. */
const FRAME_BYTES = 1 << 17;

/** What is known beside the configuration, of a balancer that runs. */
export interface ExplainOptions {
  /** Weights of the moment, by asId. */
  readonly effective?: ReadonlyMap<string, EffectiveAs>;
  /** Address of the AS that the flow has in the flow table. */
  readonly established?: string;
}

/** What is known of a packet before the stages see it. */
export interface StagedPacket {
  /** Null: it is no IP packet. */
  readonly destination: Address | null;
  /** By which it is balanced; null: none that is known. */
  readonly flow: Flow | null;
}

/** Writes a packet at a byte offset of frame memory (≡ 2 mod 4) and returns its length. */
export type PacketWriter = (frames: FrameViews, at: number) => number;

/** Sends a packet through the stages of a fresh engine and tells what each of them found. */
export function runStages(
  config: Config,
  { flow, destination }: StagedPacket,
  write: PacketWriter,
  options: ExplainOptions = {},
): Omit<Explanation, 'flow'> {
  const { image, vips } = compileConfig(config, options);
  const frames = frameViews(new ArrayBuffer(FRAME_BYTES));
  const source = { frames, allocate: () => -1 };
  const engine = new Engine({ image, source, flowTableLines: 1, secret: [1, 1, 1, 1] });
  const { burst } = engine;
  const { established } = options;
  if (flow !== null && established !== undefined) enterFlow(engine, frames, flow, vips, established);
  putPacket(burst, frames, write);
  const before = frameOf(frames, burst);
  engine.process();

  const verdict = VERDICT_NAMES[burst.verdict[0]!]!;
  const sent = verdict === 'forward' || verdict === 'reply';
  const vip = vips.find(({ slot }) => slot === burst.vip[0]);
  const as = vip?.ass.find(({ slot }) => slot === burst.as[0]);
  const bucket = burst.bucket[0]!;
  const selected = bucket >= 0;
  const hit = as !== undefined && burst.tracking[0] === TRACKING_EXISTING;
  return {
    verdict,
    reason: verdict === 'punt' || verdict === 'drop' ? REASONS[burst.reason[0]!]![0] : null,
    prefixes: destination === null ? [] : prefixesAround(config, destination),
    vip: vip === undefined ? null : vipOf(vip.config),
    hash: vip !== undefined && flow !== null && (selected || hit) ? hashOf(config, flow, vip, burst) : null,
    flowTable: hit ? 'hit' : selected ? 'miss' : null,
    bucket: selected ? bucket : null,
    as: as === undefined ? null : { address: as.config.address, weight: as.config.weight },
    before,
    after: sent ? frameOf(frames, burst) : null,
  };
}

/** Gives the flow an entry, as if its first packet had been given to that AS. */
function enterFlow(
  engine: Engine,
  frames: FrameViews,
  flow: Flow,
  vips: readonly PlacedVip[],
  established: string,
): void {
  const { burst, flows } = engine;
  putPacket(burst, frames, (to, at) => writeFirstPacket(to, at, flow));
  engine.process();
  const vip = vips.find(({ slot }) => slot === burst.vip[0]);
  const as = vip?.ass.find(({ config }) => config.address === established);
  const at = flows.find(burst.lo[0]!, burst.hi[0]!, burst.now);
  if (as !== undefined && at >= 0) flows.setValue(at, as.slot + 1);
}

function putPacket(burst: Burst, frames: FrameViews, write: PacketWriter): void {
  burst.count = 1;
  burst.offset[0] = HEADROOM;
  burst.length[0] = write(frames, HEADROOM);
  // What no stage sets stays negative.
  for (const column of [burst.vip, burst.as, burst.bucket]) column[0] = -1;
}

function frameOf({ u8 }: FrameViews, burst: Burst): Frame {
  const from = burst.offset[0]!;
  const frame = u8.slice(from, from + burst.length[0]!);
  return { bytes: frame.length, headers: readHeaders(frame), hex: Buffer.from(frame).toString('hex') };
}

function vipOf({ prefix, protocol, port, encap, newLen }: VipConfig): Explanation['vip'] {
  return { prefix, protocol: protocol ?? null, port: port ?? null, encap, newLen };
}

function prefixesAround(config: Config, destination: Address): string[] {
  const prefixes = [...new Set(config.vips.map(({ prefix }) => prefix))];
  return prefixes
    .map((text) => ({ text, prefix: parsePrefix(text) }))
    .filter(({ prefix }) => prefixContains(prefix, destination))
    .sort((a, b) => b.prefix.length - a.prefix.length)
    .map(({ text }) => text);
}

function hashOf(config: Config, flow: Flow, vip: PlacedVip, burst: Burst): Explanation['hash'] {
  const lo = burst.lo[0]! >>> 0;
  const hi = burst.hi[0]! >>> 0;
  const identity = `0x${hi.toString(16).padStart(8, '0')}${lo.toString(16).padStart(8, '0')}`;
  const kind = config.flowHash;
  return { kind, identity, value: kind === 'fast' ? hi : vppHash(flow, vip.config.srcIpSticky) };
}

/** VPP's hash of the flow, from its raw words (see `FrameViews`). */
function vppHash({ source, destination, sourcePort, destinationPort }: Flow, sticky: boolean): number {
  const raw = (port: number): number => ((port & 0xff) << 8) | (port >>> 8);
  const ports = sticky ? 0 : raw(sourcePort) | (raw(destinationPort) << 16);
  const s = rawWords(source.bytes);
  const d = rawWords(destination.bytes);
  if (source.family === 4) return vppFlowHash4(s[0]!, d[0]!, ports) >>> 0;
  return vppFlowHash6(s[0]!, s[1]!, s[2]!, s[3]!, d[0]!, d[1]!, d[2]!, d[3]!, ports) >>> 0;
}

function rawWords(bytes: Uint8Array): Int32Array {
  return new Int32Array(Uint8Array.from(bytes).buffer);
}
