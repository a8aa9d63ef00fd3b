import { asDefaults } from './compact.js';
import { rampWeight } from './effective/ramp.js';
import type { AsConfig } from './schema.js';

/** What an operator may ask of an AS, relative to now; what is not named stays as it is. */
export interface AsChange {
  readonly weight?: number;
  /** The weight is reached gradually, over so many seconds from now. Only with a weight. */
  readonly overSeconds?: number;
  readonly state?: AsConfig['state'];
  /** Flows that are left after so many seconds from now are cut. Only with state `draining`. */
  readonly deadlineSeconds?: number;
}

/**
 * The AS after the change. A weight without a time ends a ramp; a state without a deadline ends that of before.
 * @param before undefined for an AS that is to be made
 */
export function changeAs(address: string, before: AsConfig | undefined, change: AsChange, nowMs: number): AsConfig {
  const { ramp, drainUntil, ...base } = before ?? { ...asDefaults, address };
  const weight = change.weight ?? base.weight;
  const state = change.state ?? base.state;
  const newRamp = change.weight === undefined ? ramp : rampTo(weight, before, change.overSeconds, nowMs);
  const newDeadline =
    change.state === undefined ? drainUntil : state === 'draining' ? after(nowMs, change.deadlineSeconds) : undefined;
  return {
    address,
    weight,
    state,
    ...(newDeadline === undefined ? {} : { drainUntil: newDeadline }),
    ...(newRamp === undefined ? {} : { ramp: newRamp }),
  };
}

/** A ramp goes on from the weight of now; an AS that takes no flows yet begins with weight 1. */
function rampTo(
  weight: number,
  before: AsConfig | undefined,
  seconds: number | undefined,
  nowMs: number,
): AsConfig['ramp'] {
  if (seconds === undefined) return undefined;
  const takesFlows = before?.state === 'enabled';
  const from = takesFlows ? (rampWeight(before, nowMs) ?? before.weight) : Math.min(1, weight);
  return { from, start: new Date(nowMs).toISOString(), seconds };
}

function after(nowMs: number, seconds: number | undefined): string | undefined {
  return seconds === undefined ? undefined : new Date(nowMs + seconds * 1000).toISOString();
}
