import type { Config } from '../schema.js';
import type { VipSides } from './sides.js';
import type { PlanChange, VipPlan } from './types.js';
import type { TablePair } from './vip-tables.js';

/** A VIP that the plan has something to say of. */
export interface AffectedVip {
  readonly sides: VipSides;
  readonly tables: TablePair;
  readonly plan: VipPlan;
}

/** All that warnings are drawn from. */
export interface PlanFacts {
  readonly before: Config;
  readonly after: Config;
  readonly changes: readonly PlanChange[];
  readonly sides: readonly VipSides[];
  readonly affected: readonly AffectedVip[];
}
