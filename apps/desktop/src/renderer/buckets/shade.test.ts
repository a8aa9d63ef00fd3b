import { describe, expect, it } from 'vitest';
import { GROUND, mix, NO_SERVER } from '../colors/palette.js';
import { pairBuckets } from './bucket-pair.js';
import { heatStep, pixel, type ShadeOptions, shadeBuckets } from './shade.js';

const RED = 0xff0000;
const BLUE = 0x0000ff;
const pair = pairBuckets(
  { ass: ['10.0.0.1', '10.0.0.2'], buckets: Int32Array.of(0, 1, -1, 1) },
  { ass: ['10.0.0.1', '10.0.0.2'], buckets: Int32Array.of(0, 0, -1, 1) },
);
const base: ShadeOptions = { reading: 'as', time: 'now', theme: 'dark', colors: [RED, BLUE], flows: null, only: null };

function shade(options: Partial<ShadeOptions>): number[] {
  const out = new Uint32Array(4);
  shadeBuckets(pair, { ...base, ...options }, out);
  return [...out];
}

const back = (rgb: number): number => pixel(mix(GROUND.dark, rgb, 0.24));

describe('the colour of buckets', () => {
  it('is written as RGBA bytes', () => {
    expect([...new Uint8Array(Uint32Array.of(pixel(0x123456)).buffer)]).toEqual([0x12, 0x34, 0x56, 0xff]);
  });

  it('by AS is that of the AS; without a server it is another', () => {
    expect(shade({})).toEqual([pixel(RED), pixel(BLUE), pixel(NO_SERVER.dark), pixel(BLUE)]);
  });

  it('what stays steps back in what is staged, and what moves has the colour it gets', () => {
    expect(shade({ time: 'staged' })).toEqual([back(RED), pixel(RED), back(NO_SERVER.dark), back(BLUE)]);
  });

  it('moved shows nothing but what moves', () => {
    const [first, moved, ...rest] = shade({ reading: 'moved' });
    expect(moved).toBe(pixel(BLUE));
    expect(rest).toEqual([first, first]);
    expect(shade({ reading: 'moved', time: 'staged' })[1]).toBe(pixel(RED));
  });

  it('of one AS comes forward when it alone is wanted', () => {
    expect(shade({ only: 0 })).toEqual([pixel(RED), back(BLUE), back(NO_SERVER.dark), back(BLUE)]);
  });

  it('by flows is the same for as many flows, and another for none', () => {
    const [none, some, more, again] = shade({ reading: 'flows', flows: Uint32Array.of(0, 3, 12, 3) });
    expect(new Set([none, some, more]).size).toBe(3);
    expect(again).toBe(some);
    // A table half as long: each of its buckets stands for two.
    const halved = shade({ reading: 'flows', flows: Uint32Array.of(0, 3) });
    expect(halved[2]).toBe(halved[0]);
    expect(halved[3]).toBe(halved[1]);
  });

  it('heat goes from none to the fullest', () => {
    expect([0, 1, 25, 100].map((flows) => heatStep(flows, 100))).toEqual([0, 7, 33, 64]);
  });
});
