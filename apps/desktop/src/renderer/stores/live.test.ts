import { describe, expect, it } from 'vitest';
import { freshness } from './freshness.js';
import { createLiveStore } from './live.js';
import { ratePerSec, type TimedSample } from './rates.js';
import { NOW, oneVip, type SampleOptions, sampleOf } from './stores.testkit.js';

const timed = (seconds: number, options: SampleOptions = {}): TimedSample => {
  const receivedAt = NOW + seconds * 1000;
  const sample = sampleOf(oneVip(1), { at: new Date(receivedAt).toISOString(), uptimeSec: 60 + seconds, ...options });
  return { receivedAt, sample };
};

describe('samples', () => {
  it('are kept for five minutes', () => {
    const store = createLiveStore();
    for (let second = 0; second <= 400; second += 10) {
      const { sample, receivedAt } = timed(second);
      store.getState().addSample(sample, receivedAt);
    }
    const { samples } = store.getState();
    expect(samples[0]?.receivedAt).toBe(NOW + 100_000);
    expect(samples).toHaveLength(31);
  });

  it('of very many ASs are kept for a shorter time, but at least two', () => {
    const store = createLiveStore();
    const { sample } = timed(0);
    const vip = { ...sample.vips[0]!, ass: Array(300_000).fill(sample.vips[0]!.ass[0]) };
    for (let i = 0; i < 4; i++) store.getState().addSample({ ...sample, vips: [vip] }, NOW + i * 1000);
    expect(store.getState().samples).toHaveLength(2);
  });
});

describe('rates', () => {
  const received = (samples: readonly TimedSample[]) => ratePerSec(samples, (sample) => sample.received);

  it('are measured between samples that are at least a second apart', () => {
    expect(received([timed(0, { packets: 100 }), timed(0.5, { packets: 150 }), timed(1.25, { packets: 350 })])).toBe(
      200,
    );
    expect(received([timed(0, { packets: 0 }), timed(1, { packets: 400 }), timed(2, { packets: 500 })])).toBe(100);
  });

  it('are not known, rather than 0, from one sample, over a restart, and for what was not there', () => {
    expect(received([])).toBeNull();
    expect(received([timed(0)])).toBeNull();
    expect(received([timed(0, { packets: 100 }), timed(1, { packets: 10, uptimeSec: 1 })])).toBeNull();
    expect(ratePerSec([timed(0), timed(1)], () => undefined)).toBeNull();
    expect(received([timed(0), timed(1)])).toBe(0);
  });
});

describe('the age of the data', () => {
  it('makes it stale after three seconds', () => {
    expect(freshness(NOW, NOW + 2999, 'connected')).toEqual({ ageMs: 2999, level: 'fresh' });
    expect(freshness(NOW, NOW + 3000, 'connected')).toEqual({ ageMs: 3000, level: 'stale' });
  });

  it('makes it stale at once when the connection is lost', () => {
    expect(freshness(NOW, NOW + 100, 'retrying').level).toBe('stale');
  });

  it('is not 0 before there is any', () => {
    expect(freshness(null, NOW, 'connected')).toEqual({ ageMs: null, level: 'none' });
  });
});
