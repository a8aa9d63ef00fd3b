import { type Config, diffConfigs, type PlanChange, type Problem } from '@lb/control';
import { createStore } from 'zustand/vanilla';
import { addEdit, applyEdits, type FailedEdit, type Flush, type Outcome } from './apply-edits.js';
import type { Edit } from './edit.js';

/** A configuration with the number of its revision. */
export interface Base {
  readonly config: Config;
  readonly revision: number;
}

/** The configuration went on while a change was staged. */
export interface Conflict {
  readonly theirs: Base;
  /** What others changed since the base. */
  readonly changes: readonly PlanChange[];
}

/** A list of edits with what came of it, so that going back costs nothing. */
interface Snapshot {
  readonly edits: readonly Edit[];
  /** `result` stands on this base; another base means applying the edits again. */
  readonly on: Base | null;
  readonly outcome: Outcome | null;
}

export interface StagedData {
  /** What the edits are made on. */
  readonly base: Base | null;
  readonly edits: readonly Edit[];
  /** The configuration that Apply would make; null without a base. */
  readonly result: Config | null;
  /** Edits that no longer fit, as after a rebase: there is nothing to apply until they are gone. */
  readonly problems: readonly FailedEdit[];
  readonly flushes: readonly Flush[];
  readonly warnings: readonly Problem[];
  readonly conflict: Conflict | null;
  readonly past: readonly Snapshot[];
  readonly future: readonly Snapshot[];
}

export interface StagedState extends StagedData {
  /** The configuration of the daemon: the new base if nothing is staged, else a conflict if it is another revision. */
  follow(theirs: Base): void;
  /**
   * Adds an edit, or several as one step, if all can be applied. With `mergeKey`, an edit takes the place of the one before
   * if that had the same key.
   * @returns why it cannot be applied; empty when it was staged
   */
  stage(edit: Edit | readonly Edit[], mergeKey?: string): readonly Problem[];
  removeEdit(index: number): void;
  undo(): void;
  redo(): void;
  /** Takes all edits away; can be undone. */
  discard(): void;
  /** Puts the edits on the configuration that caused the conflict. */
  rebase(): void;
  /** The staged change is the configuration now. */
  applied(base: Base): void;
  /** Shows the data of another daemon. */
  restore(data: StagedData): void;
}

export const NOTHING_STAGED: StagedData = {
  base: null,
  edits: [],
  result: null,
  problems: [],
  flushes: [],
  warnings: [],
  conflict: null,
  past: [],
  future: [],
};

const MAX_UNDO = 200;

/** @param clock ms; what ramps and deadlines of staged lines count from, until they are applied */
export function createStagedStore(clock: () => number = Date.now) {
  let lastKey: string | undefined;
  return createStore<StagedState>()((set, get) => {
    /** The edits on the base, with what came of them. */
    const evaluated = (edits: readonly Edit[], base: Base | null, known?: Outcome | null): Partial<StagedData> => {
      if (base === null) return { edits, result: null };
      const outcome = known ?? applyEdits(base.config, edits, clock());
      return { edits, base, ...fieldsOf(outcome) };
    };
    const moveTo = (edits: readonly Edit[], outcome?: Outcome) => {
      lastKey = undefined;
      const { base, past } = get();
      const kept = [...past, snapshotOf(get())].slice(-MAX_UNDO);
      set({ ...evaluated(edits, base, outcome), past: kept, future: [] });
    };
    return {
      ...NOTHING_STAGED,
      follow: (theirs) => {
        const { base, edits } = get();
        if (base !== null && isSame(base, theirs)) return set({ conflict: null });
        if (edits.length === 0) return set({ ...evaluated([], theirs), conflict: null });
        if (base === null) return set({ ...evaluated(edits, theirs), conflict: null });
        set({ conflict: { theirs, changes: diffConfigs(base.config, theirs.config) } });
      },
      stage: (edit, mergeKey) => {
        const state = get();
        if (state.base === null) return [];
        const merges = mergeKey !== undefined && mergeKey === lastKey && state.edits.length > 0;
        const before = merges ? state.edits.slice(0, -1) : state.edits;
        const start = merges ? applyEdits(state.base.config, before, clock()) : outcomeOf(state)!;
        const added = [edit].flat();
        const outcome = added.reduce((sum, one, i) => addEdit(sum, one, before.length + i, clock()), start);
        const failed = outcome.failed.find(({ index }) => index >= before.length);
        if (failed !== undefined) return failed.problems;
        if (merges) set({ ...evaluated([...before, ...added], state.base, outcome), future: [] });
        else if (added.length > 0) moveTo([...before, ...added], outcome);
        lastKey = mergeKey;
        return [];
      },
      removeEdit: (index) => moveTo(get().edits.filter((_, i) => i !== index)),
      undo: () => {
        const { past, future, base } = get();
        const last = past.at(-1);
        if (last === undefined) return;
        lastKey = undefined;
        const known = last.on === base ? last.outcome : null;
        set({ ...evaluated(last.edits, base, known), past: past.slice(0, -1), future: [...future, snapshotOf(get())] });
        settle();
      },
      redo: () => {
        const { past, future, base } = get();
        const next = future.at(-1);
        if (next === undefined) return;
        lastKey = undefined;
        const known = next.on === base ? next.outcome : null;
        set({ ...evaluated(next.edits, base, known), past: [...past, snapshotOf(get())], future: future.slice(0, -1) });
      },
      discard: () => {
        if (get().edits.length > 0) moveTo([]);
        settle();
      },
      rebase: () => {
        const { conflict, edits } = get();
        if (conflict !== null) set({ ...evaluated(edits, conflict.theirs), conflict: null });
      },
      applied: (base) => {
        lastKey = undefined;
        set({ ...NOTHING_STAGED, base, result: base.config });
      },
      restore: (data) => {
        lastKey = undefined;
        set(data);
      },
    };

    /** Without edits there is nothing to be in conflict with: the configuration of the daemon is the base. */
    function settle(): void {
      const { conflict, edits } = get();
      if (edits.length === 0 && conflict !== null) set({ ...evaluated([], conflict.theirs), conflict: null });
    }
  });
}

/** One revision may be two: a daemon that lost its state counts from the first again. */
function isSame(a: Base, b: Base): boolean {
  if (a.revision !== b.revision) return false;
  if (a.config === b.config || JSON.stringify(a.config) === JSON.stringify(b.config)) return true;
  return diffConfigs(a.config, b.config).length === 0;
}

function fieldsOf({ config, failed, flushes, warnings }: Outcome) {
  return { result: config, problems: failed, flushes, warnings };
}

function outcomeOf({ result, problems, flushes, warnings }: StagedData): Outcome | null {
  return result === null ? null : { config: result, failed: problems, flushes, warnings };
}

function snapshotOf(state: StagedData): Snapshot {
  return { edits: state.edits, on: state.base, outcome: outcomeOf(state) };
}

/** What is kept of the staged change of a daemon while another is shown. */
export function stagedData(state: StagedState): StagedData {
  const { base, edits, result, problems, flushes, warnings, conflict, past, future } = state;
  return { base, edits, result, problems, flushes, warnings, conflict, past, future };
}
