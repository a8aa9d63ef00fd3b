export { PLAN_WARNINGS, type PlanWarningCode } from './codes.js';
export { diffConfigs } from './diff-configs.js';
export { plan } from './plan.js';
export { planText } from './plan-text.js';
export type { AsPlan, BucketMove, FlowCount, FlowsOf, Plan, PlanChange, Planned, VipPlan } from './types.js';
