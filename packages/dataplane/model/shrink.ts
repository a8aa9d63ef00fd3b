import type { Episode, Step } from './episode.js';
import { type Mismatch, type Result, runEpisode } from './run-episode.js';

/** Most time given to it, ms. */
const BUDGET_MS = 20_000;

/** A smaller episode that still shows a mismatch: steps, packets and VIPs are left out as long as it does. */
export function shrink(
  episode: Episode,
  found: Mismatch,
  run: (episode: Episode) => Result = runEpisode,
): { episode: Episode; mismatch: Mismatch } {
  const deadline = Date.now() + BUDGET_MS;
  let best = { episode: { ...episode, steps: episode.steps.slice(0, found.step + 1) }, mismatch: found };
  const attempt = (candidate: Episode): boolean => {
    if (Date.now() > deadline) return false;
    const { mismatch } = run(candidate);
    // The same kind of mismatch, lest one bug hide another.
    if (mismatch === undefined || kindOf(mismatch) !== kindOf(found)) return false;
    best = { episode: { ...candidate, steps: candidate.steps.slice(0, mismatch.step + 1) }, mismatch };
    return true;
  };
  for (let smaller = true; smaller; ) {
    smaller =
      withoutSome(best.episode.steps, (steps) => attempt({ ...best.episode, steps })) ||
      withoutPackets(() => best.episode, attempt) ||
      withoutVips(() => best.episode, attempt);
  }
  return best;
}

function kindOf({ what, engine, model }: Mismatch): string {
  const word = (text: string): string => {
    const [verdict, reason = ''] = text.split(' ');
    return verdict === 'forward' || verdict === 'reply' ? verdict : `${verdict} ${reason}`;
  };
  if (what.startsWith('packet')) return `${word(engine)} ${word(model)}`;
  return what.replace(/[0-9a-f:.]+/g, '');
}

/** Leaves out runs of a list, long ones first, as long as `keep` says yes. */
function withoutSome<T>(list: readonly T[], keep: (shorter: T[]) => boolean): boolean {
  let shorter = [...list];
  let changed = false;
  for (let size = Math.max(1, shorter.length >> 1); size >= 1; size >>= 1) {
    for (let at = 0; at < shorter.length; ) {
      const candidate = [...shorter.slice(0, at), ...shorter.slice(at + size)];
      if (keep(candidate)) {
        shorter = candidate;
        changed = true;
      } else at += size;
    }
  }
  return changed;
}

function withoutPackets(current: () => Episode, attempt: (episode: Episode) => boolean): boolean {
  let changed = false;
  for (let n = 0; n < current().steps.length; n++) {
    const step = current().steps[n];
    if (step?.kind !== 'burst' || step.frames.length < 2) continue;
    const tried = (frames: readonly Uint8Array[]): boolean => {
      const { steps } = current();
      return attempt({ ...current(), steps: steps.map((other, k): Step => (k === n ? { ...step, frames } : other)) });
    };
    if (withoutSome(step.frames, tried)) changed = true;
  }
  return changed;
}

function withoutVips(current: () => Episode, attempt: (episode: Episode) => boolean): boolean {
  let changed = withoutSome(current().spec.vips, (vips) => {
    const { spec } = current();
    return attempt({ ...current(), spec: { ...spec, vips } });
  });
  for (let n = 0; n < current().steps.length; n++) {
    const step = current().steps[n];
    if (step?.kind !== 'configure') continue;
    const tried = (vips: Episode['spec']['vips']): boolean => {
      const { steps } = current();
      const spec = { ...step.spec, vips };
      return attempt({ ...current(), steps: steps.map((other, k): Step => (k === n ? { ...step, spec } : other)) });
    };
    if (withoutSome(step.spec.vips, tried)) changed = true;
  }
  return changed;
}
