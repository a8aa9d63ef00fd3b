import { prefixContains } from '@lb/core';
import { addressOf, prefixOf } from './kernel-text.js';
import { isUsable, KEPT } from './neighbour-states.js';
import type { KernelNeighbour, Link, NetworkSnapshot } from './snapshot.js';

/** A link without a carrier is counted on for so long: a cable that is plugged in again mostly leads where it led before. */
const LONGEST_OUTAGE_MS = 60_000;
/** With a carrier, the kernel has an answer or gives up within three seconds. */
const LONGEST_QUESTION_MS = 5_000;

/** An Ethernet address that was in use, and what it was known by. */
interface Known {
  readonly entry: KernelNeighbour;
  /** The link, its Ethernet address, and its own address in the neighbour's subnet. */
  readonly link: number;
  readonly linkMac: string | undefined;
  readonly subnet: string;
  /** Since when it is asked for; undefined as long as the link has no carrier, and while the kernel uses it. */
  askedSinceMs?: number | undefined;
  /** The kernel has asked in vain, but on a link without a carrier, which says nothing. */
  failedInVain?: boolean;
}

interface Outage {
  readonly link: Link;
  readonly sinceMs: number;
}

/**
 * What the kernel knew before a link lost its carrier. The kernel forgets all neighbours of the link then, and asks for
 * them when there is something to send, up to a second late if it asked while nobody could answer. Meanwhile the addresses
 * of before are used, as the kernel uses those that are stale. Pure; times are given.
 */
export class NetworkMemory {
  #known = new Map<string, Known>();
  #outages = new Map<string, Outage>();
  #nextMs = Number.POSITIVE_INFINITY;

  /** When something is to be forgotten although the kernel tells nothing new: follow it again then. Infinity for never. */
  get nextChangeMs(): number {
    return this.#nextMs;
  }

  /**
   * The snapshot with what is still to be used: links without a carrier as `held`, and neighbours of state KEPT. The same
   * object if there is nothing.
   */
  follow(snapshot: NetworkSnapshot, nowMs: number): NetworkSnapshot {
    this.#nextMs = Number.POSITIVE_INFINITY;
    const held = this.#followLinks(snapshot.links, nowMs);
    const kept = this.#followNeighbours(snapshot, held, nowMs);
    if (held.size === 0 && kept.size === 0) return snapshot;
    const links = snapshot.links.map((link): Link => (held.has(link.name) ? { ...link, held: true } : link));
    const others = snapshot.neighbours.filter((entry) => !kept.has(keyOf(entry)));
    const neighbours = [...others, ...kept.values()].sort((a, b) => compare(keyOf(a), keyOf(b)));
    return { ...snapshot, links, neighbours };
  }

  /** Names of the links that had a carrier a while ago, and are what they were otherwise. */
  #followLinks(links: readonly Link[], nowMs: number): Set<string> {
    const outages = new Map<string, Outage>();
    const held = new Set<string>();
    for (const link of links) {
      const before = this.#outages.get(link.name);
      if (link.up) outages.set(link.name, { link, sinceMs: nowMs });
      if (link.up || !link.enabled || before === undefined || !isSame(before.link, link)) continue;
      if (nowMs >= before.sinceMs + LONGEST_OUTAGE_MS) continue;
      outages.set(link.name, before);
      held.add(link.name);
      this.#again(before.sinceMs + LONGEST_OUTAGE_MS);
    }
    this.#outages = outages;
    return held;
  }

  #followNeighbours(
    { links, neighbours }: NetworkSnapshot,
    held: ReadonlySet<string>,
    nowMs: number,
  ): Map<string, KernelNeighbour> {
    const byName = new Map(links.map((link) => [link.name, link]));
    const entries = new Map(neighbours.map((entry) => [keyOf(entry), entry]));
    const known = new Map<string, Known>();
    const kept = new Map<string, KernelNeighbour>();
    for (const [key, before] of this.#known) {
      const entry = entries.get(key);
      if (entry !== undefined && isUsable(entry.state)) continue;
      const link = byName.get(before.entry.device);
      if (!this.#isStillAsked(before, link, entry?.state, held, nowMs)) continue;
      known.set(key, before);
      kept.set(key, before.entry);
    }
    for (const [key, entry] of entries) {
      const link = byName.get(entry.device);
      // What an operator has set ends when the operator ends it.
      if (link === undefined || !isUsable(entry.state) || entry.state === 'PERMANENT' || entry.state === 'NOARP')
        continue;
      const before = this.#known.get(key);
      const found = before !== undefined && isAsKnown(before, entry, link) ? before : knownOf(entry, link);
      if (found !== undefined) known.set(key, found);
    }
    this.#known = known;
    return kept;
  }

  /** Whether an address that the kernel does not use any more is still to be used; notes since when. */
  #isStillAsked(
    known: Known,
    link: Link | undefined,
    state: string | undefined,
    held: ReadonlySet<string>,
    nowMs: number,
  ): boolean {
    if (link === undefined || link.index !== known.link || link.mac !== known.linkMac) return false;
    if (!link.addresses.includes(known.subnet)) return false;
    if (!link.up) {
      known.askedSinceMs = undefined;
      known.failedInVain = state === 'FAILED';
      return held.has(link.name);
    }
    known.failedInVain = known.failedInVain === true && state === 'FAILED';
    if (state === 'FAILED' && !known.failedInVain) return false;
    known.askedSinceMs ??= nowMs;
    const endMs = known.askedSinceMs + LONGEST_QUESTION_MS;
    this.#again(endMs);
    return nowMs < endMs;
  }

  #again(ms: number): void {
    this.#nextMs = Math.min(this.#nextMs, ms);
  }
}

function knownOf(entry: KernelNeighbour, link: Link): Known | undefined {
  const address = addressOf(entry.address);
  if (address === undefined) return undefined;
  const subnet = link.addresses.find((text) => {
    const prefix = prefixOf(text);
    return prefix !== undefined && prefixContains(prefix, address);
  });
  if (subnet === undefined) return undefined;
  return { entry: { ...entry, state: KEPT }, link: link.index, linkMac: link.mac, subnet };
}

function isAsKnown(known: Known, { mac }: KernelNeighbour, link: Link): boolean {
  const isSameLink = known.link === link.index && known.linkMac === link.mac;
  return (
    isSameLink && known.entry.mac === mac && known.askedSinceMs === undefined && link.addresses.includes(known.subnet)
  );
}

function isSame(one: Link, other: Link): boolean {
  return one.index === other.index && one.mac === other.mac;
}

function keyOf({ device, address }: KernelNeighbour): string {
  return `${device} ${address}`;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
