import { durationText, exactText, plural } from '../text.js';
import { OUTCOMES, type OutcomeName } from './outcome.js';

/** The counters of a backend since it took traffic. */
export interface BackendReport {
  readonly seconds: number;
  /** Frames received on the interfaces, ours or not. */
  readonly received: number;
  /** Packets given to the host, by how they came; and their bytes, as lengths of IP packets. */
  readonly delivered: { readonly gre4: number; readonly gre6: number; readonly l3dsr: number; readonly bytes: number };
  /** Frames that are the kernel's. */
  readonly kernel: {
    readonly other: number;
    readonly notVip: number;
    readonly refused: number;
    readonly outerFragment: number;
  };
  readonly dropped: {
    readonly malformed: number;
    /** The host did not take them. */
    readonly untaken: number;
    /** The kernel had no room for them on the receiving side, or they were too long. */
    readonly lost: number;
  };
}

/**
 * @param outcomes frames, in the order of `OUTCOMES`
 * @param other counters that are no outcome
 */
export function backendReport(
  seconds: number,
  outcomes: readonly number[],
  other: { bytes: number; untaken: number; lost: number },
): BackendReport {
  const by = Object.fromEntries(OUTCOMES.map((name, i) => [name, outcomes[i]])) as Record<OutcomeName, number>;
  const { gre4, gre6, l3dsr, other: others, notVip, refused, outerFragment, malformed } = by;
  return {
    seconds: Math.round(seconds * 1000) / 1000,
    received: outcomes.reduce((sum, count) => sum + count, 0),
    delivered: { gre4, gre6, l3dsr, bytes: other.bytes },
    kernel: { other: others, notVip, refused, outerFragment },
    dropped: { malformed, untaken: other.untaken, lost: other.lost },
  };
}

/** The counters as one line. */
export function reportText({ seconds, delivered, kernel, dropped }: BackendReport): string {
  const { gre4, gre6, l3dsr } = delivered;
  const kernels = kernel.other + kernel.notVip + kernel.refused + kernel.outerFragment;
  const lost = dropped.malformed + dropped.untaken + dropped.lost;
  const kinds = `gre4 ${exactText(gre4)}, gre6 ${exactText(gre6)}, l3dsr ${exactText(l3dsr)}`;
  const strays = kernel.notVip + kernel.refused + kernel.outerFragment;
  return [
    `${durationText(seconds)}: ${plural(gre4 + gre6 + l3dsr, 'packet')} to the host (${kinds})`,
    `${exactText(kernels)} left to the kernel${strays === 0 ? '' : ` (${strayText(kernel)})`}`,
    `${exactText(lost)} dropped`,
  ].join(', ');
}

function strayText({ notVip, refused, outerFragment }: BackendReport['kernel']): string {
  return `not a VIP ${exactText(notVip)}, refused ${exactText(refused)}, outer fragment ${exactText(outerFragment)}`;
}
