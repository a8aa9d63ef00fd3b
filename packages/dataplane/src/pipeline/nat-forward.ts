import { type FlowTable, flowHashColumn4 } from '@lb/core';
import type { FrameViews } from '@lb/encap';
import { B, type Burst, Flag } from '../burst.js';
import type { Image } from '../image/image.js';
import { A, EncapCode, V } from '../image/layout.js';
import { Reason, Verdict } from '../verdicts.js';
import { CANDIDATE_PORTS, candidatePort, type NatSessions, SESSION_NODE_PORT, SESSION_TAG } from './nat-sessions.js';

/**
 * Stage 6, NAT only: note how the answers of each translated flow are restored, and choose the client port the AS will
 * see. As for the flow table, small loops that only touch memory come before the one that decides: first the lines of
 * the session table, then the side words of the sessions found.
 */
export function createNatForward(burst: Burst, frames: FrameViews, sessions: NatSessions): (image: Image) => number {
  return function natForward(image) {
    const w = burst.words;
    const { table } = sessions;
    const { side, words: lines } = table;
    const count = burst.count;
    const now = burst.now;
    let sum = 0;
    table.allowMoves();
    keys(burst, image, frames, sessions);
    for (let i = 0; i < count; i++) sum = (sum + lines[w[B.NAT_LINE + i]]) | 0;
    for (let i = 0; i < count; i++) {
      const at = table.findInLine(w[B.NAT_LINE + i], w[B.NAT_LO + i], w[B.NAT_HI + i], now);
      w[B.NAT_AT + i] = at;
      // Without a session this is some other entry's side, or the table's first.
      sum = (sum + side[table.sideAt(Math.max(at, 0))]) | 0;
    }
    const expiry = (now + image.timeoutTicks) | 0;
    for (let i = 0; i < count; i++) {
      if (w[B.VERDICT + i] !== Verdict.PENDING || w[B.ENCAP + i] < EncapCode.NAT4) continue;
      const at = w[B.NAT_AT + i];
      // An entry made for another packet of this burst may have moved this one since it was found.
      const found = at >= 0 && lines[at] === w[B.NAT_LO + i];
      if (found && isOurs(burst, frames, sessions.table, i, at)) table.refresh(at, expiry);
      else resolve(burst, image, frames, sessions, i, expiry);
    }
    return sum;
  };
}

/** Session keys of all packets to be translated, and their lines; nonsense for the others, which nobody reads. */
function keys(burst: Burst, image: Image, frames: FrameViews, sessions: NatSessions): void {
  const w = burst.words;
  const { words, ass, vips, seed0, seed1 } = image;
  const count = burst.count;
  const ipv6 = (burst.seen & Flag.IPV6) !== 0;
  for (let i = 0; i < count; i++) {
    if (w[B.VERDICT + i] !== Verdict.PENDING || w[B.ENCAP + i] < EncapCode.NAT4) continue;
    const clientPort = w[B.PORTS + i] & 0xffff;
    w[B.CLIENT_PORT + i] = clientPort;
    w[B.NAT_AS + i] = words[ass + w[B.AS + i] * A.WORDS + A.ADDRESS];
    w[B.NAT_PORTS + i] = words[vips + w[B.VIP + i] * V.WORDS + V.TARGET_PORT] | (clientPort << 16);
    w[B.NAT_PROTOCOL + i] = w[B.PROTOCOL + i] | SESSION_TAG;
  }
  flowHashColumn4(w, count, seed0, seed1, B.NAT_AS, B.SRC, B.NAT_PORTS, B.NAT_PROTOCOL, B.NAT_LO, B.NAT_HI);
  if (ipv6) {
    for (let i = 0; i < count; i++) {
      if ((w[B.FLAGS + i] & Flag.IPV6) === 0 || w[B.ENCAP + i] < EncapCode.NAT4) continue;
      if (w[B.VERDICT + i] !== Verdict.PENDING) continue;
      key(burst, image, frames, sessions, i, w[B.CLIENT_PORT + i], w, B.NAT_LO + i, B.NAT_HI + i);
    }
  }
  sessions.table.firstLineColumn(w, count, B.NAT_LO, B.NAT_HI, B.NAT_LINE);
}

/** Key of packet `i`'s session if the AS sees `clientPort`, into `out[lo]` and `out[hi]`. */
function key(
  burst: Burst,
  image: Image,
  frames: FrameViews,
  sessions: NatSessions,
  i: number,
  clientPort: number,
  out: Int32Array,
  lo: number,
  hi: number,
): void {
  const { words, seed0, seed1 } = image;
  const as = image.ass + burst.as[i] * A.WORDS + A.ADDRESS;
  const ports = words[image.vips + burst.vip[i] * V.WORDS + V.TARGET_PORT] | (clientPort << 16);
  const protocol = burst.protocol[i];
  if ((burst.flags[i] & Flag.IPV6) === 0) {
    sessions.key4(seed0, seed1, words[as], burst.src[i], ports, protocol, out, lo, hi);
  } else {
    sessions.key6(seed0, seed1, words, as, frames.i32, burst.src[i] >>> 2, ports, protocol, out, lo, hi);
  }
}

function resolve(
  burst: Burst,
  image: Image,
  frames: FrameViews,
  sessions: NatSessions,
  i: number,
  expiry: number,
): void {
  const table = sessions.table;
  const now = burst.now;
  const lo = burst.natLo[i];
  const hi = burst.natHi[i];
  const at = table.find(lo, hi, now);
  const ours = at >= 0 && isOurs(burst, frames, sessions.table, i, at);
  if (ours) {
    table.refresh(at, expiry);
    return;
  }
  // An entry under our own port would hide a translated one: look for that first, if there can be any.
  if ((at >= 0 || sessions.translated > 0) && resolveTranslated(burst, image, frames, sessions, i, at >= 0, expiry)) {
    return;
  }
  if ((burst.flags[i] & Flag.ICMP_ERROR) !== 0) {
    // The error may have reached another worker than the flow it is about.
    const elsewhere = sessions.findReturn(lo, hi, now);
    if (elsewhere >= 0 && isOurs(burst, frames, sessions.foundIn, i, elsewhere)) return;
    // What the AS knows of the flow cannot be told: better no error than one about somebody else's.
    burst.verdict[i] = Verdict.DROP;
    burst.reason[i] = Reason.NAT_NO_FLOW;
  } else if (at < 0) {
    const made = table.insert(lo, hi, now, expiry, sessionValue(burst, i));
    if (made >= 0) {
      write(burst, frames, sessions, i, made);
    } else {
      // Nobody could translate the answers: better told now than a connection that hangs.
      burst.verdict[i] = Verdict.DROP;
      burst.reason[i] = Reason.NAT_TABLE_FULL;
    }
  }
}

/**
 * Find the flow under another client port, or, if its own is taken, enter it under one. False when it has none and
 * needs none.
 */
function resolveTranslated(
  burst: Burst,
  image: Image,
  frames: FrameViews,
  sessions: NatSessions,
  i: number,
  taken: boolean,
  expiry: number,
): boolean {
  const { table, key: found } = sessions;
  const own = burst.ports[i] & 0xffff;
  let free = 0;
  for (let k = 1; k <= CANDIDATE_PORTS; k++) {
    const port = candidatePort(own, k);
    key(burst, image, frames, sessions, i, port, found, 0, 1);
    const at = table.find(found[0], found[1], burst.now);
    if (at >= 0 && isOurs(burst, frames, sessions.table, i, at)) {
      table.refresh(at, expiry);
      burst.clientPort[i] = port;
      return true;
    }
    if (at < 0 && free === 0) free = port;
  }
  if (!taken || (burst.flags[i] & Flag.ICMP_ERROR) !== 0) return false;
  if (free !== 0) {
    key(burst, image, frames, sessions, i, free, found, 0, 1);
    const at = table.insert(found[0], found[1], burst.now, expiry, sessionValue(burst, i));
    if (at >= 0) {
      write(burst, frames, sessions, i, at);
      burst.clientPort[i] = free;
      sessions.translated++;
      return true;
    }
  }
  burst.verdict[i] = Verdict.DROP;
  burst.reason[i] = Reason.NAT_PORT_EXHAUSTED;
  return true;
}

function sessionValue(burst: Burst, i: number): number {
  return (burst.vip[i] + 1) | ((burst.flags[i] & Flag.NODE_PORT) !== 0 ? SESSION_NODE_PORT : 0);
}

/** Client's port low, the port the client used high: as they stand in a forward packet. */
function isOurs(burst: Burst, frames: FrameViews, table: FlowTable, i: number, at: number): boolean {
  const { side } = table;
  const from = table.sideAt(at);
  if (table.valueAt(at) !== sessionValue(burst, i) || side[from + 4] !== burst.ports[i]) return false;
  if ((burst.flags[i] & Flag.IPV6) === 0) return side[from] === burst.dst[i];
  const { i32 } = frames;
  const dst = burst.dst[i] >>> 2;
  return (
    side[from] === i32[dst] &&
    side[from + 1] === i32[dst + 1] &&
    side[from + 2] === i32[dst + 2] &&
    side[from + 3] === i32[dst + 3]
  );
}

function write(burst: Burst, frames: FrameViews, sessions: NatSessions, i: number, at: number): void {
  const { side } = sessions.table;
  const to = sessions.table.sideAt(at);
  side[to + 4] = burst.ports[i];
  if ((burst.flags[i] & Flag.IPV6) === 0) {
    side[to] = burst.dst[i];
    return;
  }
  const { i32 } = frames;
  const dst = burst.dst[i] >>> 2;
  for (let k = 0; k < 4; k++) side[to + k] = i32[dst + k];
}
