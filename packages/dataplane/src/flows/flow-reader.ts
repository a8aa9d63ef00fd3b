import { setImmediate as nextTurn } from 'node:timers/promises';
import { ENTRIES_PER_LINE, type FlowTable, formatAddress, LINE_WORDS, prefixMask } from '@lb/core';
import { type Clock, monotonicClock } from '../clock.js';
import type { Image } from '../image/image.js';
import { formatCursor, parseCursor } from './flow-cursor.js';
import {
  AGE_BOUNDS_SEC,
  type FlowEntries,
  type FlowEntry,
  type FlowFilter,
  type FlowPageQuery,
  type SlotNames,
  type VipFlows,
} from './flow-entry.js';
import { FlowProbe, type FlowTuple } from './flow-probe.js';
import { asAddress, FlowView, rawWords } from './flow-view.js';

/** Work done in one go (a few milliseconds), between which the thread sees to other things; a look at a place is 1. */
const STEP_WORK = 1 << 15;
const LOOK = 1;
/** Putting an entry into words. */
const WORDING = 64;
const STOP = 0;

/** Position of the entry at a place: places are counted entry by entry, line by line. */
function positionOf(place: number): number {
  return Math.floor(place / ENTRIES_PER_LINE) * LINE_WORDS + (place % ENTRIES_PER_LINE);
}

/**
 * What the flow tables of all workers hold, read over their shoulders: nothing is written, nobody waits. All methods
 * take the image by which slots are understood, the latest one.
 */
export class FlowReader {
  private readonly probe = new FlowProbe();

  /** @param tables by worker, all of one size; with side words (flow-details.ts) if there are details */
  constructor(
    private tables: readonly FlowTable[],
    private readonly clock: Clock = monotonicClock,
  ) {}

  /** Stop reading: the memory of the tables is about to go. From then on there are no flows. */
  close(): void {
    this.tables = [];
  }

  /** Entry of a flow, or undefined. Of several workers that have one (the card has sent it elsewhere), the latest used. */
  find(image: Image, flow: FlowTuple, names: SlotNames): FlowEntry | undefined {
    const { probe } = this;
    if (!probe.ask(image, flow)) return undefined;
    const lo = probe.burst.lo[0];
    const hi = probe.burst.hi[0];
    const now = this.clock();
    let latest: FlowEntry | undefined;
    this.tables.forEach((table, worker) => {
      const at = table.find(lo, hi, now);
      const view = new FlowView(image, probe);
      // Of another VIP: the flow's next packet would not use it.
      if (at < 0 || !view.take(table, at, now) || view.vip !== probe.burst.vip[0]) return;
      const entry = view.entry(worker, view.takeDetails(table, at), now, names);
      if (entry === undefined || !view.isStill(table, at)) return;
      if (latest === undefined || entry.expiresInSec > latest.expiresInSec) latest = entry;
    });
    return latest;
  }

  /**
   * A page of the flows that the filter lets through, in no order that means anything. A filter by client needs details.
   * @throws LbError LB_WORKER_CURSOR
   */
  async page(image: Image, query: FlowPageQuery, names: SlotNames): Promise<FlowEntries> {
    const { limit, cursor } = query;
    const places = this.places();
    const flows: FlowEntry[] = [];
    const matches = matcher(image, query);
    const now = this.clock();
    const from = parseCursor(cursor, Math.max(places, 1));
    const view = new FlowView(image, this.probe);
    let next = -1;
    await this.walk(from, (table, worker, at, place) => {
      if (!view.take(table, at, now)) return LOOK;
      const detailed = view.takeDetails(table, at);
      if (!matches(view, detailed)) return LOOK;
      if (flows.length === limit) {
        next = place;
        return STOP;
      }
      const entry = view.entry(worker, detailed, now, names);
      if (entry !== undefined && view.isStill(table, at)) flows.push(entry);
      return WORDING;
    });
    return { flows, ...(next >= 0 && { cursor: formatCursor(next) }) };
  }

  /** Flows of a VIP by bucket and by age. None if the slot is vacant. */
  async vipFlows(image: Image, vipSlot: number): Promise<VipFlows> {
    const buckets = new Uint32Array(image.table(vipSlot).length);
    const ages = new Uint32Array(AGE_BOUNDS_SEC.length + 1);
    const view = new FlowView(image, this.probe);
    const now = this.clock();
    let flows = 0;
    let unknownBucket = 0;
    let unknownAge = 0;
    await this.walk(0, (table, _worker, at) => {
      if (!view.take(table, at, now) || view.vip !== vipSlot) return LOOK;
      const detailed = view.takeDetails(table, at);
      const bucket = view.bucket(detailed);
      const ageSec = detailed ? view.ageSec(now) : -1;
      if (!view.isStill(table, at)) return LOOK;
      flows++;
      if (bucket < 0) unknownBucket++;
      else buckets[bucket]++;
      if (detailed) ages[ageClass(ageSec)]++;
      else unknownAge++;
      return LOOK;
    });
    return { flows, buckets, unknownBucket, ages, unknownAge };
  }

  private places(): number {
    return this.tables.reduce((sum, { lines }) => sum + lines * ENTRIES_PER_LINE, 0);
  }

  /** Visit the places of all tables from `from`, with pauses for others. `visit` tells its work, or STOP. */
  private async walk(
    from: number,
    visit: (table: FlowTable, worker: number, at: number, place: number) => number,
  ): Promise<void> {
    let begin = 0;
    let left = STEP_WORK;
    for (let worker = 0; worker < this.tables.length; worker++) {
      const count = this.tables[worker].lines * ENTRIES_PER_LINE;
      for (let k = Math.max(0, from - begin); k < count; k++) {
        if (left <= 0) {
          await nextTurn();
          left = STEP_WORK;
        }
        const table = this.tables[worker];
        // Closed meanwhile.
        if (table === undefined) return;
        const work = visit(table, worker, positionOf(k), begin + k);
        if (work === STOP) return;
        left -= work;
      }
      begin += count;
    }
  }
}

function ageClass(ageSec: number): number {
  const index = AGE_BOUNDS_SEC.findIndex((bound) => ageSec < bound);
  return index < 0 ? AGE_BOUNDS_SEC.length : index;
}

/** Whether an entry is wanted; details are needed for some of it. */
function matcher(
  image: Image,
  { vipSlot, asSlot, bucket, as, client, protocol, port, state }: FlowFilter,
): (view: FlowView, detailed: boolean) => boolean {
  const wantedAs = as && formatAddress(as);
  /** By AS slot: 0 not asked yet, 1 wanted, 2 not. */
  const known = new Uint8Array(image.asSlots);
  const isWanted = (slot: number): boolean => {
    if (known[slot] === 0) known[slot] = asAddress(image, slot) === wantedAs ? 1 : 2;
    return known[slot] === 1;
  };
  const prefix = client && rawWords(client.address.bytes);
  const mask = client && rawWords(prefixMask(client.address.family, client.length));
  return (view, detailed) =>
    (vipSlot === undefined || view.vip === vipSlot) &&
    (asSlot === undefined || view.as === asSlot) &&
    (wantedAs === undefined || isWanted(view.as)) &&
    (bucket === undefined || view.bucket(detailed) === bucket) &&
    (prefix === undefined || (detailed && view.clientIn(prefix, mask!))) &&
    (protocol === undefined || (detailed && view.protocol === protocol)) &&
    (port === undefined || (detailed && view.port === port)) &&
    (state === undefined || view.state(detailed) === state);
}
