/**
 * What a plan warns of, the most important first: its warnings stand in this order. docs/errors.md lists the same
 * codes, and a test holds the two together.
 */
export const PLAN_WARNINGS = {
  LB_PLAN_WARN_CUT: 'Established flows lose their AS.',
  LB_PLAN_WARN_NO_AS: 'No AS of a VIP takes new flows: their packets are dropped.',
  LB_PLAN_WARN_HEALTH: 'ASs of a VIP that the change affects are failing, or so many are that health is ignored.',
  LB_PLAN_WARN_LOAD: 'An AS whose weight stays gets at least twice the new flows that it gets now.',
  LB_PLAN_WARN_NESTED: 'Addresses go from one VIP to another because the prefix of one lies in that of the other.',
  LB_PLAN_WARN_NODE_PORT: 'Clients that come in by a node port find it no more.',
  LB_PLAN_WARN_UDP: 'Flows other than TCP leave an AS although its flows are kept.',
  LB_PLAN_WARN_WAY: 'Flows stay on their AS, but their packets arrive there, or come back, another way.',
  LB_PLAN_WARN_TIMEOUT: 'Flows that pause are forgotten sooner, or kept for longer.',
  LB_PLAN_WARN_FLOW_HASH: 'New flows pick their buckets by another hash.',
  LB_PLAN_WARN_SHARE: 'An AS gets noticeably more new flows than its weight asks for.',
  LB_PLAN_WARN_RAMP: 'Weights go on moving after the change, and buckets with them.',
} as const;

export type PlanWarningCode = keyof typeof PLAN_WARNINGS;
