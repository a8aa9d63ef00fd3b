import { EventEmitter } from 'node:events';
import type { LbEvent, LbEventType, NewEvent } from './contract/events.js';

/** Events that are kept for those who come late. */
const CAPACITY = 4096;

/**
 * What happened, in order, the latest few thousand. Ids grow by one; listeners of 'event' get each as it comes.
 */
export class EventLog extends EventEmitter<{ event: [LbEvent] }> {
  private readonly ring: LbEvent[] = [];
  private nextId: number;
  private readonly totals = new Map<LbEventType, number>();

  /**
   * @param now for the time of events
   * @param firstId where ids begin: by default the time in milliseconds, so that ids of a daemon that was started again
   *   are later than those before, and a client that resumes misses none
   */
  constructor(
    private readonly capacity = CAPACITY,
    private readonly now: () => Date = () => new Date(),
    firstId = now().getTime(),
  ) {
    super();
    this.setMaxListeners(0);
    this.nextId = firstId;
  }

  add(event: NewEvent): LbEvent {
    const added = { ...event, id: this.nextId++, at: this.now().toISOString() } as LbEvent;
    this.ring.push(added);
    if (this.ring.length > this.capacity) this.ring.shift();
    this.totals.set(added.type, (this.totals.get(added.type) ?? 0) + 1);
    this.emit('event', added);
    return added;
  }

  /** Id of the latest event; one less than the first there will be if there is none. */
  get lastId(): number {
    return this.nextId - 1;
  }

  /** Events later than `id`, oldest first, and whether events between have been forgotten. */
  since(id: number, limit = this.capacity): { readonly events: readonly LbEvent[]; readonly missed: boolean } {
    const oldest = this.ring[0]?.id ?? this.nextId;
    const from = Math.max(0, id + 1 - oldest);
    return { events: this.ring.slice(from, from + limit), missed: id + 1 < oldest };
  }

  /** The latest events, oldest first. */
  latest(limit: number): { readonly events: readonly LbEvent[]; readonly missed: boolean } {
    return { events: this.ring.slice(-limit), missed: false };
  }

  /** Events so far, by type. */
  get counts(): ReadonlyMap<LbEventType, number> {
    return this.totals;
  }
}
