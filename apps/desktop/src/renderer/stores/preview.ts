import {
  type Config,
  effectiveAss,
  type FlowsOf,
  type HealthOf,
  type Plan,
  plan,
  type VipRef,
  vipId,
  vipKey,
} from '@lb/control';
import type { CountersSample } from '@lb/control/client';
import { createStore } from 'zustand/vanilla';
import { vipsById } from './vips-by-id.js';

type AsSample = CountersSample['vips'][number]['ass'][number];

/**
 * What the staged configuration would change, by the functions and from the numbers that the daemon plans with.
 * @param sample for health and flows; without it health is unknown and flows are not counted
 */
export function previewPlan(base: Config, staged: Config, sample: CountersSample | null, now: number): Plan {
  const live = liveOf(sample);
  const before = { config: base, effective: effectiveAss(base, now, live.healthOf) };
  const after = { config: staged, effective: effectiveAss(staged, now, live.healthOf) };
  return sample === null ? plan(before, after) : plan(before, after, live.flowsOf);
}

/** Health and flows of a sample, as plan() asks for them. */
export function liveOf(sample: CountersSample | null): { readonly healthOf: HealthOf; readonly flowsOf: FlowsOf } {
  const vips = vipsById(sample?.vips);
  const assOf = new Map<string, ReadonlyMap<string, AsSample>>();
  const find = (ref: VipRef, address: string): AsSample | undefined => {
    const key = vipKey(ref);
    const known = assOf.get(key);
    if (known !== undefined) return known.get(address);
    const ass = new Map((vips.get(vipId(ref))?.ass ?? []).map((as) => [as.address, as]));
    assOf.set(key, ass);
    return ass.get(address);
  };
  return {
    healthOf: (vip, address) => find(vip, address)?.health ?? 'unknown',
    // An AS that the daemon does not have yet has no flows; of a VIP that it does not have nothing is known.
    flowsOf: (vip, address) => find(vip, address)?.flows ?? (vips.get(vipId(vip)) !== undefined ? 0 : undefined),
  };
}

/** The plan of what is staged; null when nothing is. */
export interface PreviewState {
  readonly plan: Plan | null;
  /** How long it took, in ms. */
  readonly tookMs: number;
  set(plan: Plan | null, tookMs: number): void;
}

export function createPreviewStore() {
  return createStore<PreviewState>()((set) => ({
    plan: null,
    tookMs: 0,
    set: (value, tookMs) => set({ plan: value, tookMs }),
  }));
}
