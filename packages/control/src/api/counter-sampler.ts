import type { Balancer } from './balancer.js';

/** Samples this young are as good as new ones. */
const FRESH_MS = 50;

/** The JSON of the counters, made once for all who ask at about the same time. */
export class CounterSampler {
  private text = '';
  private takenAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly balancer: Pick<Balancer, 'counters'>) {}

  json(): string {
    const now = performance.now();
    if (now - this.takenAt >= FRESH_MS) {
      this.text = JSON.stringify(this.balancer.counters());
      this.takenAt = now;
    }
    return this.text;
  }
}
