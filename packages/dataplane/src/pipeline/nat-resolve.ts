import type { FlowTable } from '@lb/core';
import type { FrameViews } from '@lb/encap';
import { type Burst, Flag } from '../burst.js';
import { TICKS_PER_SECOND } from '../clock.js';
import type { Image } from '../image/image.js';
import { Reason, Verdict } from '../verdicts.js';
import { inState, keepEntry, ruleOf, ticksOf } from './life.js';
import { aliasKey, isOurFlow, sessionKey, sessionValue, writeOrigin } from './nat-identity.js';
import { CANDIDATE_PORTS, type NatSessions } from './nat-sessions.js';
import { findShared, isSettled, SESSION_TENTATIVE, settle } from './nat-shared.js';

/** Who has a key at other workers. */
const enum Holder {
  NOBODY,
  THIS_FLOW,
  OTHER_FLOW,
}

/** What came of entering a session. */
const enum Entered {
  YES,
  NO_ROOM,
  /** Another worker had entered the key for another flow. */
  TAKEN,
}

/**
 * A peer in the middle of a burst may still refresh a session that has ended by our clock: for so long it counts as
 * taken. A worker that stands still for longer is replaced before.
 */
const GRACE_TICKS = 4 * TICKS_PER_SECOND;

/**
 * Find or make the session of packet `i`, which is not where the stage looked first. Its client port is set if the AS
 * is to see another, its verdict if there can be no session.
 */
export function resolveSession(burst: Burst, image: Image, frames: FrameViews, sessions: NatSessions, i: number): void {
  const { table } = sessions;
  const lo = burst.natLo[i];
  const hi = burst.natHi[i];
  let at = table.find(lo, hi, burst.now);
  if (at >= 0 && isSettled(table, at) && isOurFlow(burst, frames, table, i, at)) {
    renew(burst, image, table, i, at);
    return;
  }
  // A thread that died has left it: enter it anew.
  if (at >= 0 && !isSettled(table, at)) at = -1;
  // A session under our own port would hide a translated one: look for that first, if there can be any.
  const translated = at >= 0 || sessions.translated > 0 || sessions.peers.length > 0;
  if (translated && followAlias(burst, image, frames, sessions, i)) return;
  const holder = at >= 0 ? Holder.OTHER_FLOW : holderOf(burst, frames, sessions, i, lo, hi);
  if ((burst.flags[i] & Flag.ICMP_ERROR) !== 0) {
    // What the AS knows of the flow cannot be told: better no error than one about somebody else's.
    if (holder !== Holder.THIS_FLOW) drop(burst, i, Reason.NAT_NO_FLOW);
    return;
  }
  if (holder !== Holder.OTHER_FLOW) {
    const entered = enter(burst, frames, sessions, i, lo, hi, ruleOf(image, burst.life[i], 0));
    if (entered === Entered.YES) return;
    if (entered === Entered.NO_ROOM) {
      // Nobody could translate the answers: better told now than a connection that hangs.
      if (holder === Holder.NOBODY) drop(burst, i, Reason.NAT_TABLE_FULL);
      return;
    }
  }
  translate(burst, image, frames, sessions, i);
}

/** Keep a settled session of packet `i`'s flow, which may have been another VIP's before. */
function renew(burst: Burst, image: Image, table: FlowTable, i: number, at: number): void {
  const had = table.valueAt(at);
  const value = inState(sessionValue(burst, i), had);
  if (had !== value) settle(table, at, value);
  keepEntry(image, table, at, burst.life[i], burst.now);
}

/**
 * Find the flow under another client port, in this table or a peer's: its packets may have come there before, as
 * fragments come to another worker than whole packets of one flow.
 */
function followAlias(burst: Burst, image: Image, frames: FrameViews, sessions: NatSessions, i: number): boolean {
  const { table, peers, key } = sessions;
  const { now } = burst;
  aliasKey(burst, image, frames, sessions, i);
  const aliasLo = key[0];
  const aliasHi = key[1];
  for (let p = -1; p < peers.length; p++) {
    const holder = p < 0 ? table : peers[p];
    const alias = findShared(holder, aliasLo, aliasHi, now);
    if (alias < 0) continue;
    const port = holder.side[holder.sideAt(alias)];
    sessionKey(burst, image, frames, sessions, i, port, key, 0, 1);
    const at = findShared(holder, key[0], key[1], now);
    if (at < 0 || !isSettled(holder, at) || !isOurFlow(burst, frames, holder, i, at)) continue;
    burst.clientPort[i] = port;
    if (holder === table) {
      renew(burst, image, table, i, at);
      table.refresh(alias, table.expiryAt(at));
    } else if ((burst.flags[i] & Flag.ICMP_ERROR) === 0) {
      // Without room for a copy the peer's is looked up again every time.
      const rule = ruleOf(image, burst.life[i], holder.valueAt(at));
      const entered = enter(burst, frames, sessions, i, key[0], key[1], rule);
      const expiry = (now + ticksOf(rule)) | 0;
      if (entered === Entered.YES) sessions.enterAlias(aliasLo, aliasHi, now, expiry, port);
    }
    return true;
  }
  return false;
}

/** Enter the flow under a client port that no other flow has. */
function translate(burst: Burst, image: Image, frames: FrameViews, sessions: NatSessions, i: number): void {
  const { table, key } = sessions;
  const { now } = burst;
  const own = burst.ports[i] & 0xffff;
  const rule = ruleOf(image, burst.life[i], 0);
  for (let n = 0; n < CANDIDATE_PORTS; n++) {
    const port = sessions.candidate(own, n);
    sessionKey(burst, image, frames, sessions, i, port, key, 0, 1);
    const lo = key[0];
    const hi = key[1];
    if (table.find(lo, hi, now) >= 0 || holderOf(burst, frames, sessions, i, lo, hi) !== Holder.NOBODY) continue;
    const entered = enter(burst, frames, sessions, i, lo, hi, rule);
    if (entered === Entered.TAKEN) continue;
    burst.clientPort[i] = port;
    aliasKey(burst, image, frames, sessions, i);
    if (entered === Entered.YES && sessions.enterAlias(key[0], key[1], now, (now + ticksOf(rule)) | 0, port)) return;
    // A session that its flow cannot find would only keep the port from others.
    const at = table.find(lo, hi, now);
    if (at >= 0) settle(table, at, 0);
    drop(burst, i, Reason.NAT_TABLE_FULL);
    return;
  }
  drop(burst, i, Reason.NAT_PORT_EXHAUSTED);
}

/**
 * Enter packet `i`'s session tentatively, look whether another worker has entered the key meanwhile, and only then settle
 * it: of two workers that do so at once at least one sees the other, and gives way.
 * @param rule by which it begins
 */
function enter(
  burst: Burst,
  frames: FrameViews,
  sessions: NatSessions,
  i: number,
  lo: number,
  hi: number,
  rule: number,
): Entered {
  const { table } = sessions;
  const value = inState(sessionValue(burst, i), rule);
  const expiry = (burst.now + ticksOf(rule)) | 0;
  const at = table.insert(lo, hi, burst.now, expiry, value | SESSION_TENTATIVE);
  if (at < 0) return Entered.NO_ROOM;
  writeOrigin(burst, frames, table, i, at);
  settle(table, at, value | SESSION_TENTATIVE);
  if (holderOf(burst, frames, sessions, i, lo, hi) === Holder.OTHER_FLOW) {
    settle(table, at, 0);
    return Entered.TAKEN;
  }
  settle(table, at, value);
  return Entered.YES;
}

/** Who has a key at other workers. Two of them may have a session of the same flow each. */
function holderOf(burst: Burst, frames: FrameViews, sessions: NatSessions, i: number, lo: number, hi: number): Holder {
  const { peers } = sessions;
  const now = (burst.now - GRACE_TICKS) | 0;
  let holder = Holder.NOBODY;
  for (let p = 0; p < peers.length; p++) {
    const at = findShared(peers[p], lo, hi, now);
    if (at < 0) continue;
    if (!isOurFlow(burst, frames, peers[p], i, at)) return Holder.OTHER_FLOW;
    holder = Holder.THIS_FLOW;
  }
  return holder;
}

function drop(burst: Burst, i: number, reason: Reason): void {
  burst.verdict[i] = Verdict.DROP;
  burst.reason[i] = reason;
}
