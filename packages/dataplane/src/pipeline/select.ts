import { type FlowTable, vppFlowHash4, vppFlowHash6 } from '@lb/core';
import type { FrameViews } from '@lb/encap';
import { B, type Burst, Flag, Life, Tracking } from '../burst.js';
import { AsCounter, type Counters, VipCounter } from '../counters.js';
import type { Image } from '../image/image.js';
import { A, AS_VACANT, H, ImageFlag, V } from '../image/layout.js';
import { FlowState, RULE_TICKS } from '../image/lifetimes.js';
import { Reason, Verdict } from '../verdicts.js';
import { isFirstSegment, staysOnDraining } from './draining.js';
import { writeFlowDetails } from './flow-details.js';
import { isSticky } from './hash.js';
import { inState, keepEntry, ruleOf, ticksOf } from './life.js';
import { PROTOCOL_TCP } from './protocols.js';

/**
 * Flow tables of the other workers, of as many lines and with the same secret, so that a flow has the same places in all.
 * Which worker has a flow is up to the network card or the kernel, who may change their mind: as queues come and go, when a
 * daemon starts or ends.
 */
export interface Peers {
  readonly tables: readonly FlowTable[];
  /** Tick until which any flow may come from another worker. */
  settlingUntil: number;
  /** Tables that may still be looked into for connections that begin, in this burst. */
  looks: number;
}

const NO_PEERS: Peers = { tables: [], settlingUntil: 0, looks: 0 };

/** Looks for connections that begin, in a burst: it bounds what a flood of them can cost, as each look is two cache misses. */
const MOST_LOOKS = 64;

/** Low 24 bits of a flow-table value: AS slot + 1. */
const FLOW_AS_MASK = 0xffffff;

/**
 * Stage 5, select: the AS of every packet. An established flow keeps its AS; a new one gets its bucket's and is
 * entered; one that finds no room is forwarded by its bucket all the same (untracked).
 */
export function createSelect(
  burst: Burst,
  frames: FrameViews,
  flows: FlowTable,
  counters: Counters,
  peers: Peers = NO_PEERS,
): (image: Image) => void {
  return function select(image) {
    const w = burst.words;
    const { words, ass, asSlots } = image;
    const { values, vipsAt } = counters;
    const now = burst.now;
    const life: number = lifeColumn(image);
    const count = burst.count;
    let misses = 0;
    // Packets in a row for one VIP are counted together: adding to one counter packet by packet is a chain of waits.
    let runVip = 0;
    let run = 0;
    w.fill(Tracking.EXISTING, B.TRACKING, B.TRACKING + count);
    for (let i = 0; i < count; i++) {
      if (w[B.VERDICT + i] !== Verdict.PENDING) continue;
      const vip = w[B.VIP + i];
      const at = flows.findInLine(w[B.LINE + i], w[B.LO + i], w[B.HI + i], now);
      if (at >= 0) {
        const value = flows.valueAt(at);
        const as = (value & FLOW_AS_MASK) - 1;
        const says = w[life + i];
        // A flushed or reassigned slot answers with another VIP, a draining one with more bits: they are looked at below.
        if (as >>> 0 < asSlots && words[ass + as * A.WORDS + A.VIP] === vip) {
          if (says === Life.TCP_SYN) {
            // At once: what follows in this burst may be of the connection that it opens.
            selectNew(burst, image, frames, flows, counters, peers, i, at, says);
            continue;
          }
          const rule = words[H.LIFETIMES + says + ((value & FlowState.MASK) >>> FlowState.SHIFT)];
          flows.refresh(at, (now + (rule & RULE_TICKS)) | 0);
          if (((value ^ rule) & FlowState.MASK) !== 0) flows.setValue(at, inState(value, rule));
          w[B.AS + i] = as;
          if (vip !== runVip) {
            values[vipsAt + runVip * VipCounter.COUNT + VipCounter.EXISTING] += run;
            runVip = vip;
            run = 0;
          }
          run++;
          continue;
        }
      }
      w[B.MISSES + misses++] = i;
    }
    values[vipsAt + runVip * VipCounter.COUNT + VipCounter.EXISTING] += run;
    if (misses > 0) selectListed(burst, image, frames, flows, counters, peers, misses);
  };
}

/** Column of what a packet says about the life of its entry. */
function lifeColumn({ flags }: Image): B.LIFE | B.ID_LIFE {
  return (flags & ImageFlag.HAS_STICKY) !== 0 ? B.ID_LIFE : B.LIFE;
}

/**
 * Select for the packets listed in column B.MISSES: flows that are not in their first line, or whose entry wants a second
 * look. Touches all second lines together before looking (a new flow costs two cache misses; so they overlap).
 */
export function selectListed(
  burst: Burst,
  image: Image,
  frames: FrameViews,
  flows: FlowTable,
  counters: Counters,
  peers: Peers,
  misses: number,
): void {
  const w = burst.words;
  const { values, vipsAt } = counters;
  const life: number = lifeColumn(image);
  let sum = 0;
  peers.looks = MOST_LOOKS;
  for (let k = 0; k < misses; k++) {
    const i = w[B.MISSES + k];
    const second = flows.secondLine(w[B.LO + i], w[B.HI + i]);
    sum = (sum + flows.words[second]) | 0;
    if (w[life + i] !== Life.TCP_SYN || peers.looks <= 0) continue;
    for (let p = 0; p < peers.tables.length; p++) {
      const peer = peers.tables[p].words;
      sum = (sum + peer[w[B.LINE + i]] + peer[second]) | 0;
    }
    peers.looks -= peers.tables.length;
  }
  peers.looks = MOST_LOOKS;
  flows.allowMoves();
  flows.touched = sum;
  for (let k = 0; k < misses; k++) {
    const i = w[B.MISSES + k];
    const vip = w[B.VIP + i];
    // In both lines: the flow may have been entered by an earlier packet of this burst.
    const at = flows.find(w[B.LO + i], w[B.HI + i], burst.now);
    const as = at < 0 ? -1 : (flows.valueAt(at) & FLOW_AS_MASK) - 1;
    const owner = ownerOf(image, as);
    const says = w[life + i];
    // A connection that is opened goes where new ones go, whatever is left of another one with its addresses and ports.
    const opens = says === Life.TCP_SYN;
    if (opens || (owner !== vip && !staysOnDraining(burst, frames, owner, i))) {
      const asked = peers.tables.length > 0 && mayBeOfPeer(burst, image, frames, peers, i, at);
      if (!asked || !selectOfPeer(burst, image, frames, flows, counters, peers, i, says)) {
        selectNew(burst, image, frames, flows, counters, peers, i, at, says);
      }
      continue;
    }
    keepEntry(image, flows, at, says, burst.now);
    w[B.AS + i] = as;
    values[vipsAt + vip * VipCounter.COUNT + VipCounter.EXISTING] += 1;
  }
}

/**
 * Word A.VIP of an AS slot that stands in a flow table. Tables may be damaged, left by another process, or of a worker that
 * follows a newer image: a slot that this one lacks is vacant.
 */
function ownerOf({ words, ass, asSlots }: Image, as: number): number {
  return as >>> 0 < asSlots ? words[ass + as * A.WORDS + A.VIP] : AS_VACANT;
}

/**
 * Whether packet `i`, whose flow has no entry here that may be used, is worth a look into other workers' tables. The
 * first packet of a connection is not; of other protocols any packet may be the first, so they are asked about only
 * while packets may be finding new ways. ICMP errors go by addresses of their own, to any worker; so do the flows of a client
 * that is to have one AS for all.
 */
function mayBeOfPeer(burst: Burst, image: Image, frames: FrameViews, peers: Peers, i: number, at: number): boolean {
  if ((burst.flags[i] & Flag.ICMP_ERROR) !== 0) return true;
  if (at >= 0) return false;
  if (isSticky(image, burst.vip[i])) return true;
  if (burst.protocol[i] === PROTOCOL_TCP) return !isFirstSegment(burst, frames, i);
  return ((peers.settlingUntil - burst.now) | 0) > 0;
}

/** Take the AS of a flow that is in another worker's table, which is only read, and enter it here as well. */
function selectOfPeer(
  burst: Burst,
  image: Image,
  frames: FrameViews,
  flows: FlowTable,
  counters: Counters,
  { tables }: Peers,
  i: number,
  says: number,
): boolean {
  const vip = burst.vip[i];
  for (let p = 0; p < tables.length; p++) {
    const peer = tables[p];
    const there = peer.find(burst.lo[i], burst.hi[i], burst.now);
    const value = there < 0 ? 0 : peer.valueAt(there);
    const as = (value & FLOW_AS_MASK) - 1;
    const owner = ownerOf(image, as);
    if (owner !== vip && !staysOnDraining(burst, frames, owner, i)) continue;
    burst.as[i] = as;
    burst.tracking[i] = Tracking.EXISTING;
    counters.values[counters.vipsAt + vip * VipCounter.COUNT + VipCounter.EXISTING] += 1;
    if ((burst.flags[i] & Flag.ICMP_ERROR) !== 0) return true;
    const rule = ruleOf(image, says, value);
    const expiry = (burst.now + ticksOf(rule)) | 0;
    const at = flows.insert(burst.lo[i], burst.hi[i], burst.now, expiry, inState(value, rule));
    // Without room here the peer is asked every time.
    if (at >= 0 && flows.sideWords > 0) writeFlowDetails(burst, frames, flows, i, at);
    return true;
  }
  return false;
}

/**
 * Give packet `i` the AS that its bucket has now. If that is the one it had, it counts as an existing flow.
 * @param at position of the flow's entry if it has one that is not to be used as it is, else -1
 */
function selectNew(
  burst: Burst,
  image: Image,
  frames: FrameViews,
  flows: FlowTable,
  counters: Counters,
  peers: Peers,
  i: number,
  at: number,
  says: number,
): void {
  const { words } = image;
  const values = counters.values;
  const vip = burst.vip[i];
  const record = image.vips + vip * V.WORDS;
  const counter = counters.vipsAt + vip * VipCounter.COUNT;
  const bucket = bucketOf(burst, image, frames, i) & words[record + V.MASK];
  const value = words[words[record + V.TABLE] + bucket];
  burst.bucket[i] = bucket;
  burst.tracking[i] = Tracking.NONE;
  if (value === 0) {
    burst.verdict[i] = Verdict.DROP;
    burst.reason[i] = Reason.NO_SERVER;
    values[counter + VipCounter.NO_SERVER] += 1;
    return;
  }
  burst.as[i] = value - 1;
  if (says === Life.TCP_SYN && (at >= 0 || peers.looks > 0)) {
    if (at < 0) peers.looks -= peers.tables.length;
    endElsewhere(burst, flows, peers, i, value);
  }
  const asCounter = counters.assAt + (value - 1) * AsCounter.COUNT;
  // An ICMP error is no sign of life of a flow: it makes no entry.
  const enter = (burst.flags[i] & Flag.ICMP_ERROR) === 0;
  let entry = -1;
  const rule = ruleOf(image, says, 0);
  const expiry = (burst.now + ticksOf(rule)) | 0;
  if (enter && at >= 0) {
    entry = at;
    const had = flows.valueAt(at) & FLOW_AS_MASK;
    flows.setValue(at, inState(value, rule));
    flows.refresh(at, expiry);
    if (had === value) {
      burst.tracking[i] = Tracking.EXISTING;
      values[counter + VipCounter.EXISTING] += 1;
      return;
    }
  } else if (enter) {
    entry = flows.insert(burst.lo[i], burst.hi[i], burst.now, expiry, inState(value, rule));
  }
  if (entry < 0) {
    burst.tracking[i] = Tracking.UNTRACKED;
    values[counter + VipCounter.UNTRACKED] += 1;
    values[asCounter + AsCounter.UNTRACKED] += 1;
    return;
  }
  if (flows.sideWords > 0) writeFlowDetails(burst, frames, flows, i, entry);
  burst.tracking[i] = Tracking.FIRST;
  values[counter + VipCounter.FIRST] += 1;
  values[asCounter + AsCounter.FIRST] += 1;
}

/**
 * End what other workers have of packet `i`'s flow with another AS: the connection before, whose entry would take the one
 * that begins now if its packets came there.
 */
function endElsewhere(burst: Burst, flows: FlowTable, { tables }: Peers, i: number, value: number): void {
  const w = burst.words;
  const lo = w[B.LO + i];
  const hi = w[B.HI + i];
  const { now } = burst;
  const second = flows.secondLine(lo, hi);
  for (let p = 0; p < tables.length; p++) {
    const peer = tables[p];
    let at = peer.findInLine(w[B.LINE + i], lo, hi, now);
    if (at < 0) at = peer.findInLine(second, lo, hi, now);
    if (at >= 0 && (peer.valueAt(at) & FLOW_AS_MASK) !== value) peer.endShared(at, lo, hi, now);
  }
}

/** The number that picks the bucket: half of the flow's identity, or VPP's hash. */
export function bucketOf(burst: Burst, image: Image, frames: FrameViews, i: number): number {
  const w = burst.words;
  if ((image.flags & ImageFlag.HASH_VPP) === 0) return w[B.HI + i];
  const ports = isSticky(image, w[B.VIP + i]) ? 0 : w[B.PORTS + i];
  if ((burst.flags[i] & Flag.IPV6) === 0) return vppFlowHash4(w[B.SRC + i], w[B.DST + i], ports);
  const { i32 } = frames;
  const s = w[B.SRC + i] >>> 2;
  const d = w[B.DST + i] >>> 2;
  // biome-ignore format: one address to a line
  return vppFlowHash6(
    i32[s], i32[s + 1], i32[s + 2], i32[s + 3],
    i32[d], i32[d + 1], i32[d + 2], i32[d + 3], ports);
}
