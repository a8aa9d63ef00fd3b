import type { Balancer } from './balancer.js';

/** Samples this young are as good as new ones. */
const FRESH_MS = 50;

/** The JSON of the counters, made once for all who ask at about the same time. */
export class CounterSampler {
  private text = '';
  private takenAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly balancer: Pick<Balancer, 'counters'>) {}

  /** At most {@link FRESH_MS} old. */
  json(): string {
    return performance.now() - this.takenAt < FRESH_MS ? this.text : this.freshJson();
  }

  /** Of this moment: who has changed something a moment ago sees it. */
  freshJson(): string {
    this.text = JSON.stringify(this.balancer.counters());
    this.takenAt = performance.now();
    return this.text;
  }
}
