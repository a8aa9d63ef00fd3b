import { asId, type Config, type EffectiveAs, type VipRef, vipRefOf } from '@lb/control';
import type { EventLog } from '@lb/control/api';

const WATCH_MS = 500;

interface Drain {
  readonly vip: VipRef;
  readonly address: string;
  /** Whether it has been told that no flow is left. */
  empty: boolean;
  cut: boolean;
}

/** Tells, as events, how the draining of ASs goes on: begun, no flow left, cut at the deadline, called off. */
export class DrainWatch {
  private readonly drains = new Map<string, Drain>();
  private readonly timer: NodeJS.Timeout;

  /** @param flowsOf live flows of an AS, undefined while that is not known */
  constructor(
    private readonly events: EventLog,
    private readonly flowsOf: (vip: VipRef, address: string) => number | undefined,
  ) {
    this.timer = setInterval(() => this.look(), WATCH_MS);
    this.timer.unref();
  }

  /** What is wanted now. */
  update(config: Config, effective: ReadonlyMap<string, EffectiveAs>): void {
    const now = new Set<string>();
    for (const vip of config.vips) {
      for (const { address, state } of vip.ass) {
        if (state !== 'draining') continue;
        const id = asId(vip, address);
        now.add(id);
        const known = this.drains.get(id);
        const drain = known ?? { vip: vipRefOf(vip), address, empty: false, cut: false };
        this.drains.set(id, drain);
        if (known === undefined) this.tell(drain, 'started', `${address} is draining`);
        const cut = effective.get(id)?.cut === true;
        if (cut && !drain.cut) this.tell(drain, 'deadline', `the time to drain ${address} is over: its flows are cut`);
        drain.cut = cut;
      }
    }
    for (const [id, drain] of this.drains) {
      if (now.has(id)) continue;
      this.drains.delete(id);
      this.tell(drain, 'ended', `${drain.address} is not draining any more`);
    }
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    for (const drain of this.drains.values()) {
      if (drain.empty || drain.cut || this.flowsOf(drain.vip, drain.address) !== 0) continue;
      drain.empty = true;
      this.tell(drain, 'empty', `${drain.address} is drained: no flow is left`);
    }
  }

  private tell({ vip, address }: Drain, what: 'started' | 'empty' | 'deadline' | 'ended', text: string): void {
    const flows = this.flowsOf(vip, address) ?? 0;
    this.events.add({
      type: 'drain',
      level: what === 'deadline' && flows > 0 ? 'warn' : 'info',
      text,
      vip,
      address,
      what,
      flows,
    });
  }
}
