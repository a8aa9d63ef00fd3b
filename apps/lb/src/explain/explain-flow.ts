import type { Config, EffectiveAs, Encap, VipConfig } from '@lb/control';
import { formatAddress, parsePrefix, prefixContains, vppFlowHash4, vppFlowHash6 } from '@lb/core';
import { type Burst, Engine, HEADROOM, REASONS, VERDICT_NAMES } from '@lb/dataplane';
import { type FrameViews, frameViews } from '@lb/encap';
import { compileConfig, type PlacedVip } from '../compiled.js';
import { writeFirstPacket, writeLaterPacket } from './first-packet.js';
import type { Flow, FlowProtocol } from './flow.js';
import { type Header, readHeaders } from './headers.js';

/** A frame, field by field and as it stands. */
export interface Frame {
  /** Length without frame check sequence. */
  readonly bytes: number;
  readonly headers: readonly Header[];
  readonly hex: string;
}

/** The JSON of `lb explain`. What a packet did not come to is null. */
export interface Explanation {
  readonly flow: {
    readonly source: string;
    readonly sourcePort: number | null;
    readonly destination: string;
    readonly destinationPort: number | null;
    readonly protocol: FlowProtocol;
  };
  readonly verdict: (typeof VERDICT_NAMES)[number];
  /** Why it is dropped or left to the kernel. */
  readonly reason: string | null;
  /** VIP prefixes that hold the destination, longest first: the first one decides. */
  readonly prefixes: readonly string[];
  readonly vip: {
    readonly prefix: string;
    readonly protocol: 'tcp' | 'udp' | null;
    readonly port: number | null;
    readonly encap: Encap;
    readonly newLen: number;
  } | null;
  readonly hash: {
    readonly kind: Config['flowHash'];
    /** 64-bit identity of the flow, by which the flow table knows it. */
    readonly identity: string;
    /** 32-bit number whose low bits are the bucket. */
    readonly value: number;
  } | null;
  readonly flowTable: 'hit' | 'miss' | null;
  /** Bucket of the new-flow table, which decides on a miss. */
  readonly bucket: number | null;
  readonly as: { readonly address: string; readonly weight: number } | null;
  readonly before: Frame;
  /** As sent, or null when it is not. */
  readonly after: Frame | null;
}

/** `burst.tracking` of a packet whose flow was in the table. */
const TRACKING_EXISTING = 1;
const FRAME_BYTES = 2048;

/** What is known beside the configuration, of a balancer that runs. */
export interface ExplainOptions {
  /** Weights of the moment, by asId. */
  readonly effective?: ReadonlyMap<string, EffectiveAs>;
  /** Address of the AS that the flow has in the flow table. */
  readonly established?: string;
}

/** Sends the first packet of a flow through the stages of a fresh engine and tells what each of them found. */
export function explainFlow(config: Config, flow: Flow, options: ExplainOptions = {}): Explanation {
  const { image, vips } = compileConfig(config, options);
  const frames = frameViews(new ArrayBuffer(FRAME_BYTES));
  const source = { frames, allocate: () => -1 };
  const engine = new Engine({ image, source, flowTableLines: 1, secret: [1, 1, 1, 1] });
  const { burst } = engine;
  const { established } = options;
  if (established !== undefined) enterFlow(engine, frames, flow, vips, established);
  putPacket(burst, frames, flow, established === undefined ? writeFirstPacket : writeLaterPacket);
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
    flow: flowOf(flow),
    verdict,
    reason: sent ? null : REASONS[burst.reason[0]!]![0],
    prefixes: prefixesAround(config, flow),
    vip: vip === undefined ? null : vipOf(vip.config),
    hash: vip !== undefined && (selected || hit) ? hashOf(config, flow, vip, burst) : null,
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
  putPacket(burst, frames, flow, writeFirstPacket);
  engine.process();
  const vip = vips.find(({ slot }) => slot === burst.vip[0]);
  const as = vip?.ass.find(({ config }) => config.address === established);
  const at = flows.find(burst.lo[0]!, burst.hi[0]!, burst.now);
  if (as !== undefined && at >= 0) flows.setValue(at, as.slot + 1);
}

function putPacket(burst: Burst, frames: FrameViews, flow: Flow, write: typeof writeFirstPacket): void {
  burst.count = 1;
  burst.offset[0] = HEADROOM;
  burst.length[0] = write(frames, HEADROOM, flow);
  // What no stage sets stays negative.
  for (const column of [burst.vip, burst.as, burst.bucket]) column[0] = -1;
}

function frameOf({ u8 }: FrameViews, burst: Burst): Frame {
  const from = burst.offset[0]!;
  const frame = u8.slice(from, from + burst.length[0]!);
  return { bytes: frame.length, headers: readHeaders(frame), hex: Buffer.from(frame).toString('hex') };
}

function flowOf({ source, sourcePort, destination, destinationPort, protocol }: Flow): Explanation['flow'] {
  const ports = protocol !== 'icmp';
  return {
    source: formatAddress(source),
    sourcePort: ports ? sourcePort : null,
    destination: formatAddress(destination),
    destinationPort: ports ? destinationPort : null,
    protocol,
  };
}

function vipOf({ prefix, protocol, port, encap, newLen }: VipConfig): Explanation['vip'] {
  return { prefix, protocol: protocol ?? null, port: port ?? null, encap, newLen };
}

function prefixesAround(config: Config, { destination }: Flow): string[] {
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
