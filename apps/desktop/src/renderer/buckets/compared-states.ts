import { createStore } from 'zustand/vanilla';

/** A state of a VIP whose table can be looked at: what workers serve, what is staged, or a revision by its number. */
export type State = 'now' | 'staged' | number;

/** Two states that are compared, kept while other views are shown. */
export interface ComparedStates {
  readonly isOn: boolean;
  readonly left: State;
  /** Null: what is staged, else the revision before the current one. */
  readonly right: State | null;
}

export const comparedStates = createStore<ComparedStates>()(() => ({ isOn: false, left: 'now', right: null }));

/** What stands on the right when nobody has chosen: what is staged, else the revision before; null if there is neither. */
export function usualRight(isStaged: boolean, revisions: readonly number[], current: number | null): State | null {
  if (isStaged) return 'staged';
  return revisions.find((number) => current === null || number < current) ?? null;
}

/** A state as people call it. */
export function stateText(state: State): string {
  return typeof state === 'number' ? `revision ${state}` : state;
}

/** The value of a state in a list of choices, and back. */
export function stateKey(state: State | null): string {
  return state === null ? '' : String(state);
}

export function parseState(key: string): State {
  return key === 'now' || key === 'staged' ? key : Number(key);
}
