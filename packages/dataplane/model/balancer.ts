import { type Address, formatAddress, type Prefix } from '@lb/core';
import type { AsSpec, ImageSpec, NetworkSpec } from '@lb/dataplane';
import { hex } from './bytes.js';
import type { FlowLines } from './flow-lines.js';
import { Fragments, type Story } from './fragments.js';
import { type Life, lifeAfter, type State, sharedLife, type Tells, TICKS_PER_SECOND, tells } from './lifetimes.js';
import { cut, ErrorBudget, mayBeTold, tooBig } from './mtu.js';
import { NatTable, type Session } from './nat.js';
import { type NextHop, nextHop } from './network.js';
import {
  EXTENSIONS,
  ICMP,
  ICMP6,
  isErrorType,
  isIcmp,
  isRefusal,
  type Packet,
  type Quoted,
  readFrame,
  readQuoted,
  TCP,
  UDP,
} from './packet.js';
import { type Change, clampMss, echoReply, encapsulate, rewrite, rewriteError } from './rewrite.js';
import { type Flow, type Service, Services, serves, serviceName, telling } from './services.js';

/** What became of a packet. `frame` is what leaves, for forward and reply. */
export interface Outcome {
  readonly verdict: 'forward' | 'reply' | 'punt' | 'drop' | 'hold';
  readonly reason?: string;
  readonly frame?: Uint8Array;
  /** Where there is a network: the queue that it leaves by, -1 for the kernel. */
  readonly output?: number;
}

export interface Counts {
  existing: number;
  first: number;
  untracked: number;
  noServer: number;
  natReturn: number;
}

/** An established flow. */
export interface Entry {
  readonly service: string;
  readonly as: string;
  /** The 64 bits by which machines know the flow. */
  readonly identity: readonly [number, number];
  expiry: number;
  state: State;
}

/** A packet on its way through a burst. */
interface Item {
  readonly packet: Packet;
  flow: Flow;
  quoted?: Quoted;
  /** An error, or a later fragment of one. */
  isError?: boolean;
  /** A fragment that was held. */
  waited?: boolean;
  outcome?: Outcome;
  /** What became of the rest of it, if it was cut. */
  pieces?: Outcome[];
}

export interface Burst {
  readonly frames: readonly Uint8Array[];
  /** Ticks. */
  readonly now: number;
  /** Whether answers of NAT servers may arrive on the queue it came from. */
  readonly nat4In: boolean;
  readonly nat6In: boolean;
  /** The queue it came from. */
  readonly queue: number;
}

const ALL_ONES = 255;

const drop = (reason: string): Outcome => ({ verdict: 'drop', reason });
const punt = (reason: string): Outcome => ({ verdict: 'punt', reason });
const PUNTS = ['not-ip'];
/** Bytes that an encapsulation adds. */
const OVERHEAD: Record<string, number> = { gre4: 24, gre6: 44 };
/** Packets of a burst, those among them that are made here. */
const MOST_PACKETS = 544;

/**
 * The balancer as its documents describe it, one packet after the other. It exists to be compared with the dataplane
 * and shares nothing with it but what is the contract between machines: flow hashes and new-flow tables.
 */
export class Balancer {
  services!: Services;
  readonly flows = new Map<string, Entry>();
  readonly fragments = new Fragments();
  readonly nat = new NatTable();
  readonly counts = new Map<string, Counts>();
  readonly asCounts = new Map<string, { packets: number; bytes: number }>();
  orphans = 0;
  /** ASs that left the configuration and may have flows: by service and address. */
  private readonly gone = new Map<string, AsSpec>();
  /** The port a packet left with, where the balancer may choose one. */
  private chosen: (index: number, packet: Packet) => number | undefined = () => undefined;
  private readonly errors = new ErrorBudget(TICKS_PER_SECOND);
  private packets = 0;

  constructor(
    spec: ImageSpec,
    private readonly seed: readonly [number, number],
    /** Who has room in the flow table. */
    private readonly lines: FlowLines,
    private readonly network?: NetworkSpec,
  ) {
    this.configure(spec, new Set());
  }

  /** Another configuration. @param flush service and address of ASs whose flows are cut */
  configure(spec: ImageSpec, flush: ReadonlySet<string>): void {
    const before = this.services?.services ?? [];
    for (const { name, vip } of before) for (const as of vip.ass) this.gone.set(`${name} ${text(as.address)}`, as);
    for (const vip of spec.vips) for (const as of vip.ass) this.gone.delete(`${serviceName(vip)} ${text(as.address)}`);
    this.services = new Services(spec, this.seed);
    for (const key of flush) this.gone.delete(key);
    for (const [key, { service, as }] of this.flows) if (flush.has(`${service} ${as}`)) this.flows.delete(key);
  }

  /** Give up ASs that left the configuration and have no flow any more. */
  reclaim(now: number): void {
    const used = new Set<string>();
    for (const { service, as, expiry } of this.flows.values()) if (expiry - now > 0) used.add(`${service} ${as}`);
    for (const key of this.gone.keys()) if (!used.has(key)) this.gone.delete(key);
  }

  /** A burst: what became of its packets, in the order in which they leave. */
  burst(burst: Burst, chosen: (index: number, packet: Packet) => number | undefined): Outcome[] {
    this.chosen = chosen;
    this.lines.beginBurst();
    this.orphans += this.fragments.expire(burst.now);
    const groups = burst.frames.map((frame) => this.arrive(frame, burst));
    const items = groups.flat();
    this.packets = items.length;
    // No server can have answered what this very burst sends it.
    for (const item of items) if ('packet' in item) this.goBack(item, burst);
    // Fragments that have waited leave behind their first, but are looked at when all of the burst has been.
    for (const waited of [false, true]) {
      items.forEach((item, index) => {
        if (!('packet' in item) || (item.waited === true) !== waited) return;
        item.outcome ??= this.serve(item, burst.now, index);
      });
    }
    // Pieces leave behind what their packet leaves with.
    const outcomes = groups.flatMap((group) => [
      ...group.map((item) => ('packet' in item ? item.outcome! : item)),
      ...group.flatMap((item) => ('packet' in item ? (item.pieces ?? []) : [])),
    ]);
    if (this.network === undefined) return outcomes;
    return outcomes.map((each) => (each.verdict === 'reply' ? { ...each, output: burst.queue } : each));
  }

  /** Reads a frame; a first fragment comes with those that waited for it. */
  private arrive(frame: Uint8Array, burst: Burst): (Item | Outcome)[] {
    const packet = readFrame(frame);
    if (isRefusal(packet)) return [PUNTS.includes(packet.reason) ? punt(packet.reason) : drop(packet.reason)];
    const { family, src, dst, protocol, sport, dport, fragment } = packet;
    const item: Item = { packet, flow: { family, src, dst, protocol, sport, dport } };
    if (family === 6 && isIcmp(packet) && packet.l4 !== undefined && fragment === undefined) {
      const type = frame[packet.l4];
      if (type >= 133 && type <= 137) return [punt('neighbour-discovery')];
    }
    if (isErrorType(packet) && (family === 4 || fragment === undefined)) this.readError(item);
    if (fragment === undefined) return [item];
    return fragment.offsetBytes === 0 ? this.firstFragment(item, burst) : this.laterFragment(item, burst);
  }

  /** An error belongs to the flow of the packet it quotes, turned round, if that came from the error's destination. */
  private readError(item: Item): void {
    const quoted = readQuoted(item.packet);
    if (quoted === undefined || quoted.src !== item.packet.dst) return;
    const { family } = item.packet;
    item.quoted = quoted;
    item.isError = true;
    const { src, dst, sport, dport, protocol } = quoted;
    item.flow = { family, src: dst, dst: src, protocol, sport: dport, dport: sport };
  }

  private firstFragment(item: Item, { now }: Burst): (Item | Outcome)[] {
    const { packet, flow } = item;
    let story: Story | undefined;
    if (isErrorType(packet)) {
      const told = packet.family === 4 && item.quoted?.tellsFlow === true;
      if (told) story = { kind: 'error', ...flow };
      else if (this.services.isVip(packet.family, packet.dst)) story = { kind: 'refused' };
      else return [item];
    } else if (mayHavePorts(packet)) story = { kind: 'ports', ...flow };
    if (story === undefined) return [item];
    this.fragments.begin(packet, story, now);
    const waiting = this.fragments.release(packet).map((held) => {
      this.fragments.count(held);
      const follower = follow(held, story);
      return 'packet' in follower ? { ...follower, waited: true } : follower;
    });
    return [story.kind === 'refused' ? drop('icmp-error-fragment') : item, ...waiting];
  }

  private laterFragment(item: Item, burst: Burst): (Item | Outcome)[] {
    const { packet } = item;
    const story = this.fragments.find(packet, burst.now);
    if (story !== undefined) {
      this.fragments.count(packet);
      return [follow(packet, story)];
    }
    if (!mayHavePorts(packet)) return [item];
    const { family, dst } = packet;
    const natIn = family === 4 ? burst.nat4In : burst.nat6In;
    if (!this.services.needsPorts(family, dst, natIn)) return [item];
    return [this.fragments.hold(packet, burst.now) ? { verdict: 'hold' } : drop('fragment-buffer-full')];
  }

  /** NAT's way back: what comes from a server is given the address and port that the client knows. */
  private goBack(item: Item, { now, nat4In, nat6In }: Burst): void {
    const { packet, flow } = item;
    if (!(packet.family === 4 ? nat4In : nat6In) || !hasPorts(flow.protocol)) return;
    if (!this.isNatServer(flow)) return;
    const key = { as: flow.src, asPort: flow.sport, client: flow.dst, port: flow.dport, protocol: flow.protocol };
    const session = this.nat.find(key, now);
    if (session === undefined) return;
    // Any answer shows that the server goes on, one that comes no further as well.
    if (!item.isError) this.answered(session, item, now);
    if (packet.ttl <= 1) {
      item.outcome = drop('ttl-expired');
      return;
    }
    this.countOf(session.service).natReturn += 1;
    item.outcome = { verdict: 'forward', frame: this.restored(item, session) };
  }

  /** Whether a flow comes from where a NAT service has its servers, those included that it had. */
  private isNatServer({ src, sport, protocol }: Flow): boolean {
    return this.services.services.some(
      ({ name, vip }) =>
        isNat(vip.encap) &&
        vip.targetPort === sport &&
        serves(vip, protocol) &&
        (vip.ass.some(({ address }) => hex(address.bytes) === src) ||
          [...this.gone].some(([key, as]) => key.startsWith(`${name} `) && hex(as.address.bytes) === src)),
    );
  }

  private restored({ packet, quoted, isError }: Item, session: Session): Uint8Array {
    const { vip, vipPort, clientPort } = session;
    if (isError && quoted) {
      const outer: Change = packet.src === session.key.as ? { src: vip } : {};
      return rewriteError(packet, quoted, outer, { dst: vip, dport: vipPort, sport: clientPort });
    }
    if (isError) return rewrite(packet, packet.src === session.key.as ? { src: vip } : {});
    const service = this.services.services.find(({ name }) => name === session.service);
    const clamped = service ? clampMss(packet, service.vip) : packet;
    return rewrite(clamped, { src: vip, sport: vipPort, dport: clientPort });
  }

  /** The way to a server. */
  private serve(item: Item, now: number, index: number): Outcome {
    const { packet, flow } = item;
    const match = this.services.match(flow, hasPorts(flow.protocol));
    if (match.service === undefined) return this.unserved(item, match.reason);
    const { service, nodePort } = match;
    const { vip } = service;
    if (vip.encap === 'l3dsr' || isNat(vip.encap)) {
      if (packet.ttl <= 1) return drop('ttl-expired');
    }
    if (isNat(vip.encap) && packet.sourceRouted) return drop('nat-routing-header');
    const counts = this.countOf(service.name);
    const chosen = this.chooseAs(service, item, now);
    if (chosen === undefined) {
      counts.noServer += 1;
      return drop('no-server');
    }
    if (chosen.existing) counts.existing += 1;
    else if (item.isError || !chosen.tracked) counts.untracked += 1;
    else counts.first += 1;
    const { as } = chosen;
    const hop = this.network && nextHop(this.network, as.address);
    const limit = (hop?.mtu ?? Number.POSITIVE_INFINITY) - (OVERHEAD[vip.encap] ?? 0);
    const pieces = packet.ipLength > limit ? this.tooLong(item, limit, now) : [packet];
    if (!Array.isArray(pieces)) return pieces;
    const [first, ...others] = pieces.map((piece) => {
      const outcome = this.send({ ...item, packet: piece }, service, as, nodePort, now, index);
      if (outcome.verdict === 'forward') this.countSent(`${service.name} ${text(as.address)}`, piece);
      return hop ? address(outcome, hop) : outcome;
    });
    item.pieces = others;
    return first;
  }

  /** A packet that is too long for its way: in pieces, or its sender is told. */
  private tooLong({ packet, isError }: Item, limit: number, now: number): Packet[] | Outcome {
    const pieces = packet.family === 4 ? cut(packet, limit) : undefined;
    if (pieces !== undefined) {
      if (this.packets + pieces.length - 1 > MOST_PACKETS) return drop('mtu-exceeded');
      this.packets += pieces.length - 1;
      return pieces;
    }
    if (!mayBeTold(packet, isError === true)) return drop('mtu-exceeded');
    return this.errors.take(now) ? { verdict: 'reply', frame: tooBig(packet, limit) } : drop('icmp-rate-limited');
  }

  private countSent(as: string, { ipLength }: Packet): void {
    const { packets, bytes } = this.asCounts.get(as) ?? { packets: 0, bytes: 0 };
    this.asCounts.set(as, { packets: packets + 1, bytes: bytes + ipLength });
  }

  private unserved(item: Item, reason: string): Outcome {
    const { packet, flow } = item;
    if (reason !== 'other-port' || (flow.protocol !== ICMP && flow.protocol !== ICMP6)) return punt(reason);
    if (packet.fragment !== undefined) return punt('echo-fragment');
    if (item.isError || !isIcmp(packet)) return punt(reason);
    const request = packet.family === 4 ? 8 : 128;
    if (packet.l4 === undefined || packet.frame[packet.l4] !== request) return punt(reason);
    return { verdict: 'reply', frame: echoReply(packet) };
  }

  private chooseAs(
    service: Service,
    item: Item,
    now: number,
  ): { as: AsSpec; existing: boolean; tracked: boolean } | undefined {
    const key = this.flowKey(service, item.flow);
    const found = this.flows.get(key);
    const entry = found?.service === service.name && found.expiry - now > 0 ? found : undefined;
    if (entry !== undefined) {
      const as = this.asOf(service, entry.as);
      if (as !== undefined && !this.opens(service, item) && !this.leaves(as, item)) {
        const { state, ticks } = this.lifeOf(service, item, entry.state);
        entry.state = state;
        entry.expiry = now + ticks;
        return { as, existing: true, tracked: this.lines.keep(entry.identity, now, entry.expiry) };
      }
    }
    const as = this.services.newFlow(service, item.flow);
    if (as === undefined) return undefined;
    const existing = entry?.as === text(as.address);
    if (item.isError) return { as, existing, tracked: false };
    const identity = this.services.identity(service.vip, item.flow);
    const { state, ticks } = this.lifeOf(service, item, 'established');
    const expiry = now + ticks;
    const tracked = this.lines.keep(identity, now, expiry);
    if (tracked) this.flows.set(key, { service: service.name, as: text(as.address), identity, expiry, state });
    return { as, existing, tracked };
  }

  /** Whether a packet opens a connection that has an entry to itself. */
  private opens({ vip }: Service, item: Item): boolean {
    return !vip.srcIpSticky && told(item) === 'syn';
  }

  private lifeOf({ vip }: Service, item: Item, before: State): Life {
    const { spec } = this.services;
    return vip.srcIpSticky ? sharedLife(spec, telling(vip, item.flow).protocol) : lifeAfter(spec, before, told(item));
  }

  /** What a server's answer does to its session: it ends connections, but opens none. */
  private answered(session: Session, item: Item, now: number): void {
    const says = told(item);
    if (session.state === 'opening' && says !== 'end') return;
    const life = lifeAfter(this.services.spec, session.state, says === 'data' || says === 'syn' ? 'tcp' : says);
    session.state = life.state;
    session.expiry = now + life.ticks;
  }

  private asOf({ name, vip }: Service, address: string): AsSpec | undefined {
    const configured = vip.ass.find((as) => text(as.address) === address);
    if (configured !== undefined) return configured;
    const gone = this.gone.get(`${name} ${address}`);
    const family = vip.encap === 'gre6' || vip.encap === 'nat6' ? 6 : 4;
    return gone?.address.family === family ? { ...gone, draining: true } : undefined;
  }

  /** Whether a packet of a draining AS's flow goes elsewhere. */
  private leaves(as: AsSpec, item: Item): boolean {
    if (!as.draining || item.isError) return false;
    if (item.packet.protocol !== TCP) return as.udpEnds === true;
    return told(item) === 'syn';
  }

  private flowKey({ vip }: Service, flow: Flow): string {
    const { family, src, dst, protocol, sport, dport } = telling(vip, flow);
    return `${family} ${src} ${dst} ${protocol} ${sport} ${dport}`;
  }

  private send(item: Item, service: Service, as: AsSpec, nodePort: boolean, now: number, index: number): Outcome {
    const { packet } = item;
    const { vip } = service;
    const clamped = clampMss(packet, vip);
    if (vip.encap === 'gre4' || vip.encap === 'gre6') {
      const frame = encapsulate(clamped, this.outerSource(service, item.flow), as.address.bytes);
      return frame ? { verdict: 'forward', frame } : drop('encap-too-big');
    }
    if (vip.encap === 'l3dsr') {
      return { verdict: 'forward', frame: rewrite(clamped, { dst: hex(as.address.bytes), dscp: vip.dscp }) };
    }
    return this.translate({ ...item, packet: clamped }, service, as, nodePort, now, index);
  }

  /** The outer source; of a range, the bits that it leaves open are the flow's. */
  private outerSource({ vip }: Service, flow: Flow): Uint8Array {
    const { ip4Src, ip6Src, ip4SrcRange, ip6SrcRange } = this.services.spec;
    const [source, range, bytes] = vip.encap === 'gre4' ? [ip4Src, ip4SrcRange, 4] : [ip6Src, ip6SrcRange, 16];
    if (range === undefined) return source?.bytes ?? new Uint8Array(bytes).fill(ALL_ONES);
    return addressIn(range, this.services.identity(vip, flow)[0]);
  }

  private translate(item: Item, service: Service, as: AsSpec, nodePort: boolean, now: number, index: number): Outcome {
    const { packet, flow, quoted } = item;
    const { vip } = service;
    const dst = hex(as.address.bytes);
    const began = lifeAfter(this.services.spec, 'established', told(item));
    const session = this.nat.enter(
      {
        key: { as: dst, asPort: vip.targetPort, client: flow.src, port: flow.sport, protocol: flow.protocol },
        service: service.name,
        vip: flow.dst,
        vipPort: nodePort ? vip.nodePort : vip.port,
        clientPort: flow.sport,
        expiry: now + began.ticks,
        state: began.state,
      },
      now,
      item.isError === true,
      (mine) => {
        const { state, ticks } = lifeAfter(this.services.spec, mine.state, told(item));
        mine.state = state;
        mine.expiry = now + ticks;
      },
      () => this.chosen(index, packet),
    );
    if (session === undefined) return drop('nat-no-flow');
    const seen = session.key.port;
    if (item.isError && quoted) {
      return {
        verdict: 'forward',
        frame: rewriteError(packet, quoted, { dst }, { src: dst, sport: vip.targetPort, dport: seen }),
      };
    }
    if (item.isError) return { verdict: 'forward', frame: rewrite(packet, { dst }) };
    return { verdict: 'forward', frame: rewrite(packet, { dst, dport: vip.targetPort, sport: seen }) };
  }

  countOf(service: string): Counts {
    let counts = this.counts.get(service);
    if (counts === undefined) {
      counts = { existing: 0, first: 0, untracked: 0, noServer: 0, natReturn: 0 };
      this.counts.set(service, counts);
    }
    return counts;
  }
}

/** What a packet tells of its flow. An error shows the flags of nothing that was sent to a server. */
function told({ packet, flow, isError }: Item): Tells {
  const shows = packet.l4 !== undefined && !isError;
  return tells(flow.protocol, shows ? packet.frame[packet.l4! + 13] : undefined);
}

/** What is sent to a next hop. */
function address(outcome: Outcome, { output, macs }: NextHop): Outcome {
  if (outcome.verdict !== 'forward') return outcome;
  const frame = outcome.frame!.slice();
  if (macs) frame.set([...macs[0], ...macs[1]]);
  return { ...outcome, frame, output };
}

/** A later fragment with what its first told. */
function follow(packet: Packet, story: Story): Item | Outcome {
  if (story.kind === 'refused') return drop('icmp-error-fragment');
  const { family, src, dst } = packet;
  const { protocol, sport, dport } = story;
  if (story.kind === 'error') {
    return { packet, flow: { family, src: story.src, dst, protocol, sport, dport }, isError: true };
  }
  return { packet: { ...packet, protocol }, flow: { family, src, dst, protocol, sport, dport } };
}

/** The address in a range whose open bits, of the last 32, are those of a number (as a little-endian host stores it). */
function addressIn({ address, length }: Prefix, number: number): Uint8Array {
  const out = address.bytes.slice();
  for (let bit = Math.max(length, out.length * 8 - 32); bit < out.length * 8; bit++) {
    const at = bit >> 3;
    const one = 128 >> (bit & 7);
    const from = (number >>> (8 * (at & 3))) & one;
    out[at] = (out[at] & ~one) | from;
  }
  return out;
}

function isNat(encap: string): boolean {
  return encap === 'nat4' || encap === 'nat6';
}

function hasPorts(protocol: number): boolean {
  return protocol === TCP || protocol === UDP;
}

/** Whether fragments with this protocol in their header may be of TCP or UDP: in IPv6 what stands first may be an extension. */
function mayHavePorts({ family, fragment }: Packet): boolean {
  const next = fragment?.next ?? 0;
  return hasPorts(next) || (family === 6 && isExtension(next));
}

function isExtension(protocol: number): boolean {
  return EXTENSIONS.includes(protocol);
}

const texts = new WeakMap<Address, string>();

/** An address as text, which is asked for with every packet. */
export function text(address: Address): string {
  let known = texts.get(address);
  if (known === undefined) {
    known = formatAddress(address);
    texts.set(address, known);
  }
  return known;
}
