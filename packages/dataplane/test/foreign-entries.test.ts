import { existsSync } from 'node:fs';
import { FlowTable } from '@lb/core';
import { describe, expect, it } from 'vitest';
import { ImageCompiler } from '../src/image/compiler.js';
import type { Image } from '../src/image/image.js';
import { A } from '../src/image/layout.js';
import { libraryPath, nativeLibrary, nativeStages } from '../src/native/index.js';
import { Engine } from '../src/pipeline/engine.js';
import { Verdict } from '../src/verdicts.js';
import { packet } from './frames.testkit.js';
import { HandQueue } from './hand-queue.testkit.js';
import { spec, vip } from './specs.testkit.js';

/*
 * Flow tables outlive the process that has written them, and are read by workers that follow another image: what is in an
 * entry may be anything.
 */

const LINES = 64;
const VALUE = 12;
const SECRET = [1, 2, 3, 4] as const;
const FLOW_AS = 0xffffff;

/** Slots that an image has not, but which lie within it: where the word that names a slot's VIP would be is something else. */
function slotsBeyond(image: Image): number[] {
  const slots: number[] = [-1, 0xfffffe];
  for (let slot = image.asSlots; image.ass + slot * A.WORDS + A.VIP < image.words.length + 64; slot++) slots.push(slot);
  return slots;
}

const built = existsSync(libraryPath());
const kinds = [
  ['TypeScript', true],
  ['the native library', built],
] as const;

describe.each(kinds)('an entry that names an AS which the image has not, with the stages of %s', (kind, isThere) => {
  // What follows the records of ASs are new-flow tables: slots of ASs, counted from one, one of which is the VIP's number.
  const others = [vip('91.0.0.0/8', 'gre4', ['10.0.0.1', '10.0.0.2'], { newLen: 1024 }), vip('92.0.0.0/8', 'gre4', [])];
  const image = new ImageCompiler().compile(spec([...others, vip('90.0.0.0/8', 'gre4', ['10.0.0.1', '10.0.0.2'])]));
  const there = it.skipIf(!isThere);
  const make = (peers?: readonly FlowTable[]) => {
    const queue = new HandQueue();
    const common = { image, source: queue, flowTableLines: LINES, secret: SECRET, ...(peers && { peers }) };
    const fast = kind === 'TypeScript' ? {} : { fastStages: nativeStages(nativeLibrary()) };
    return { queue, engine: new Engine({ ...common, ...fast }) };
  };
  const balanced = ({ queue, engine }: ReturnType<typeof make>, protocol: 6 | 17) => {
    queue.waiting = [packet('198.51.100.1', '90.0.0.1', { sport: 5000, protocol })];
    engine.poll(queue);
    const { verdict, as } = engine.burst;
    return verdict[0] === Verdict.FORWARD ? as[0] : undefined;
  };
  const expected = () => balanced(make(), 17);

  there('is not used', () => {
    const wanted = expected();
    const found = slotsBeyond(image).map((slot) => {
      const worker = make();
      balanced(worker, 17);
      const { words } = worker.engine.flows;
      const at = words.findIndex((word, k) => (k & 15) >= VALUE && word !== 0);
      words[at] = 0x10000000 | ((slot + 1) & FLOW_AS);
      return [slot, balanced(worker, 17), words[at] & FLOW_AS];
    });
    expect(found.length).toBeGreaterThan(10);
    expect(found).toEqual(found.map(([slot]) => [slot, wanted, wanted! + 1]));
  });

  there('is not taken over from another worker', () => {
    const wanted = balanced(make(), 6);
    const found = slotsBeyond(image).map((slot) => {
      const peer = new FlowTable({ lines: LINES, secret: [...SECRET] });
      const worker = make([peer]);
      const { lo, hi } = worker.engine.burst;
      balanced(worker, 6);
      worker.engine.flows.clear();
      peer.insert(lo[0]!, hi[0]!, 0, 100, 0x10000000 | ((slot + 1) & FLOW_AS));
      return [slot, balanced(worker, 6)];
    });
    expect(found).toEqual(found.map(([slot]) => [slot, wanted]));
  });
});
