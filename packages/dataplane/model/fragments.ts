import type { Packet } from './packet.js';

/** What a later fragment has from the first of its datagram. */
export type Story =
  | { readonly kind: 'ports'; readonly protocol: number; readonly sport: number; readonly dport: number }
  /** An ICMP error: everybody's flow is that of the packet it quotes. */
  | { readonly kind: 'error'; readonly src: string; readonly protocol: number; sport: number; dport: number }
  /** An ICMP error that does not tell its flow. */
  | { readonly kind: 'refused' };

interface Datagram {
  readonly story: Story;
  readonly until: number;
  bytes: number;
  total: number;
}

interface Held {
  readonly name: string;
  readonly packet: Packet;
  readonly until: number;
}

/** RFC 791 §3.2: the least time that fragments wait for each other. */
const FRAGMENT_TICKS = 15 * 16;
const MOST_HELD = 512;
/** Longest frame that is held. */
const LONGEST_HELD = 9216;

/** Datagrams of which some fragments have come, and fragments that came before their first. */
export class Fragments {
  private readonly datagrams = new Map<string, Datagram>();
  private held: Held[] = [];

  get heldCount(): number {
    return this.held.length;
  }

  /** Forget what has waited too long; returns how many of the held are given up. */
  expire(now: number): number {
    const before = this.held.length;
    this.held = this.held.filter(({ until }) => until - now > 0);
    return before - this.held.length;
  }

  /** The story of a datagram, while it is known. */
  find(packet: Packet, now: number): Story | undefined {
    const datagram = this.datagrams.get(nameOf(packet));
    return datagram !== undefined && datagram.until - now > 0 ? datagram.story : undefined;
  }

  /** A first fragment: what it says is good for those behind it. */
  begin(packet: Packet, story: Story, now: number): void {
    const name = nameOf(packet);
    this.datagrams.set(name, { story, until: now + FRAGMENT_TICKS, bytes: 0, total: 0 });
    this.count(packet);
  }

  /** A fragment went by: a datagram of which all has come is over, and its identification free again. */
  count(packet: Packet): void {
    const { fragment } = packet;
    const name = nameOf(packet);
    const datagram = this.datagrams.get(name);
    if (datagram === undefined || fragment === undefined) return;
    datagram.bytes += fragment.bytes;
    if (!fragment.more) datagram.total = fragment.offsetBytes + fragment.bytes;
    if (datagram.total > 0 && datagram.bytes >= datagram.total) this.datagrams.delete(name);
  }

  /** Keep a later fragment until its first comes. False: there is no room. */
  hold(packet: Packet, now: number): boolean {
    if (this.held.length >= MOST_HELD || packet.frame.length > LONGEST_HELD) return false;
    this.held.push({ name: nameOf(packet), packet, until: now + FRAGMENT_TICKS });
    return true;
  }

  /** Those that waited for this first fragment, in the order they came. */
  release(packet: Packet): Packet[] {
    const name = nameOf(packet);
    const out = this.held.filter((held) => held.name === name).map((held) => held.packet);
    this.held = this.held.filter((held) => held.name !== name);
    return out;
  }
}

function nameOf({ family, src, dst, fragment }: Packet): string {
  return `${family} ${src} ${dst} ${fragment?.id} ${fragment?.next}`;
}
