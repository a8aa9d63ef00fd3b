import type { FastifyRateLimitStore } from '@fastify/rate-limit';

interface Window {
  count: number;
  endsAt: number;
}

/** Peers are forgotten from here on, oldest first: their number is not ours to choose. */
const MOST_KEYS = 5000;

/**
 * Requests of each caller in the window of now. The one that comes with the plugin reads the clock on the wall: set back by
 * a day, no window would end for a day, and whoever had used up his would be turned away that long.
 */
export class RateStore implements FastifyRateLimitStore {
  private readonly windows = new Map<string, Window>();

  incr(
    key: string,
    done: (error: Error | null, result?: { current: number; ttl: number }) => void,
    windowMs = 1000,
  ): void {
    const now = performance.now();
    const known = this.windows.get(key);
    const window = known !== undefined && now < known.endsAt ? known : { count: 0, endsAt: now + windowMs };
    window.count++;
    // Again at the end: the first of the map is the one not seen for longest.
    this.windows.delete(key);
    this.windows.set(key, window);
    if (this.windows.size > MOST_KEYS) this.windows.delete(this.windows.keys().next().value!);
    done(null, { current: window.count, ttl: window.endsAt - now });
  }

  child(): RateStore {
    return new RateStore();
  }
}
