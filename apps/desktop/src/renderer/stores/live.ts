import type { CountersSample, LbEvent } from '@lb/control/client';
import { createStore } from 'zustand/vanilla';
import type { TimedSample } from './rates.js';

/** What the selected daemon counted and told lately. */
export interface LiveState {
  readonly latest: CountersSample | null;
  /** When the latest sample came, in ms of this machine's clock. */
  readonly receivedAt: number | null;
  /** Oldest first: five minutes, or less where samples are very large. */
  readonly samples: readonly TimedSample[];
  /** Oldest first. */
  readonly events: readonly LbEvent[];
  /** Events between were missed. */
  readonly gap: boolean;
  addSample(sample: CountersSample, receivedAt: number): void;
  addEvent(event: LbEvent): void;
  noteGap(): void;
  reset(): void;
}

const KEPT_MS = 5 * 60_000;
const MAX_EVENTS = 1000;
/** VIPs and ASs in all samples that are kept: bounds the memory when there are thousands of them. */
const MAX_PARTS = 500_000;
/** Rates need two. */
const MIN_SAMPLES = 2;

const EMPTY = { latest: null, receivedAt: null, samples: [], events: [], gap: false } as const;

export function createLiveStore() {
  return createStore<LiveState>()((set) => ({
    ...EMPTY,
    addSample: (sample, receivedAt) =>
      set(({ samples }) => {
        const all = [...samples, { sample, receivedAt }];
        return { latest: sample, receivedAt, samples: all.slice(firstKept(all, receivedAt)) };
      }),
    addEvent: (event) =>
      set(({ events }) => {
        if (events.some(({ id }) => id === event.id)) return {};
        return { events: [...events, event].slice(-MAX_EVENTS) };
      }),
    noteGap: () => set({ gap: true }),
    reset: () => set(EMPTY),
  }));
}

function firstKept(samples: readonly TimedSample[], now: number): number {
  let parts = 0;
  for (let i = samples.length - 1; i >= 0; i--) {
    const { sample, receivedAt } = samples[i]!;
    parts += partsOf(sample);
    const isSpare = samples.length - i > MIN_SAMPLES;
    if (isSpare && (parts > MAX_PARTS || now - receivedAt > KEPT_MS)) return i + 1;
  }
  return 0;
}

/** Counted once for each sample, of which there may be hundreds. */
const parts = new WeakMap<CountersSample, number>();

function partsOf(sample: CountersSample): number {
  const known = parts.get(sample);
  if (known !== undefined) return known;
  const counted = 1 + sample.vips.reduce((sum, { ass }) => sum + 1 + ass.length, 0);
  parts.set(sample, counted);
  return counted;
}
