import { previewPlan } from './preview.js';
import type { Stores } from './stores.js';

/** Numbers of flows in the preview are this fresh; a plan of large tables takes a fiftieth of the time at most: few frames wait. */
const REFRESH_MS = 2000;
const PLAN_SHARE = 50;

/** Keeps the preview up to date: at once when something is staged, now and then as flows and health change. */
export function followPreview(stores: Stores, clock: () => number = Date.now): () => void {
  const { staged, live, preview } = stores;
  let nextAt = 0;
  const compute = () => {
    const { base, result, edits } = staged.getState();
    if (base === null || result === null || edits.length === 0) {
      if (preview.getState().plan !== null) preview.getState().set(null, 0);
      return;
    }
    const began = performance.now();
    const plan = previewPlan(base.config, result, live.getState().latest, clock());
    const tookMs = performance.now() - began;
    preview.getState().set(plan, tookMs);
    nextAt = clock() + Math.max(REFRESH_MS, tookMs * PLAN_SHARE);
  };
  const unfollowStaged = staged.subscribe((now, before) => {
    if (now.result !== before.result || now.base !== before.base || now.edits !== before.edits) compute();
  });
  const unfollowLive = live.subscribe((now, before) => {
    if (now.latest !== before.latest && staged.getState().edits.length > 0 && clock() >= nextAt) compute();
  });
  return () => {
    unfollowStaged();
    unfollowLive();
  };
}
