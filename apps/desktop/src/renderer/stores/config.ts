import type { Config } from '@lb/control';
import { createStore } from 'zustand/vanilla';
import type { ApiError } from './bridge.js';

/** The configuration of the selected daemon, as of its latest known revision. */
export interface ConfigState {
  readonly config: Config | null;
  readonly revision: number | null;
  readonly error: ApiError | null;
  /** A number for a question about the configuration that is asked now. */
  ask(): number;
  /**
   * @param asked what `ask` gave for the question that this answers; absent: it is known to be so now
   * @returns whether it was taken: answers overtake each other, and one to an older question than the last that was taken says nothing.
   *   The revision does not tell, as a daemon that is started anew without its state begins at the first one again.
   */
  setConfig(config: Config, revision: number, asked?: number): boolean;
  setError(error: ApiError): void;
  reset(): void;
}

const EMPTY = { config: null, revision: null, error: null } as const;

export function createConfigStore() {
  let questions = 0;
  let taken = 0;
  return createStore<ConfigState>()((set) => ({
    ...EMPTY,
    ask: () => ++questions,
    setConfig: (config, revision, asked = ++questions) => {
      if (asked < taken) return false;
      taken = asked;
      set({ config, revision, error: null });
      return true;
    },
    setError: (error) => set({ error }),
    reset: () => set(EMPTY),
  }));
}
