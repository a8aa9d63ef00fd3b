import type { Config } from '@lb/control';
import { createStore } from 'zustand/vanilla';
import type { ApiError } from './bridge.js';

/** The configuration of the selected daemon, as of its latest known revision. */
export interface ConfigState {
  readonly config: Config | null;
  readonly revision: number | null;
  readonly error: ApiError | null;
  setConfig(config: Config, revision: number): void;
  setError(error: ApiError): void;
  reset(): void;
}

const EMPTY = { config: null, revision: null, error: null } as const;

export function createConfigStore() {
  return createStore<ConfigState>()((set) => ({
    ...EMPTY,
    setConfig: (config, revision) => set({ config, revision, error: null }),
    setError: (error) => set({ error }),
    reset: () => set(EMPTY),
  }));
}
