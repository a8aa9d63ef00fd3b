import { dataplaneError } from '../errors.js';
import type { SavedSlotMap } from './saved-slots.js';

/**
 * Stable numbers for things that come and go. A key keeps its slot for life; a freed slot is handed out again, lowest
 * first, so that arrays indexed by slot stay dense.
 */
export class SlotMap {
  private readonly byKey = new Map<string, number>();
  private readonly free: number[] = [];
  private next = 0;

  constructor(
    private readonly what: string,
    readonly capacity: number,
  ) {}

  /** Slots ever handed out; all are below this number. */
  get size(): number {
    return this.next;
  }

  get(key: string): number | undefined {
    return this.byKey.get(key);
  }

  /** The key's slot, assigned now if it has none. Throws `LB_IMAGE_SLOTS` when all are taken. */
  assign(key: string): number {
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    let slot = this.free.pop();
    if (slot === undefined) {
      if (this.next >= this.capacity) {
        throw dataplaneError('LB_IMAGE_SLOTS', `${this.what}: more than ${this.capacity} at a time`);
      }
      slot = this.next++;
    }
    this.byKey.set(key, slot);
    return slot;
  }

  release(key: string): void {
    const slot = this.byKey.get(key);
    if (slot === undefined) return;
    this.byKey.delete(key);
    this.free.push(slot);
    this.free.sort((a, b) => b - a);
  }

  /** Let a slot go by another key from now on. */
  rename(from: string, to: string): void {
    const slot = this.byKey.get(from);
    if (slot === undefined) return;
    this.byKey.delete(from);
    this.byKey.set(to, slot);
  }

  keys(): IterableIterator<string> {
    return this.byKey.keys();
  }

  save(): SavedSlotMap {
    return { size: this.next, slots: [...this.byKey] };
  }

  /** Take over what another map has saved. Only when nothing has been assigned yet. */
  restore({ size, slots }: SavedSlotMap): void {
    this.next = size;
    for (const [key, slot] of slots) this.byKey.set(key, slot);
    const taken = new Set(this.byKey.values());
    for (let slot = size - 1; slot >= 0; slot--) if (!taken.has(slot)) this.free.push(slot);
  }
}
