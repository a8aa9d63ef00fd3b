import type { AsPlan, VipPlan } from '@lb/control';

/** What a change does to the buckets of a VIP, in few numbers. */
export interface MoveFigures {
  readonly moved: number;
  /** Part of all buckets, 0 to 1. */
  readonly share: number;
  /** Moved beyond what the change asks for: the least that must move is what ASs win. */
  readonly unrelated: number;
  /** Part of all buckets, 0 to 1. */
  readonly unrelatedShare: number;
}

export function moveFigures(plan: VipPlan): MoveFigures {
  const gains = plan.ass.map((as) => gainOf(as, plan));
  // What all ASs together do not win was, or will be, without a server.
  const ofNobody = -gains.reduce((sum, gain) => sum + gain, 0);
  const needed = [...gains, ofNobody].reduce((sum, gain) => sum + Math.max(0, gain), 0);
  const unrelated = Math.max(0, plan.moved - Math.round(needed));
  return {
    moved: plan.moved,
    share: plan.share,
    unrelated,
    unrelatedShare: plan.buckets === 0 ? 0 : unrelated / plan.buckets,
  };
}

/** Buckets that an AS wins by the change (negative: loses), in buckets of the longer table. */
function gainOf({ bucketsBefore, bucketsAfter }: AsPlan, plan: VipPlan): number {
  const scaled = (buckets: number, newLen: number): number => (newLen === 0 ? 0 : (buckets * plan.buckets) / newLen);
  return scaled(bucketsAfter, plan.newLenAfter) - scaled(bucketsBefore, plan.newLenBefore);
}
