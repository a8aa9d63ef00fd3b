import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Burst } from '../src/burst.js';
import { ImageCompiler } from '../src/image/compiler.js';
import { Engine } from '../src/pipeline/engine.js';
import { createParse } from '../src/pipeline/parse.js';
import { parseFrame } from '../src/pipeline/parse-frame.js';
import { HEADROOM } from '../src/queues/queue.js';
import { REASONS, Verdict } from '../src/verdicts.js';
import { GUARD, HandQueue, PLACE_BYTES, PLACE_OFFSET } from './hand-queue.testkit.js';
import { everyType } from './specs.testkit.js';

/** Frames of every kind, from the scapy fixtures: what random mutation starts from. */
function fixtureFrames(): Uint8Array[] {
  const directory = new URL('./fixtures/', import.meta.url);
  const frames = new Set<string>();
  for (const file of readdirSync(directory).filter((name) => name.endsWith('.json'))) {
    const { cases } = JSON.parse(readFileSync(new URL(file, directory), 'utf8')) as {
      cases: { steps: { in?: string }[] }[];
    };
    for (const step of cases.flatMap((test) => test.steps)) {
      if (step.in !== undefined && step.in.length < 3000) frames.add(step.in);
    }
  }
  return [...frames].map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')));
}

const samples = fixtureFrames();
const mutation = fc.record({ at: fc.nat(), value: fc.nat(255) });
const mutated = fc
  .record({
    sample: fc.nat(samples.length - 1),
    mutations: fc.array(mutation, { maxLength: 6 }),
    cut: fc.option(fc.nat()),
  })
  .map(({ sample, mutations, cut }) => {
    const frame = samples[sample].slice();
    for (const { at, value } of mutations) frame[at % frame.length] = value;
    return cut === null ? frame : frame.slice(0, cut % (frame.length + 1));
  });
const frame = fc.oneof({ weight: 4, arbitrary: mutated }, fc.uint8Array({ maxLength: 200 }));
const bursts = fc.array(fc.array(frame, { maxLength: 40 }), { maxLength: 6 });

describe('any bytes as a packet', () => {
  it('end in a verdict with a reason and leave memory outside their frame alone', () => {
    const image = new ImageCompiler().compile(everyType());
    fc.assert(
      fc.property(bursts, (list) => {
        const queue = new HandQueue();
        const engine = new Engine({ image, source: queue, flowTableLines: 16, secret: [1, 2, 3, 4] });
        let sent = 0;
        list.forEach((frames, n) => {
          queue.waiting = frames;
          queue.tick = n * 100;
          engine.poll(queue);
          sent += frames.length;
          const { burst } = engine;
          for (let i = 0; i < burst.count; i++) {
            const verdict = burst.verdict[i];
            expect(verdict).not.toBe(Verdict.PENDING);
            if (verdict === Verdict.DROP || verdict === Verdict.PUNT) {
              expect(burst.reason[i]).toBeGreaterThan(0);
              expect(burst.reason[i]).toBeLessThan(REASONS.length);
            }
          }
          checkGuards(queue, frames, burst);
        });
        engine.finish(queue.tick);
        const { received, forwarded, replied, punted, dropped, held } = engine.counters.worker();
        expect(received).toBe(sent);
        expect(forwarded + replied + punted + dropped).toBe(sent);
        expect(held).toBe(0);
        const byReason = Object.values(engine.counters.reasons()).reduce((sum, n) => sum + n, 0);
        expect(byReason).toBe(punted + dropped);
      }),
      { numRuns: 300 },
    );
  });

  it('are parsed alike by the fast loop and by the parser that knows every case', () => {
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: 30 }), (frames) => {
        const queue = new HandQueue();
        const fast = new Burst();
        const full = new Burst();
        queue.waiting = frames;
        queue.rx(fast);
        full.words.set(fast.words);
        full.count = fast.count;
        createParse(fast, queue.frames)();
        for (let i = 0; i < full.count; i++) parseFrame(full, queue.frames, i);
        for (let i = 0; i < full.count; i++) {
          expect(fast.verdict[i]).toBe(full.verdict[i]);
          if (fast.verdict[i] !== Verdict.PENDING) {
            expect(fast.reason[i]).toBe(full.reason[i]);
            continue;
          }
          for (const column of ['flags', 'ip', 'ipLength', 'l4', 'protocol', 'src', 'dst', 'ports'] as const) {
            expect(`${column} ${fast[column][i]}`).toBe(`${column} ${full[column][i]}`);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});

/** Only the frame itself and the headroom in front of it may have changed. */
function checkGuards(queue: HandQueue, frames: readonly Uint8Array[], burst: Burst): void {
  const { u8 } = queue.frames;
  for (let place = 0; place < burst.count; place++) {
    const start = place * PLACE_BYTES;
    const eth = start + PLACE_OFFSET;
    // A released fragment's own bytes are not known here: its length is.
    const length = frames[place]?.length ?? burst.offset[place] + burst.length[place] - eth;
    const before = u8.subarray(start, eth - HEADROOM);
    const behind = u8.subarray(eth + length, start + PLACE_BYTES);
    if (!before.every((byte) => byte === GUARD) || !behind.every((byte) => byte === GUARD)) {
      expect.fail(`packet ${place} (${Buffer.from(frames[place] ?? []).toString('hex')}) wrote outside its frame`);
    }
  }
}
