import type { Actions, ApplyResult } from '../stores/index.js';

/** What to say about an attempt to apply. */
export function applyText(result: ApplyResult | null): string {
  if (result === null) return 'There is nothing that can be applied.';
  if (result.kind === 'applied') return `Applied as revision ${result.revision}`;
  if (result.kind === 'conflict') return 'Not applied: the configuration was changed meanwhile';
  return `Not applied: ${result.error.message}`;
}

/** Says it; why nothing was applied stays until it is read. */
export function sayApplied(actions: Pick<Actions, 'say' | 'complain'>, result: ApplyResult | null): void {
  if (result?.kind === 'applied') actions.say(applyText(result));
  else actions.complain(applyText(result));
}
