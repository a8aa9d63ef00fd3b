import type { AsConfig, Config, VipConfig } from '../schema.js';
import { asId, type VipRef } from '../vip-ref.js';
import { rampWeight } from './ramp.js';

/** What health checks say about an AS. `unknown`, as before the first verdict, is taken for healthy. */
export type Health = 'healthy' | 'failing' | 'unknown';
export type HealthOf = (vip: VipRef, address: string) => Health;

/** What an AS does now, out of its configuration, its administrative state, the time and its health. */
export interface EffectiveAs {
  /** For new flows. */
  readonly weight: number;
  /** Established flows stay, but a TCP SYN that finds an entry is balanced anew. */
  readonly draining: boolean;
  /** Flows of other protocols that have an entry are balanced anew. */
  readonly udpEnds: boolean;
  /** Established flows are cut, and the AS is in no table. */
  readonly cut: boolean;
  /** Why the weight is what it is. */
  readonly reason: 'configured' | 'ramp' | 'draining' | 'disabled' | 'failing' | 'panic' | 'last-as';
}

/**
 * What each AS of a configuration does at a moment; keys are those of {@link asId}.
 *
 * Per VIP, in this order: the administrative state and ramp of each AS; health, unless less than `panic` per cent of
 * the enabled ASs with a weight are healthy; and with `lastAs: keep`, if no AS is left for new flows, the failing and
 * draining ones with a weight, also past their deadline.
 */
export function effectiveAss(config: Config, nowMs: number, health: HealthOf): ReadonlyMap<string, EffectiveAs> {
  const all = new Map<string, EffectiveAs>();
  for (const vip of config.vips) {
    const ofVip = effectiveVip(vip, nowMs, (address) => health(vip, address));
    vip.ass.forEach(({ address }, i) => {
      all.set(asId(vip, address), ofVip[i]!);
    });
  }
  return all;
}

/**
 * What each AS will do once ramps and deadlines are over, with every AS healthy: for whatever looks at a configuration
 * without a clock or servers.
 */
export function settledAss(config: Config): ReadonlyMap<string, EffectiveAs> {
  return effectiveAss(config, Number.POSITIVE_INFINITY, () => 'unknown');
}

/** {@link settledAss} of one VIP, in the order of its ASs. */
export function settledVip(vip: VipConfig): EffectiveAs[] {
  return effectiveVip(vip, Number.POSITIVE_INFINITY, () => 'unknown');
}

/** {@link effectiveAss} of one VIP, in the order of its ASs. */
export function effectiveVip(vip: VipConfig, nowMs: number, health: (address: string) => Health): EffectiveAs[] {
  const failing = vip.ass.map(({ address }) => health(address) === 'failing');
  const panic = inPanic(vip, failing);
  const ass = vip.ass.map((as, i) => effectiveAs(as, nowMs, failing[i]!, panic));
  if (vip.lastAs === 'drop' || ass.some(({ weight }) => weight > 0)) return ass;
  return ass.map((effective, i) => {
    const { state, weight } = vip.ass[i]!;
    return state === 'disabled' || weight === 0 ? effective : serving(weight, 'last-as');
  });
}

/** Whether too few ASs are healthy to believe the health checks. */
function inPanic({ ass, panic }: VipConfig, failing: readonly boolean[]): boolean {
  const inUse = ass.flatMap(({ state, weight }, i) => (state === 'enabled' && weight > 0 ? [failing[i]!] : []));
  const healthy = inUse.filter((isFailing) => !isFailing).length;
  return healthy * 100 < panic * inUse.length;
}

function effectiveAs(as: AsConfig, nowMs: number, failing: boolean, panic: boolean): EffectiveAs {
  if (as.state === 'disabled') return { weight: 0, draining: true, udpEnds: true, cut: true, reason: 'disabled' };
  if (as.state === 'draining') {
    const over = as.drainUntil !== undefined && nowMs >= Date.parse(as.drainUntil);
    return { weight: 0, draining: true, udpEnds: over || (failing && !panic), cut: over, reason: 'draining' };
  }
  if (failing && !panic) return { weight: 0, draining: true, udpEnds: true, cut: false, reason: 'failing' };
  const ramp = rampWeight(as, nowMs);
  const reason = failing ? 'panic' : ramp === undefined ? 'configured' : 'ramp';
  return serving(ramp ?? as.weight, reason);
}

function serving(weight: number, reason: EffectiveAs['reason']): EffectiveAs {
  return { weight, draining: false, udpEnds: false, cut: false, reason };
}
