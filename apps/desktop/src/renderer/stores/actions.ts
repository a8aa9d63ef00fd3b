import type { Problem } from '@lb/control';
import { type ApplyResult, applyStaged } from './apply-staged.js';
import type { Bridge } from './bridge.js';
import type { Edit } from './edit.js';
import type { Stores } from './stores.js';

/** What a person can do, whatever it is done with: a button, a key, the palette. */
export interface Actions {
  /** One edit, or several as one step. @returns why it cannot be applied; empty when it was staged */
  stage(edit: Edit | readonly Edit[], mergeKey?: string): readonly Problem[];
  /** The same for command lines. */
  stageLines(lines: readonly string[], mergeKey?: string): readonly Problem[];
  /** Applies the staged change, with the note that was written for it. */
  apply(): Promise<ApplyResult | null>;
  /** Says something for a moment, in the bottom bar and to screen readers. */
  say(text: string): void;
  /** Says why something was not done; it stays until it is dismissed, or something else is said. */
  complain(text: string): void;
}

export function createActions(
  bridge: Bridge,
  stores: Stores,
  say: (text: string, isComplaint?: boolean) => void,
): Actions {
  const stage = (edit: Edit | readonly Edit[], mergeKey?: string) => stores.staged.getState().stage(edit, mergeKey);
  return {
    stage,
    stageLines: (lines, mergeKey) => stage({ kind: 'commands', lines }, mergeKey),
    apply: async () => {
      const { note, setNote } = stores.view.getState();
      const result = await applyStaged(bridge, stores, { note });
      if (result?.kind === 'applied') setNote('');
      return result;
    },
    say: (text) => say(text),
    complain: (text) => say(text, true),
  };
}
