import { vipId } from '@lb/control';
import type { TapNames } from '@lb/dataplane';
import type { Dataplane } from './dataplane.js';

/** Names by slot as the latest image has them, which may be another one from packet to packet. */
export class LiveNames implements TapNames {
  private image = -1;
  private vips = new Map<number, string>();
  private ass = new Map<number, string>();
  private readonly queues = new Map<number, readonly string[]>();

  constructor(private readonly dataplane: Dataplane) {}

  vip(slot: number): string | undefined {
    this.refresh();
    return this.vips.get(slot);
  }

  as(slot: number): string | undefined {
    this.refresh();
    return this.ass.get(slot);
  }

  queue(worker: number, queue: number): string | undefined {
    const known = this.queues.get(worker);
    if (known !== undefined) return known[queue];
    const queues = this.dataplane.native?.interfaces.queuesOf(worker) ?? [];
    const names = queues.map((each) => each.interface);
    this.queues.set(worker, names);
    return names[queue];
  }

  private refresh(): void {
    const { imageNumber, vips, slotMaps } = this.dataplane;
    if (imageNumber === this.image) return;
    this.image = imageNumber;
    this.vips = new Map(vips.map(({ slot, config }) => [slot, vipId(config)]));
    const { asSlots } = slotMaps;
    // Those that linger, too. The address is the last word of the key.
    this.ass = new Map([...asSlots.keys()].map((key) => [asSlots.get(key)!, key.slice(key.lastIndexOf(' ') + 1)]));
  }
}
