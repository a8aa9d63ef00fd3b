import { parseAddress } from '@lb/core';
import type { ImageSpec } from '@lb/dataplane';
import { concat, put16, u16 } from './bytes.js';
import { buildFrame, buildIcmp, buildSegment, type Draft, extensions, mendIp4 } from './frame-builder.js';
import { isRefusal, type Packet, readFrame, TCP, UDP } from './packet.js';
import type { Random } from './random.js';
import { NODE_PORTS, NODE4, NODE6, PORTS } from './random-spec.js';

export const CLIENTS4 = ['198.51.100.7', '203.0.113.9', '10.0.0.3', '0.0.0.0', '255.255.255.255'].map(parseAddress);
export const CLIENTS6 = ['2001:db8:c::7', '2001:db8:d::9', 'fe80::9', '::', '2001::2'].map(parseAddress);
const CLIENT_PORTS = [40000, 40001, 40002, 80, 0, 65535];
const DESTINATIONS4 = [
  '90.7.7.7',
  '90.1.7.7',
  '90.1.2.1',
  '100.0.7.1',
  '100.200.1.1',
  '192.0.2.254',
  '192.0.2.9',
  '8.8.8.8',
].map((a) => parseAddress(a).bytes);
const DESTINATIONS6 = ['2002::7', '2002:5::9', '2002:5::7', '2004::1', '2005::1', '2001:db8:ff::254', '3000::1'].map(
  (a) => parseAddress(a).bytes,
);
const SYN = 0x02;
const DF = 0x4000;
const MF = 0x2000;

/**
 * Frames as a network with clever and hostile hosts might send them: of few flows, so that they meet; answers to what
 * the balancer sent, errors about it, fragments in any order; and all of that damaged.
 */
export class RandomTraffic {
  /** Fragments that are still to come. */
  private readonly late: Uint8Array[] = [];
  private readonly recent: Uint8Array[] = [];

  constructor(
    private readonly random: Random,
    private spec: ImageSpec,
    /** How many packets there are to one long one. */
    private readonly toOneLong = 20,
  ) {}

  follow(spec: ImageSpec): void {
    this.spec = spec;
  }

  /** @param sent what left the balancer in bursts before */
  burst(count: number, sent: readonly Uint8Array[]): Uint8Array[] {
    const frames: Uint8Array[] = [];
    while (frames.length < count) frames.push(...this.next(sent));
    frames.length = count;
    for (const frame of frames) this.remember(frame);
    return frames;
  }

  private remember(frame: Uint8Array): void {
    if (frame.length > 2000) return;
    if (this.recent.length < 64) this.recent.push(frame);
    else this.recent[this.random.below(64)] = frame;
  }

  private next(sent: readonly Uint8Array[]): Uint8Array[] {
    const { random } = this;
    const pick = random.below(100);
    if (pick < 12 && this.late.length > 0) return [this.late.splice(random.below(this.late.length), 1)[0]];
    if (pick < 20 && this.recent.length > 0) return [random.pick(this.recent)];
    if (pick < 34 && sent.length > 0) return this.answer(random.pick(sent));
    if (pick < 44) return this.error(sent);
    if (pick < 52) return this.split(this.draft());
    if (pick < 62) return [this.damaged(sent)];
    if (pick < 64) return [random.bytes(random.below(120))];
    return [buildFrame(this.draft())];
  }

  private destination(six: boolean): Uint8Array {
    const { random } = this;
    const inVip = this.spec.vips.filter(({ prefix }) => (prefix.address.family === 6) === six);
    if (inVip.length === 0 || random.oneIn(3)) return random.pick(six ? DESTINATIONS6 : DESTINATIONS4);
    const { prefix } = random.pick(inVip);
    const bytes = prefix.address.bytes.slice();
    if (random.oneIn(2)) {
      const all = random.pick(six ? DESTINATIONS6 : DESTINATIONS4);
      for (let bit = prefix.length; bit < bytes.length * 8; bit++)
        bytes[bit >> 3] |= all[bit >> 3] & (128 >> (bit & 7));
    }
    return bytes;
  }

  private ports(): readonly [number, number] {
    const { random } = this;
    const dport = random.oneIn(4) ? random.pick(NODE_PORTS) : random.pick(PORTS);
    return [random.pick(CLIENT_PORTS), random.oneIn(30) ? random.below(65536) : dport];
  }

  private draft(): Draft {
    const { random } = this;
    const six = random.oneIn(2);
    const src = random.pick(six ? CLIENTS6 : CLIENTS4).bytes;
    let dst = this.destination(six);
    const [sport, dport] = this.ports();
    if (NODE_PORTS.includes(dport) && random.oneIn(2)) dst = six ? NODE6.bytes : NODE4.bytes;
    const kind = random.below(20);
    const data = random.bytes(random.oneIn(this.toOneLong) ? this.longLength() : random.below(24));
    const common = this.header(src, dst, six);
    if (kind < 8) {
      const flags = random.pick([0x10, 0x10, SYN, SYN, SYN | 0x10, 0x11, 0x04, SYN | 0x04, SYN | 0x01, 0xc2]);
      const options = this.tcpOptions();
      return { ...common, protocol: TCP, payload: buildSegment(TCP, src, dst, { sport, dport, data, flags, options }) };
    }
    if (kind < 16) {
      const payload = buildSegment(UDP, src, dst, { sport, dport, data });
      if (random.oneIn(6)) put16(payload, 6, random.pick([0, 0, 0xffff, 1]));
      if (random.oneIn(20)) put16(payload, 4, random.pick([0, 7, 8, 65535, payload.length - 1]));
      return { ...common, protocol: UDP, payload };
    }
    if (kind < 19) {
      const echo = six ? 128 : 8;
      const type = random.oneIn(2) ? echo : random.below(256);
      const payload = buildIcmp(
        src,
        dst,
        type,
        random.oneIn(8) ? random.below(256) : 0,
        random.bytes(4 + random.below(40)),
      );
      return { ...common, protocol: six ? 58 : 1, payload };
    }
    return {
      ...common,
      protocol: random.oneIn(3) ? random.below(256) : random.pick([47, 50, 51, 58, 1, 132, 59]),
      payload: data,
    };
  }

  /** Bytes of a long packet, some of which are jumbo frames. */
  private longLength(): number {
    const { random } = this;
    return random.oneIn(10) ? random.pick([1472, 3800, 8900, 9160, 9300]) : random.below(1200);
  }

  /** What IP and Ethernet say besides addresses. */
  private header(src: Uint8Array, dst: Uint8Array, six: boolean): Omit<Draft, 'protocol' | 'payload'> {
    const { random } = this;
    const options = six
      ? random.oneIn(5)
        ? this.extensions()
        : {}
      : random.oneIn(6)
        ? { options: random.bytes(4 * (1 + random.below(10))) }
        : {};
    const tags = random.oneIn(5)
      ? Array.from({ length: 1 + random.below(3) }, () => random.pick([0x8100, 0x88a8]))
      : [];
    return {
      src,
      dst,
      ttl: random.oneIn(5) ? random.pick([0, 1, 2, 255]) : 64,
      tos: random.oneIn(3) ? random.below(256) : 0,
      id: random.below(6),
      ...options,
      ...(six ? {} : { fragment: random.oneIn(3) ? DF : random.oneIn(30) ? 0x8000 : 0 }),
      tags,
      padding: random.oneIn(4) ? random.below(30) : 0,
    };
  }

  private extensions(): Pick<Draft, 'options' | 'extensionType'> {
    const { random } = this;
    const count = random.oneIn(6) ? 7 + random.below(4) : 1 + random.below(3);
    const types = Array.from({ length: count }, () => random.pick([0, 43, 60, 60, random.oneIn(9) ? 135 : 60]));
    // Mostly a routing header has no segments left.
    const fill = (at: number): number => (at === 3 && random.oneIn(2) ? 0 : random.below(256));
    return { options: extensions(types, fill), extensionType: types[0] };
  }

  private tcpOptions(): Uint8Array {
    const { random } = this;
    if (random.oneIn(2)) return new Uint8Array();
    const mss = random.pick([1460, 65535, 536, 0, 1436, 9000]);
    const option = Uint8Array.of(2, random.oneIn(12) ? random.below(8) : 4, mss >> 8, mss & 255);
    const before = random.pick([[], [1], [1, 1], [3, 3, 7], [4, 2], [0], [8, 10, 1, 2, 3, 4, 5, 6, 7, 8]]);
    const all = concat(Uint8Array.of(...before), option);
    return concat(all, new Uint8Array((4 - (all.length % 4)) % 4).fill(random.below(2)));
  }

  /** What a server or client might answer to a frame that left: the same, turned round. */
  private answer(frame: Uint8Array): Uint8Array[] {
    const { random } = this;
    const packet = readFrame(frame);
    if (isRefusal(packet)) return [];
    const { family, ip, l4, protocol } = packet;
    const src = addressAt(packet, 'src');
    const dst = addressAt(packet, 'dst');
    const common = this.header(dst, src, family === 6);
    if (l4 === undefined || (protocol !== TCP && protocol !== UDP)) {
      return [buildFrame({ ...common, protocol, payload: frame.slice(ip, ip + 40) })];
    }
    const [sport, dport] = [u16(frame, l4 + 2), u16(frame, l4)];
    const flags = random.pick([0x10, 0x12, 0x12, SYN, 0x11, 0x14]);
    const data = random.bytes(random.oneIn(this.toOneLong) ? this.longLength() : random.below(60));
    const payload = buildSegment(protocol, dst, src, {
      sport,
      dport,
      data,
      flags,
      options: this.tcpOptionsFor(protocol),
    });
    if (protocol === UDP && random.oneIn(5)) put16(payload, 6, 0);
    const draft = { ...common, protocol, payload };
    return random.oneIn(5) ? this.split(draft) : [buildFrame(draft)];
  }

  private tcpOptionsFor(protocol: number): Uint8Array {
    return protocol === TCP ? this.tcpOptions() : new Uint8Array();
  }

  /** An ICMP error about something that was sent, from somebody on its way. */
  private error(sent: readonly Uint8Array[]): Uint8Array[] {
    const { random } = this;
    const about = this.aboutFrame(sent);
    if (about === undefined) return [];
    const { frame, ip, family, ipLength } = about;
    const six = family === 6;
    const quotedLength = random.pick([20, 28, 36, 48, 60, 88, 128, ipLength]);
    const quoted = frame.slice(ip, ip + Math.min(ipLength, quotedLength));
    if (random.oneIn(4) && quoted.length > 8) quoted[six ? 7 : 8] = random.below(256);
    if (random.oneIn(8) && quoted.length > 0) quoted[random.below(quoted.length)] = random.below(256);
    const to = addressAt(about, random.oneIn(12) ? 'dst' : 'src');
    const from = random.oneIn(2) ? addressAt(about, 'dst') : random.pick(six ? CLIENTS6 : CLIENTS4).bytes;
    const type = random.pick(six ? [1, 2, 3, 4, 127] : [3, 3, 4, 5, 11, 12, 9]);
    const body = concat(random.bytes(4), quoted, random.oneIn(5) ? random.bytes(random.below(9)) : new Uint8Array());
    const draft = {
      ...this.header(from, to, six),
      protocol: six ? 58 : 1,
      payload: buildIcmp(from, to, type, random.below(5), body),
    };
    return random.oneIn(6) ? this.split(draft) : [buildFrame(draft)];
  }

  /** A packet to complain about: one that left for a server, one from a client turned round, or any. */
  private aboutFrame(sent: readonly Uint8Array[]): Packet | undefined {
    const { random } = this;
    const frame = random.oneIn(2) && sent.length > 0 ? random.pick(sent) : undefined;
    if (frame !== undefined) return packetOf(frame);
    if (this.recent.length === 0) return undefined;
    const one = random.pick(this.recent);
    return packetOf(random.oneIn(2) ? (this.answer(one)[0] ?? one) : one);
  }

  /** Cuts a packet into fragments, which come in any order, some twice, some never, some much later. */
  private split(draft: Draft): Uint8Array[] {
    const { random } = this;
    // More would be more fragments than a burst has room for.
    const most = draft.payload.subarray(0, 1500);
    const payload = random.oneIn(2) ? concat(most, random.bytes(random.below(80))) : most;
    const parts: Uint8Array[] = [];
    const base = random.oneIn(20) ? 65536 - 8 * (1 + random.below(12)) : 0;
    for (let at = 0; at < payload.length || parts.length === 0; ) {
      const bytes = random.oneIn(12) ? 1 + random.below(30) : 8 * (1 + random.below(6));
      const length = at === 0 && random.oneIn(2) ? Math.max(bytes & ~7, 24) : bytes;
      const more = at + length < payload.length || random.oneIn(30);
      const fragment = (((base + at) >> 3) & 0x1fff) | (more ? MF : 0);
      const options = draft.options?.slice();
      parts.push(
        buildFrame({ ...draft, fragment, payload: payload.slice(at, at + length), ...(options && { options }) }),
      );
      at += length;
    }
    if (random.oneIn(2)) random.shuffle(parts);
    const now: Uint8Array[] = [];
    for (const part of parts) {
      if (random.oneIn(12)) continue;
      if (random.oneIn(15)) now.push(part);
      if (random.oneIn(3)) this.late.push(part);
      else now.push(part);
    }
    return now;
  }

  /** Some frame with something wrong in it. */
  private damaged(sent: readonly Uint8Array[]): Uint8Array {
    const { random } = this;
    const from = random.oneIn(3) && sent.length > 0 ? random.pick(sent) : buildFrame(this.draft());
    let frame: Uint8Array = from.slice();
    for (let n = random.below(4); n > 0; n--) {
      // Mostly headers, and there mostly what says how long things are.
      const at = random.oneIn(2) ? random.below(Math.min(frame.length, 80)) : random.below(frame.length);
      frame[at] = random.oneIn(2) ? frame[at] ^ (1 << random.below(8)) : random.below(256);
    }
    const end = random.below(6);
    if (end < 2) frame = frame.slice(0, random.below(frame.length + 1));
    else if (end === 2) frame = concat(frame, random.bytes(random.below(20)));
    if (!random.oneIn(4) && frame.length > 34 && u16(frame, 12) === 0x0800) mendIp4(frame, 14);
    return frame;
  }
}

function packetOf(frame: Uint8Array): Packet | undefined {
  const packet = readFrame(frame);
  return isRefusal(packet) ? undefined : packet;
}

function addressAt({ frame, ip, family }: Packet, which: 'src' | 'dst'): Uint8Array {
  if (family === 4) return frame.slice(ip + (which === 'src' ? 12 : 16), ip + (which === 'src' ? 16 : 20));
  return frame.slice(ip + (which === 'src' ? 8 : 24), ip + (which === 'src' ? 24 : 40));
}
