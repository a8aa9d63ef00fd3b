export {
  type EffectiveAs,
  effectiveAss,
  effectiveVip,
  type Health,
  type HealthOf,
  settledAss,
  settledVip,
} from './effective.js';
export { nextChangeAt } from './next-change.js';
export { rampWeight } from './ramp.js';
