import { type Address, formatAddress, formatPrefix } from '@lb/core';
import { dataplaneError } from '../errors.js';
import { buildImage, type CompileOptions } from './build-image.js';
import type { Image } from './image.js';
import type { AsPlacement } from './placement.js';
import { type SavedAs, type SavedSlots, type SlotKeeper, savedOfSpec, specOfSaved } from './saved-slots.js';
import { SlotMap } from './slots.js';
import type { AsSpec, ImageSpec, VipSpec } from './spec.js';
import { TableCache } from './table-cache.js';

/** Most VIPs and ASs (counted per VIP) one image can hold, lingering ones included. */
export const MAX_VIP_SLOTS = 1 << 14;
export const MAX_AS_SLOTS = 1 << 18;

/** An AS that is gone from the configuration but may still own flows. */
interface Lingering {
  readonly vip: string;
  readonly as: AsSpec;
  flushed: boolean;
}

/** Stable key of a VIP: prefix, protocol and port. */
export function vipKey(vip: Pick<VipSpec, 'prefix' | 'protocol' | 'port'>): string {
  return `${formatPrefix(vip.prefix)} ${vip.protocol} ${vip.port}`;
}

/** Stable key of an AS within a VIP. */
export function asKey(vip: Pick<VipSpec, 'prefix' | 'protocol' | 'port'>, address: Address): string {
  return `${vipKey(vip)} ${formatAddress(address)}`;
}

/**
 * Compiles specifications into images and remembers which slot belongs to whom, so that flow tables and counters,
 * which hold slots, stay right from one image to the next. An AS that disappears lingers: its record stays in later
 * images until {@link reclaim} learns that no flow refers to it.
 */
export class ImageCompiler {
  readonly vipSlots = new SlotMap('VIPs', MAX_VIP_SLOTS);
  readonly asSlots = new SlotMap('application servers', MAX_AS_SLOTS);
  private readonly lingering = new Map<string, Lingering>();
  private current = new Map<string, Lingering>();
  /**
   * Slots that are free as soon as no worker follows an image that has them: a worker that lags behind would take a new
   * owner's flow, which it finds in another's table, to the old one. By name, with the first revision without them.
   */
  private readonly resting = new Map<string, number | undefined>();
  private readonly tables = new TableCache();

  /**
   * @param keeper where slots outlive this process. What it has saved is taken over: ASs that the first specification
   * lacks linger, as if one compiler had seen both. Slots are saved with every image, before it is returned
   */
  constructor(private readonly keeper?: SlotKeeper) {
    if (keeper?.saved !== undefined) this.restore(keeper.saved);
  }

  /** Takes a validated specification. Throws LB_IMAGE_SLOTS, changing nothing, when it does not fit. */
  compile(spec: ImageSpec, options: CompileOptions = {}): Image {
    const next = new Map<string, Lingering>();
    for (const vip of spec.vips) {
      for (const as of vip.ass) next.set(asKey(vip, as.address), { vip: vipKey(vip), as, flushed: false });
    }
    const vipKeys = new Set(spec.vips.map(vipKey));
    this.checkRoom(vipKeys.size, next.size);
    for (const [key, gone] of this.current) if (!next.has(key)) this.lingering.set(key, { ...gone });
    this.releaseVips(vipKeys);
    for (const key of vipKeys) this.vipSlots.assign(key);
    for (const key of options.flush ?? []) {
      const entry = this.lingering.get(key);
      if (entry !== undefined) entry.flushed = true;
    }
    for (const key of next.keys()) {
      // A flushed AS that comes back gets a new slot: the flows that were cut must not find it again.
      if (options.flush?.has(key) || this.lingering.get(key)?.flushed) this.retire(key);
      this.lingering.delete(key);
      this.asSlots.assign(key);
    }
    this.current = next;
    const image = this.build(spec, options);
    for (const [name, since] of this.resting) this.resting.set(name, since ?? image.revision);
    this.keeper?.save(this.slots());
    return image;
  }

  /** Whether a specification would fit. @throws LbError LB_IMAGE_SLOTS */
  check({ vips }: ImageSpec): void {
    this.checkRoom(
      vips.length,
      vips.reduce((sum, { ass }) => sum + ass.length, 0),
    );
  }

  private checkRoom(vips: number, ass: number): void {
    if (vips <= MAX_VIP_SLOTS && ass + this.lingering.size + this.resting.size <= MAX_AS_SLOTS) return;
    throw dataplaneError('LB_IMAGE_SLOTS', `configuration: at most ${MAX_VIP_SLOTS} VIPs and ${MAX_AS_SLOTS} ASs`);
  }

  /**
   * Free the slots of VIPs that are gone. NAT sessions name the slot of their VIP: while ASs of it linger it is nobody
   * else's, unless there is no room, and the VIP's again if it comes back.
   */
  private releaseVips(wanted: ReadonlySet<string>): void {
    const lingering = new Set([...this.lingering.values()].map(({ vip }) => vip));
    const gone = [...this.vipSlots.keys()].filter((key) => !wanted.has(key));
    let room = MAX_VIP_SLOTS - wanted.size;
    for (const key of gone) {
      if (lingering.has(key) && room > 0) room--;
      else this.vipSlots.release(key);
    }
  }

  /** Give up a slot that flows may still name: it stays taken, under a name of its own, until reclaimed. */
  private retire(key: string): void {
    const slot = this.asSlots.get(key);
    if (slot === undefined) return;
    const entry = this.current.get(key) ?? this.lingering.get(key);
    if (entry === undefined) return;
    const retired = `${key} retired ${slot}`;
    this.asSlots.rename(key, retired);
    this.lingering.set(retired, { ...entry, flushed: true });
  }

  /**
   * Give up vanished ASs that no flow refers to: the next {@link compile} leaves them out. Their slots are free from the
   * first call on that finds such an image acknowledged.
   * @param flowsOf flows of an AS slot over all workers, counted after all have taken the latest image
   * @param acknowledged the lowest revision that a worker follows
   * @returns how many were given up
   */
  reclaim(flowsOf: (asSlot: number) => number, acknowledged = Number.POSITIVE_INFINITY): number {
    for (const [name, since] of this.resting) {
      if (since === undefined || since > acknowledged) continue;
      this.resting.delete(name);
      this.asSlots.release(name);
    }
    let freed = 0;
    for (const key of [...this.lingering.keys()]) {
      const slot = this.asSlots.get(key)!;
      if (flowsOf(slot) > 0) continue;
      this.lingering.delete(key);
      const name = `${key} resting ${slot}`;
      this.asSlots.rename(key, name);
      this.resting.set(name, undefined);
      freed++;
    }
    return freed;
  }

  /** Slots of ASs that left the configuration and are not reclaimed yet. */
  lingeringSlots(): number[] {
    return [...this.lingering.keys()].map((key) => this.asSlots.get(key)!);
  }

  private slots(): SavedSlots {
    const owners: SavedAs[] = [];
    for (const [key, { vip, as }] of this.current) owners.push({ key, vip, ...savedOfSpec(as) });
    for (const [key, { vip, as, flushed }] of this.lingering) {
      owners.push({ key, vip, ...savedOfSpec(as), lingers: true, ...(flushed && { flushed }) });
    }
    return { vips: this.vipSlots.save(), ass: this.asSlots.save(), owners };
  }

  private restore(saved: SavedSlots): void {
    this.vipSlots.restore(saved.vips);
    this.asSlots.restore(saved.ass);
    for (const owner of saved.owners) {
      const { key, vip, lingers, flushed = false } = owner;
      (lingers ? this.lingering : this.current).set(key, { vip, as: specOfSaved(owner), flushed });
    }
    // Those that were resting are nobody's.
    const owned = new Set(saved.owners.map(({ key }) => key));
    for (const key of [...this.asSlots.keys()]) if (!owned.has(key)) this.asSlots.release(key);
  }

  private build(spec: ImageSpec, options: CompileOptions): Image {
    const lingering: AsPlacement[] = [];
    const vips = new Map<string, VipSpec>(spec.vips.map((vip) => [vipKey(vip), vip]));
    for (const [key, { vip, as, flushed }] of this.lingering) {
      const owner = vips.get(vip);
      // If the encap of its VIP now sends to the other family, there is no way to it left: its flows are balanced anew.
      if (owner === undefined || flushed || as.address.family !== asFamily(owner)) continue;
      lingering.push({ vip: owner, as, slot: this.asSlots.get(key)! });
    }
    const image = buildImage(spec, options, {
      vipSlots: this.vipSlots.size,
      asSlots: this.asSlots.size,
      vipSlot: (vip) => this.vipSlots.get(vipKey(vip))!,
      asSlot: (vip, as) => this.asSlots.get(asKey(vip, as.address))!,
      table: (vip) => this.tables.table(vipKey(vip), vip, spec.table),
      lingering,
    });
    this.tables.prune();
    return image;
  }
}

/** Family of the addresses that a VIP sends to. */
function asFamily({ encap }: VipSpec): 4 | 6 {
  return encap === 'gre6' || encap === 'nat6' ? 6 : 4;
}
