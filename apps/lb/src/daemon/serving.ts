import type { HealthOf } from '@lb/control';
import type { Dataplane } from './dataplane.js';

/** What there is to show of a daemon. */
export interface Serving {
  readonly dataplane: Dataplane;
  readonly healthOf: HealthOf;
  /** Number of the configuration's revision. */
  readonly revision: number;
  readonly uptimeSec: number;
}
