import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BURST_CAPACITY } from '../src/burst.js';
import { IMAGE_LAYOUT_VERSION } from '../src/image/layout.js';
import { RULE_TICKS } from '../src/image/lifetimes.js';

/** Where the enums are whose members stand in the C header with this in front. The longer prefix first. */
const ORIGINALS: readonly (readonly [prefix: string, path: string, name: string])[] = [
  ['WORKER_COUNTER_', 'counters.ts', 'WorkerCounter'],
  ['VIP_COUNTER_', 'counters.ts', 'VipCounter'],
  ['AS_COUNTER_', 'counters.ts', 'AsCounter'],
  ['IMAGE_FLAG_', 'image/layout.ts', 'ImageFlag'],
  ['ENCAP_CODE_', 'image/layout.ts', 'EncapCode'],
  ['HOP_KIND_', 'image/layout.ts', 'HopKind'],
  ['FLOW_STATE_', 'image/lifetimes.ts', 'FlowState'],
  ['TRACKING_', 'burst.ts', 'Tracking'],
  ['LIFE_', 'burst.ts', 'Life'],
  ['VIP_FLAG_', 'image/layout.ts', 'VipFlag'],
  ['VERDICT_', 'verdicts.ts', 'Verdict'],
  ['REASON_', 'verdicts.ts', 'Reason'],
  ['FLAG_', 'burst.ts', 'Flag'],
  ['PORT_', 'image/layout.ts', 'Port'],
  ['A_', 'image/layout.ts', 'A'],
  ['B_', 'burst.ts', 'B'],
  ['H_', 'image/layout.ts', 'H'],
  ['N_', 'image/layout.ts', 'N'],
  ['P_', 'image/layout.ts', 'P'],
  ['V_', 'image/layout.ts', 'V'],
];

function read(path: string): string {
  const text = readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
  return text.replace(/\/\*.*?\*\//gs, '');
}

/** `NAME = number` pairs. */
function constants(text: string): (readonly [string, number])[] {
  return [...text.matchAll(/\b([A-Z][A-Z0-9_]+) = (0x[0-9a-f]+|\d+)/g)].map(
    ([, name, value]) => [name!, Number(value)] as const,
  );
}

/** Members of a const enum, from its source: const enums are no objects. */
function membersOf(path: string, name: string): Map<string, number> {
  const [, body] = new RegExp(`export const enum ${name} \\{([^}]*)\\}`).exec(read(`src/${path}`))!;
  return new Map(constants(body!));
}

describe('the layouts that native stages read', () => {
  it('are those that are written down here', () => {
    let compared = 0;
    for (const [name, value] of constants(read('../../native/src/stages/layout.h'))) {
      const original = ORIGINALS.find(([prefix]) => name.startsWith(prefix));
      if (original === undefined) continue;
      const [prefix, path, enumName] = original;
      expect([name, membersOf(path, enumName).get(name.slice(prefix.length))]).toEqual([name, value]);
      compared++;
    }
    expect(compared).toBeGreaterThan(100);
    const header = read('../../native/src/stages/layout.h');
    expect(new Map(constants(header)).get('BURST_CAPACITY')).toBe(BURST_CAPACITY);
    expect(new Map(constants(header)).get('IMAGE_LAYOUT_VERSION')).toBe(IMAGE_LAYOUT_VERSION);
    expect(header).toContain(`#define RULE_TICKS 0x${RULE_TICKS.toString(16)}\n`);
  });

  it('have the steps in the same order', () => {
    const steps = read('../../native/include/lbqueue_stages.h');
    const value = (name: string) => Number(new RegExp(`#define ${name} (\\d+)`).exec(steps)?.[1]);
    for (const [name, step] of membersOf('pipeline/fast-stages.ts', 'Step')) {
      expect([name, value(name === 'DONE' ? 'LBQ_DONE' : `LBQ_FROM_${name}`)]).toEqual([name, step]);
    }
  });
});
