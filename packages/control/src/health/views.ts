import type { Health } from '../effective/index.js';
import type { Check } from '../schema.js';
import type { VipRef } from '../vip-ref.js';

/* Times are ISO 8601, UTC. */

/** A change of the health of one AS of one VIP. */
export interface HealthEvent {
  readonly time: string;
  readonly vip: VipRef;
  readonly address: string;
  readonly from: Health;
  readonly to: Health;
  readonly reason: string;
}

/** A check that could not be made for a reason of this machine. It counts neither for nor against the AS. */
export interface LocalProblem {
  readonly time: string;
  readonly vip: VipRef;
  readonly address: string;
  readonly reason: string;
}

/** What is known of one AS of one VIP. */
export interface CheckView {
  readonly vip: VipRef;
  readonly address: string;
  readonly type: Check['type'];
  readonly health: Health;
  /** When it became so. */
  readonly since: string;
  /** What an earlier process knew, while this one knows nothing. It is not acted upon. */
  readonly before: { readonly health: Health; readonly since: string } | null;
  /** Results in a row that were like the last one. */
  readonly consecutive: number;
  readonly lastResult: LastResult | null;
  /** Checks with a result, and those of them that failed. */
  readonly checks: number;
  readonly failures: number;
  /** It came and went so often that, once failing, it stays so for a while, however its checks end. */
  readonly flapping: boolean;
}

export interface LastResult {
  readonly at: string;
  readonly ok: boolean;
  readonly reason: string;
  /** How long the check took. */
  readonly ms: number;
  /** The check could not be made; it was not counted. */
  readonly local: boolean;
}
