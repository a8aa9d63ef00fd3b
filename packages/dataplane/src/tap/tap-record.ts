import { Flag, Tracking } from '../burst.js';
import { hex32, port, protocolName, rawAddress } from '../flows/flow-view.js';
import { OUTPUT_KERNEL } from '../image/layout.js';
import { REASONS, type ReasonName, VERDICT_NAMES, Verdict } from '../verdicts.js';
import type { VerdictName } from './tap-filter.js';
import { OUTPUT_UNSAID, R } from './tap-layout.js';

/** A packet, or the beginning of it. */
export interface TapFrame {
  /** Bytes from the Ethernet header on, as many as are kept. */
  readonly bytes: Uint8Array;
  /** Bytes that it had. */
  readonly length: number;
}

/** What became of a packet. What it did not come to is null. */
export interface TapRecord {
  readonly worker: number;
  /** Time of its burst since 1970. */
  readonly sec: number;
  readonly nsec: number;
  readonly verdict: VerdictName;
  /** Why it was dropped or left to the kernel. */
  readonly reason: ReasonName | null;
  /** `tcp`, `udp`, `icmp` or a number. Of an ICMP error, this and the rest of the flow are of the packet it is about, turned round. */
  readonly protocol: string | null;
  readonly source: string | null;
  readonly sourcePort: number | null;
  readonly destination: string | null;
  readonly destinationPort: number | null;
  readonly icmpError: boolean;
  readonly fragment: boolean;
  readonly vipSlot: number | null;
  /** Of return traffic and of packets without a server: null. */
  readonly asSlot: number | null;
  /** How its AS was found: by the flow table, or by its bucket, with or without room for an entry. */
  readonly tracking: 'existing' | 'first' | 'untracked' | null;
  /** Bucket that was asked, which is only asked for new flows. */
  readonly bucket: number | null;
  /** 64 bits by which the flow table knows the flow, as `0x` and 16 digits. */
  readonly identity: string | null;
  /** Numbers of queues. */
  readonly input: number;
  readonly output: number | 'kernel' | null;
  /** Image by which the slots are understood. */
  readonly imageRevision: number;
  /** As received; null of one that was made here, or had been held until its first fragment came. */
  readonly before: TapFrame | null;
  /** As sent; null if it is not. */
  readonly after: TapFrame | null;
}

const TRACKINGS: Partial<Record<number, TapRecord['tracking']>> = {
  [Tracking.EXISTING]: 'existing',
  [Tracking.FIRST]: 'first',
  [Tracking.UNTRACKED]: 'untracked',
};

/** The record that begins at `words[at]`, copied. */
export function readRecord(words: Int32Array, at: number, worker: number): TapRecord {
  const verdict = words[at + R.VERDICT] & 0xff;
  const flags = words[at + R.FLAGS];
  const vip = words[at + R.VIP];
  const as = words[at + R.AS];
  const output = words[at + R.OUTPUT];
  const beforeBytes = words[at + R.BEFORE_BYTES];
  const from = at + R.COUNT;
  const selected = vip >= 0 && as >= 0;
  return {
    worker,
    sec: words[at + R.SEC] >>> 0,
    nsec: words[at + R.NSEC],
    verdict: VERDICT_NAMES[verdict],
    reason: verdict === Verdict.DROP || verdict === Verdict.PUNT ? reasonName(words[at + R.VERDICT]) : null,
    ...flowOf(words, at),
    icmpError: (flags & Flag.ICMP_ERROR) !== 0,
    fragment: (flags & (Flag.FRAGMENT_FIRST | Flag.FRAGMENT_LATER)) !== 0,
    vipSlot: orNull(vip),
    asSlot: orNull(as),
    tracking: selected ? (TRACKINGS[(words[at + R.VERDICT] >>> 16) & 0xff] ?? null) : null,
    bucket: orNull(words[at + R.BUCKET]),
    identity: selected ? `0x${hex32(words[at + R.HI])}${hex32(words[at + R.LO])}` : null,
    input: words[at + R.INPUT],
    output: output === OUTPUT_UNSAID ? null : output === OUTPUT_KERNEL ? 'kernel' : output,
    imageRevision: words[at + R.REVISION],
    before: frameOf(words, from, beforeBytes, words[at + R.BEFORE_LENGTH]),
    after: frameOf(words, from + ((beforeBytes + 3) >>> 2), words[at + R.AFTER_BYTES], words[at + R.AFTER_LENGTH]),
  };
}

function orNull(value: number): number | null {
  return value < 0 ? null : value;
}

function reasonName(word: number): ReasonName {
  return REASONS[(word >>> 8) & 0xff][0];
}

type RecordFlow = Pick<TapRecord, 'protocol' | 'source' | 'sourcePort' | 'destination' | 'destinationPort'>;

function flowOf(words: Int32Array, at: number): RecordFlow {
  const family = words[at + R.KIND] >>> 16;
  if (family !== 4 && family !== 6) {
    return { protocol: null, source: null, sourcePort: null, destination: null, destinationPort: null };
  }
  const ported = (words[at + R.FLAGS] & Flag.PORTS) !== 0;
  const ports = words[at + R.PORTS];
  return {
    protocol: protocolName(words[at + R.KIND] & 0xffff),
    source: rawAddress(family, words, at + R.SOURCE),
    sourcePort: ported ? port(ports) : null,
    destination: rawAddress(family, words, at + R.DESTINATION),
    destinationPort: ported ? port(ports >>> 16) : null,
  };
}

function frameOf(words: Int32Array, at: number, bytes: number, length: number): TapFrame | null {
  if (length === 0) return null;
  return { bytes: new Uint8Array(words.buffer, words.byteOffset + at * 4, bytes).slice(), length };
}
