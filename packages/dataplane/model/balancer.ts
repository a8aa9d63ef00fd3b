import { type Address, formatAddress, type Prefix } from '@lb/core';
import type { AsSpec, ImageSpec, NetworkSpec } from '@lb/dataplane';
import { hex, unhex } from './bytes.js';
import { chooseAs } from './choose.js';
import { type Configuration, Configurations, isNat } from './configuration.js';
import type { Story } from './fragments.js';
import { lifeAfter, type Tells, tells } from './lifetimes.js';
import { cut, mayBeTold, tooBig } from './mtu.js';
import type { NatTable, Session } from './nat.js';
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
import { type Flow, identify, type Service, type Services } from './services.js';
import { Worker } from './worker.js';

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

/** A packet on its way through a burst. */
interface Item {
  readonly packet: Packet;
  flow: Flow;
  quoted?: Quoted;
  /** An error, or a later fragment of one. */
  isError?: boolean;
  /** A fragment that was held. */
  waited?: boolean;
  /** Where it goes. */
  way?: Way;
  outcome?: Outcome;
  /** The rest of it, if it was cut. */
  pieces?: Item[];
}

/** A NAT session, and whose it is. */
interface Found {
  readonly table: NatTable;
  readonly session: Session;
}

/** The way to a server. */
interface Way {
  readonly service: Service;
  readonly as: AsSpec;
  readonly hop: NextHop | undefined;
}

export interface Burst {
  readonly frames: readonly Uint8Array[];
  /** Ticks. */
  readonly now: number;
  /** The queue it came from. */
  readonly queue: number;
  /** Number of the worker that serves it. */
  readonly worker: number;
}

export interface BalancerStart {
  readonly spec: ImageSpec;
  readonly seed: readonly [number, number];
  readonly workers: number;
  /** Lines of each worker's tables, and what places flows in them. */
  readonly lines: number;
  readonly secret: readonly [number, number, number, number];
  readonly network?: NetworkSpec;
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
  readonly workers: readonly Worker[];
  readonly counts = new Map<string, Counts>();
  readonly asCounts = new Map<string, { packets: number; bytes: number }>();
  orphans = 0;
  private readonly configurations: Configurations;
  private readonly network: NetworkSpec | undefined;
  private latest: Configuration | undefined;
  /** The worker whose burst it is. */
  private worker: Worker;
  private packets = 0;

  constructor({ spec, seed, workers, lines, secret, network }: BalancerStart) {
    this.network = network;
    this.configurations = new Configurations(seed);
    const configuration = this.configurations.next(spec, new Set());
    const of = (flow: Flow, kind: number) => identify(seed, flow, kind);
    this.workers = Array.from(
      { length: workers },
      (_, index) => new Worker({ index, configuration, lines, secret, identify: of }),
    );
    for (const worker of this.workers) worker.peers = this.workers.filter((other) => other !== worker);
    this.worker = this.workers[0];
  }

  private get services(): Services {
    return this.worker.configuration.services;
  }

  /**
   * Another configuration.
   * @param flush service and address of ASs whose flows are cut
   * @param late workers that do not follow it yet
   */
  configure(spec: ImageSpec, flush: ReadonlySet<string>, late: readonly number[] = []): void {
    const configuration = this.configurations.next(spec, flush);
    this.workers.forEach((worker, index) => {
      if (!late.includes(index)) worker.configuration = configuration;
    });
    this.latest = configuration;
  }

  /** The name under which flows have an AS from now on. @param key service and address */
  idOf(key: string): string {
    return this.configurations.idOf(key);
  }

  /** All workers follow the latest configuration. */
  catchUp(): void {
    for (const worker of this.workers) worker.configuration = this.latest ?? worker.configuration;
  }

  /** Give up ASs that left the configuration and have no flow any more. */
  reclaim(now: number): void {
    const used = new Set<string>();
    for (const { flows } of this.workers) {
      for (const { server, expiry } of flows.values()) if (expiry - now > 0) used.add(server);
    }
    this.configurations.reclaim(used);
  }

  /** A burst: what became of its packets, in the order in which they leave. */
  burst(burst: Burst): Outcome[] {
    const worker = this.workers[burst.worker];
    this.worker = worker;
    worker.beginBurst();
    this.orphans += worker.fragments.expire(burst.now);
    const groups = burst.frames.map((frame) => this.arrive(frame, burst));
    const items = groups.flat().filter((item): item is Item => 'packet' in item);
    this.packets = groups.flat().length;
    // Fragments that have waited leave behind their first, but are looked at when all of the burst has been.
    const ordered = [...items.filter(({ waited }) => !waited), ...items.filter(({ waited }) => waited)];
    // No server can have answered what this very burst sends it.
    for (const item of ordered) this.goBack(item, burst);
    for (const item of ordered) this.chooseWay(item, burst.now);
    for (const item of ordered) this.send(item, burst.now);
    for (const { pieces = [] } of ordered) for (const piece of pieces) this.send(piece, burst.now);
    // Pieces leave behind what their packet leaves with.
    const outcomes = groups.flatMap((group) => [
      ...group.map((item) => ('packet' in item ? item.outcome! : item)),
      ...group.flatMap((item) => ('packet' in item ? (item.pieces ?? []).map(({ outcome }) => outcome!) : [])),
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
    this.worker.fragments.begin(packet, story, now);
    const waiting = this.worker.fragments.release(packet).map((held) => {
      this.worker.fragments.count(held);
      const follower = follow(held, story);
      return 'packet' in follower ? { ...follower, waited: true } : follower;
    });
    return [story.kind === 'refused' ? drop('icmp-error-fragment') : item, ...waiting];
  }

  private laterFragment(item: Item, burst: Burst): (Item | Outcome)[] {
    const { packet } = item;
    const story = this.worker.fragments.find(packet, burst.now);
    if (story !== undefined) {
      this.worker.fragments.count(packet);
      return [follow(packet, story)];
    }
    if (!mayHavePorts(packet)) return [item];
    const { family, dst } = packet;
    if (!this.services.needsPorts(family, dst, this.natIn(family, burst))) return [item];
    return [this.worker.fragments.hold(packet, burst.now) ? { verdict: 'hold' } : drop('fragment-buffer-full')];
  }

  /** Whether answers of NAT servers may arrive on the queue that a burst came from. */
  private natIn(family: 4 | 6, { queue }: Burst): boolean {
    const { nat4In, nat4InQueues, nat6In, nat6InQueues } = this.services.spec;
    const [present, queues] = family === 4 ? [nat4In, nat4InQueues] : [nat6In, nat6InQueues];
    return present && (queues === undefined || queues.includes(queue));
  }

  /** NAT's way back: what comes from a server is given the address and port that the client knows. */
  private goBack(item: Item, burst: Burst): void {
    const { packet, flow } = item;
    const { now } = burst;
    if (!this.natIn(packet.family, burst) || !hasPorts(flow.protocol)) return;
    if (!this.worker.configuration.isNatServer(flow)) return;
    const found = this.findAnswered(flow, now);
    if (found === undefined) return;
    const hop = this.network && nextHop(this.network, { family: packet.family, bytes: unhex(packet.dst) });
    const limit = hop?.mtu ?? Number.POSITIVE_INFINITY;
    const parts = packet.ipLength > limit ? this.tooLong(item, limit, now) : [item];
    if (!Array.isArray(parts)) {
      item.outcome = parts;
      return;
    }
    item.pieces = parts.slice(1);
    for (const part of parts) {
      const outcome = this.restore(part, found, now);
      const whole = part === parts[0] ? item : part;
      whole.outcome = hop ? address(outcome, hop) : outcome;
    }
  }

  /** The session that a packet answers: of this worker, or of another. */
  private findAnswered(flow: Flow, now: number): Found | undefined {
    const { family, src, sport, dst, dport, protocol } = flow;
    const key = { family, as: src, asPort: sport, client: dst, port: dport, protocol };
    for (const { nat } of [this.worker, ...this.worker.peers]) {
      const session = nat.find(key, now);
      if (session !== undefined) return { table: nat, session };
    }
    return undefined;
  }

  private restore(item: Item, found: Found, now: number): Outcome {
    // Any answer shows that the server goes on, one that comes no further as well.
    if (!item.isError) this.answered(found, item, now);
    if (item.packet.ttl <= 1) return drop('ttl-expired');
    this.countOf(found.session.service).natReturn += 1;
    return { verdict: 'forward', frame: this.restored(item, found.session) };
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

  private chooseWay(item: Item, now: number): void {
    if (item.outcome !== undefined) return;
    const outcome = this.wayOf(item, now);
    if (outcome !== undefined) item.outcome = outcome;
  }

  /** Where a packet goes, or what becomes of it at once. */
  private wayOf(item: Item, now: number): Outcome | undefined {
    const { packet, flow } = item;
    const match = this.services.match(flow, hasPorts(flow.protocol));
    if (match.service === undefined) return this.unserved(item, match.reason);
    const { service } = match;
    const { vip } = service;
    if (vip.encap === 'l3dsr' || isNat(vip.encap)) {
      if (packet.ttl <= 1) return drop('ttl-expired');
    }
    if (isNat(vip.encap) && packet.sourceRouted) return drop('nat-routing-header');
    const counts = this.countOf(service.name);
    const isError = item.isError === true;
    const chosen = chooseAs(this.worker, service, { flow, told: told(item), isError }, now);
    if (chosen === undefined) {
      counts.noServer += 1;
      return drop('no-server');
    }
    if (chosen.existing) counts.existing += 1;
    else if (isError || !chosen.tracked) counts.untracked += 1;
    else counts.first += 1;
    const { as } = chosen;
    const hop = this.network && nextHop(this.network, as.address);
    const way = { service, as, hop };
    const limit = (hop?.mtu ?? Number.POSITIVE_INFINITY) - (OVERHEAD[vip.encap] ?? 0);
    const parts = packet.ipLength > limit ? this.tooLong(item, limit, now) : [item];
    if (!Array.isArray(parts)) return parts;
    const [first, ...others] = parts.map((part) => ({ ...part, way }));
    Object.assign(item, first, { pieces: others });
    return undefined;
  }

  /** A packet that is too long for its way: in pieces, or its sender is told. */
  private tooLong(item: Item, limit: number, now: number): Item[] | Outcome {
    const { packet, isError } = item;
    const pieces = packet.family === 4 ? cut(packet, limit) : undefined;
    if (pieces !== undefined) {
      if (this.packets + pieces.length - 1 > MOST_PACKETS) return drop('mtu-exceeded');
      this.packets += pieces.length - 1;
      const { quoted: _, ...tail } = item;
      return pieces.map((piece, n) => ({ ...(n === 0 ? item : tail), packet: piece }));
    }
    if (!mayBeTold(packet, isError === true)) return drop('mtu-exceeded');
    return this.worker.errors.take(now)
      ? { verdict: 'reply', frame: tooBig(packet, limit) }
      : drop('icmp-rate-limited');
  }

  /** Sends a packet, or a piece of one, on its way to a server. */
  private send(item: Item, now: number): void {
    const { packet, way } = item;
    if (item.outcome !== undefined || way === undefined) return;
    const outcome = this.encapsulated(item, way, now);
    if (outcome.verdict === 'forward') this.countSent(`${way.service.name} ${text(way.as.address)}`, packet);
    item.outcome = way.hop ? address(outcome, way.hop) : outcome;
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

  /** What a server's answer does to its session: it ends connections, but opens none. */
  private answered({ table, session }: Found, item: Item, now: number): void {
    const says = told(item);
    // Of another worker's session only the end is moved.
    const ends = says === 'end' && table === this.worker.nat;
    if (session.state === 'opening' && !ends) return;
    const rest = says === 'udp' || ends ? says : 'tcp';
    table.keep(session, lifeAfter(this.services.spec, session.state, rest), now);
  }

  private encapsulated(item: Item, { service, as }: Way, now: number): Outcome {
    const { vip } = service;
    const clamped = clampMss(item.packet, vip);
    if (vip.encap === 'gre4' || vip.encap === 'gre6') {
      const frame = encapsulate(clamped, this.outerSource(service, item.flow), as.address.bytes);
      return frame ? { verdict: 'forward', frame } : drop('encap-too-big');
    }
    if (vip.encap === 'l3dsr') {
      return { verdict: 'forward', frame: rewrite(clamped, { dst: hex(as.address.bytes), dscp: vip.dscp }) };
    }
    return this.translate({ ...item, packet: clamped }, service, as, now);
  }

  /** The outer source; of a range, the bits that it leaves open are the flow's. */
  private outerSource({ vip }: Service, flow: Flow): Uint8Array {
    const { ip4Src, ip6Src, ip4SrcRange, ip6SrcRange } = this.services.spec;
    const [source, range, bytes] = vip.encap === 'gre4' ? [ip4Src, ip4SrcRange, 4] : [ip6Src, ip6SrcRange, 16];
    if (range === undefined) return source?.bytes ?? new Uint8Array(bytes).fill(ALL_ONES);
    return addressIn(range, this.services.identity(vip, flow)[0]);
  }

  private translate(item: Item, { name, vip }: Service, as: AsSpec, now: number): Outcome {
    const { packet, flow, quoted } = item;
    const { family, protocol } = flow;
    const dst = hex(as.address.bytes);
    const { spec } = this.services;
    const { nat, peers } = this.worker;
    const resolved = nat.resolve(
      {
        key: { family, as: dst, asPort: vip.targetPort, client: flow.src, port: flow.sport, protocol },
        service: name,
        vip: flow.dst,
        vipPort: flow.dport,
        isError: item.isError === true,
        life: (before) => lifeAfter(spec, before, told(item)),
      },
      peers.map((peer) => peer.nat),
      now,
    );
    if ('reason' in resolved) return drop(resolved.reason);
    const seen = resolved.port;
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
