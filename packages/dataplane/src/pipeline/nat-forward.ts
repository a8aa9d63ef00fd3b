import { flowHashColumn4 } from '@lb/core';
import type { FrameViews } from '@lb/encap';
import { B, type Burst, Flag } from '../burst.js';
import type { Image } from '../image/image.js';
import { A, EncapCode, V } from '../image/layout.js';
import { Verdict } from '../verdicts.js';
import { keepEntry } from './life.js';
import { isOurs, sessionKey } from './nat-identity.js';
import { resolveSession } from './nat-resolve.js';
import { type NatSessions, SESSION_TAG } from './nat-sessions.js';

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
    for (let i = 0; i < count; i++) {
      if (w[B.VERDICT + i] !== Verdict.PENDING || w[B.ENCAP + i] < EncapCode.NAT4) continue;
      const at = w[B.NAT_AT + i];
      // An entry made for another packet of this burst may have moved this one since it was found.
      const found = at >= 0 && lines[at] === w[B.NAT_LO + i];
      if (found && isOurs(burst, frames, table, i, at)) keepEntry(image, table, at, w[B.LIFE + i], now);
      else resolveSession(burst, image, frames, sessions, i);
    }
    return sum;
  };
}

/** Find or make the sessions of the packets listed in column B.MISSES, which another stage has not found. */
export function resolveListed(
  burst: Burst,
  image: Image,
  frames: FrameViews,
  sessions: NatSessions,
  listed: number,
): void {
  const w = burst.words;
  sessions.table.allowMoves();
  for (let k = 0; k < listed; k++) resolveSession(burst, image, frames, sessions, w[B.MISSES + k]);
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
      sessionKey(burst, image, frames, sessions, i, w[B.CLIENT_PORT + i], w, B.NAT_LO + i, B.NAT_HI + i);
    }
  }
  sessions.table.firstLineColumn(w, count, B.NAT_LO, B.NAT_HI, B.NAT_LINE);
}
