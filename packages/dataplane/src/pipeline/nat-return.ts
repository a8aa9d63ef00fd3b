import {
  decrementHopLimit6,
  decrementTtl4,
  type FrameViews,
  natIcmpError4,
  natIcmpError6,
  natIp4,
  natIp6,
} from '@lb/encap';
import { type Burst, Flag, Life, Tracking } from '../burst.js';
import { type Counters, VipCounter, WorkerCounter } from '../counters.js';
import { MAX_VIP_SLOTS } from '../image/compiler.js';
import type { Image } from '../image/image.js';
import { Hop, ImageFlag, N, placeOf } from '../image/layout.js';
import { FlowState } from '../image/lifetimes.js';
import type { FrameSource } from '../queues/queue.js';
import { Reason, Verdict } from '../verdicts.js';
import { keepEntry } from './life.js';
import { clampPacket } from './mss.js';
import type { Mtu } from './mtu.js';
import { type NatSessions, SESSION_VIP_MASK } from './nat-sessions.js';
import { SIDE_DESTINATION, SIDE_SOURCE } from './nat-sides.js';
import { returnHop } from './output.js';
import { PROTOCOL_ICMP } from './protocols.js';

/**
 * The return path of NAT: a packet from AS:target_port gets the VIP and port its client knows as source, and the
 * client's own port if that had been changed. Runs before classify, for traffic that arrives on an interface named by
 * `lb set interface nat4|nat6 in`; packets that come from no AS go on unchanged.
 *
 * Only a session says which VIP a packet belongs to. One without goes on unchanged: it may be of a connection that
 * was made to the server itself.
 */
export function natReturn(
  burst: Burst,
  image: Image,
  frames: FrameViews,
  sessions: NatSessions,
  counters: Counters,
  mtu: Mtu,
  source: FrameSource,
): void {
  const four = mayReturn(image, burst.input, 0);
  const six = mayReturn(image, burst.input, Flag.IPV6);
  if (!four && !six) return;
  // Up to the current count: what is too long for its way is appended in fragments.
  for (let i = 0; i < burst.count; i++) {
    if (burst.verdict[i] !== Verdict.PENDING || (burst.flags[i] & Flag.PORTS) === 0) continue;
    if (!((burst.flags[i] & Flag.IPV6) === 0 ? four : six)) continue;
    if (!isServer(burst, image, frames, i)) continue;
    const at = findSession(burst, image, frames, sessions, i);
    if (at < 0) continue;
    if ((image.flags & ImageFlag.HAS_NETWORK) !== 0) {
      const limit = image.words[returnHop(burst, image, frames, i) + Hop.MTU];
      if (burst.ipLength[i] > limit) mtu.tooLong(burst, source, i, limit);
      if (burst.verdict[i] !== Verdict.PENDING) continue;
    }
    restore(burst, image, frames, sessions, counters, i, at);
  }
}

/** Whether a packet of this family that came in by queue `input` may be return traffic. */
export function mayReturn(image: Image, input: number, flags: number): boolean {
  const queues = (flags & Flag.IPV6) === 0 ? image.nat4Queues : image.nat6Queues;
  return ((queues >>> input) & 1) !== 0;
}

/** Whether packet `i` comes from an address and port that answer for a NAT VIP. */
function isServer(burst: Burst, image: Image, frames: FrameViews, i: number): boolean {
  const { words, nat, natMask } = image;
  const six = (burst.flags[i] & Flag.IPV6) !== 0;
  const { i32 } = frames;
  const from = burst.src[i] >>> 2;
  const w0 = six ? i32[from] : burst.src[i];
  const w1 = six ? i32[from + 1] : 0;
  const w2 = six ? i32[from + 2] : 0;
  const w3 = six ? i32[from + 3] : 0;
  const tail = (burst.ports[i] & 0xffff) | (burst.protocol[i] << 16) | ((six ? 6 : 4) << 24);
  for (let place = placeOf(w0 ^ w1 ^ w2 ^ w3, tail, natMask); ; place = (place + 1) & natMask) {
    const at = nat + place * N.WORDS;
    if (words[at + N.TAIL] === 0) return false;
    if (
      words[at] === w0 &&
      words[at + 1] === w1 &&
      words[at + 2] === w2 &&
      words[at + 3] === w3 &&
      words[at + N.TAIL] === tail
    ) {
      return true;
    }
  }
}

/** What a packet is restored to, from its session: one record, since nothing may allocate. */
const target = { words: new Int32Array(4), port: 0, clientPort: 0, vip: -1 };

function restore(
  burst: Burst,
  image: Image,
  frames: FrameViews,
  sessions: NatSessions,
  counters: Counters,
  i: number,
  at: number,
): void {
  readTarget(sessions, at);
  // A peer writes its table while it is read here: what changed meanwhile may be half of one session, half of another.
  if (!sessions.isStillFound(at)) return;
  if ((burst.flags[i] & Flag.ICMP_ERROR) === 0) keepAlive(burst, image, frames, sessions, i, at);
  const ip = burst.ip[i];
  const six = (burst.flags[i] & Flag.IPV6) !== 0;
  if (frames.u8[ip + (six ? 7 : 8)] <= 1) {
    burst.verdict[i] = Verdict.DROP;
    burst.reason[i] = Reason.TTL_EXPIRED;
    return;
  }
  const error = (burst.flags[i] & Flag.ICMP_ERROR) !== 0;
  if (error && burst.l4[i] === 0) restoreErrorTail(burst, frames, i);
  else if (error) restoreError(burst, frames, i, six);
  else restorePacket(burst, frames, i, six);
  if (six) decrementHopLimit6(frames.u8, ip);
  else decrementTtl4(frames.u16, ip);
  burst.length[i] = ip - burst.offset[i] + burst.ipLength[i];
  burst.vip[i] = target.vip;
  // Sessions may be damaged, or of a worker that follows a newer image: a VIP that this one lacks is not asked.
  const known = target.vip >>> 0 < image.vipSlots;
  if (known && (image.flags & ImageFlag.HAS_MSS) !== 0) clampPacket(burst, image, frames, i);
  burst.as[i] = -1;
  burst.tracking[i] = Tracking.NONE;
  burst.verdict[i] = Verdict.FORWARD;
  const values = counters.values;
  values[WorkerCounter.NAT_RETURN] += 1;
  if (target.vip >>> 0 < MAX_VIP_SLOTS) {
    values[counters.vipsAt + target.vip * VipCounter.COUNT + VipCounter.NAT_RETURN] += 1;
  }
}

/** Position in `sessions.foundIn` of the session that packet `i` answers, or -1. */
function findSession(burst: Burst, image: Image, frames: FrameViews, sessions: NatSessions, i: number): number {
  const { seed0, seed1 } = image;
  const { key } = sessions;
  const ports = burst.ports[i];
  if ((burst.flags[i] & Flag.IPV6) === 0) {
    sessions.key4(seed0, seed1, burst.src[i], burst.dst[i], ports, burst.protocol[i], key, 0, 1);
  } else {
    const { i32 } = frames;
    const as = burst.src[i] >>> 2;
    sessions.key6(seed0, seed1, i32, as, i32, burst.dst[i] >>> 2, ports, burst.protocol[i], key, 0, 1);
  }
  return sessions.findReturn(key[0], key[1], burst.now);
}

/**
 * What an answer says about the life of its session. A server opens nothing: its first answer comes to a forged SYN as
 * well. That it has sent FIN or RST is noted in this worker's own table only, as nothing but expiries are written in
 * those of others. Returns -1 if the session ends when it would have without the answer.
 */
function lifeOfAnswer(burst: Burst, sessions: NatSessions, i: number, at: number): number {
  const life = burst.life[i];
  const own = sessions.foundIn === sessions.table;
  if (life < Life.TCP_REST || (life === Life.TCP_END && own)) return life;
  return (sessions.foundIn.valueAt(at) & FlowState.MASK) === FlowState.OPENING ? -1 : Life.TCP_REST;
}

/** Keep the session at `at`, whose {@link target} is read, and its alias if the client's port is not what the AS sees. */
function keepAlive(burst: Burst, image: Image, frames: FrameViews, sessions: NatSessions, i: number, at: number): void {
  const life = lifeOfAnswer(burst, sessions, i, at);
  if (life < 0) return;
  keepEntry(image, sessions.foundIn, at, life, burst.now);
  if (target.clientPort === burst.ports[i] >>> 16) return;
  const { seed0, seed1 } = image;
  const ports = target.clientPort | (target.port << 16);
  const protocol = burst.protocol[i];
  if ((burst.flags[i] & Flag.IPV6) === 0) {
    sessions.aliasKey4(seed0, seed1, burst.dst[i], target.words[0], ports, protocol);
  } else {
    sessions.aliasKey6(seed0, seed1, frames.i32, burst.dst[i] >>> 2, target.words, 0, ports, protocol);
  }
  sessions.refreshAlias(burst.now, sessions.foundIn.expiryAt(at));
}

function readTarget(sessions: NatSessions, at: number): void {
  const table = sessions.foundIn;
  const side = table.sideAt(at);
  for (let k = 0; k < 4; k++) target.words[k] = table.side[side + k];
  target.port = table.side[side + 4] >>> 16;
  target.clientPort = table.side[side + 4] & 0xffff;
  target.vip = (table.valueAt(at) & SESSION_VIP_MASK) - 1;
}

function restorePacket(burst: Burst, frames: FrameViews, i: number, six: boolean): void {
  const { u16, u32 } = frames;
  const ip = burst.ip[i];
  const l4 = burst.l4[i];
  const protocol = burst.protocol[i];
  const port = l4 === 0 ? -1 : target.port;
  const clientPort = l4 === 0 || target.clientPort === burst.ports[i] >>> 16 ? -1 : target.clientPort;
  const w0 = target.words[0];
  const w1 = target.words[1];
  const w2 = target.words[2];
  const w3 = target.words[3];
  if (!six) {
    natIp4(u16, u32, ip, l4, protocol, SIDE_SOURCE, w0, port);
    if (clientPort >= 0) natIp4(u16, u32, ip, l4, protocol, SIDE_DESTINATION, burst.dst[i], clientPort);
    return;
  }
  natIp6(u16, u32, ip, l4, protocol, SIDE_SOURCE, w0, w1, w2, w3, port);
  if (clientPort >= 0) {
    const d = (ip + 24) >>> 2;
    natIp6(u16, u32, ip, l4, protocol, SIDE_DESTINATION, u32[d], u32[d + 1], u32[d + 2], u32[d + 3], clientPort);
  }
}

/** A later fragment of such an error as {@link restoreError} translates; of IPv4, as those of IPv6 are dropped. */
function restoreErrorTail(burst: Burst, frames: FrameViews, i: number): void {
  const { u16, u32, i32 } = frames;
  const ip = burst.ip[i];
  if (i32[(ip + 12) >>> 2] !== burst.src[i]) return;
  natIp4(u16, u32, ip, 0, PROTOCOL_ICMP, SIDE_SOURCE, target.words[0], -1);
}

/**
 * An ICMP error about a packet that the AS received: its embedded destination is AS:target_port and becomes VIP:port.
 * The outer source becomes the VIP only when it is the AS itself; a router behind keeps its name.
 */
function restoreError(burst: Burst, frames: FrameViews, i: number, six: boolean): void {
  const { u16, u32 } = frames;
  const ip = burst.ip[i];
  const icmp = burst.l4[i];
  const length = burst.ipLength[i];
  const embedded = burst.embeddedIp[i];
  const l4 = burst.embeddedL4[i];
  const protocol = burst.protocol[i];
  const end = ip + length;
  const w0 = target.words[0];
  const w1 = target.words[1];
  const w2 = target.words[2];
  const w3 = target.words[3];
  const clientPort = target.clientPort;
  const changed = clientPort !== burst.ports[i] >>> 16;
  if (!six) {
    const outer = frames.i32[(ip + 12) >>> 2] === burst.src[i];
    natIcmpError4(u16, u32, ip, icmp, length, SIDE_SOURCE, outer, w0, w0, target.port, embedded, l4, protocol, end);
    if (changed) {
      const client = u32[(embedded + 12) >>> 2];
      natIcmpError4(
        u16,
        u32,
        ip,
        icmp,
        length,
        SIDE_DESTINATION,
        false,
        0,
        client,
        clientPort,
        embedded,
        l4,
        protocol,
        end,
      );
    }
    return;
  }
  const s = (ip + 8) >>> 2;
  const a = burst.src[i] >>> 2;
  const outer =
    u32[s] === u32[a] && u32[s + 1] === u32[a + 1] && u32[s + 2] === u32[a + 2] && u32[s + 3] === u32[a + 3];
  // biome-ignore format: one call, one line of addresses each
  natIcmpError6(u16, u32, ip, icmp, length, SIDE_SOURCE, outer, w0, w1, w2, w3, w0, w1, w2, w3, target.port,
    embedded, l4, protocol, end);
  if (changed) {
    const c = (embedded + 8) >>> 2;
    // biome-ignore format: as above
    natIcmpError6(u16, u32, ip, icmp, length, SIDE_DESTINATION, false, 0, 0, 0, 0, u32[c], u32[c + 1], u32[c + 2], u32[c + 3],
      clientPort, embedded, l4, protocol, end);
  }
}
