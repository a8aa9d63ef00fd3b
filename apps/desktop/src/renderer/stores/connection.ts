import { createStore } from 'zustand/vanilla';
import type { DaemonInfo } from '../../shared/daemon-info.js';

export interface ConnectionState {
  readonly daemons: readonly DaemonInfo[];
  /** Id of the daemon that is shown. */
  readonly selected: string | null;
  /** The first daemon is selected if none is, or the selected one is no more. */
  setDaemons(daemons: readonly DaemonInfo[]): void;
  update(info: DaemonInfo): void;
  select(id: string): void;
}

export function createConnectionStore() {
  return createStore<ConnectionState>()((set) => ({
    daemons: [],
    selected: null,
    setDaemons: (daemons) =>
      set(({ selected }) => ({
        daemons,
        selected: daemons.some(({ id }) => id === selected) ? selected : (daemons[0]?.id ?? null),
      })),
    update: (info) =>
      set(({ daemons, selected }) => {
        const isKnown = daemons.some(({ id }) => id === info.id);
        return {
          daemons: isKnown ? daemons.map((other) => (other.id === info.id ? info : other)) : [...daemons, info],
          selected: selected ?? info.id,
        };
      }),
    select: (selected) => set({ selected }),
  }));
}

/** The daemon that is shown. */
export function selectedDaemon({ daemons, selected }: ConnectionState): DaemonInfo | undefined {
  return daemons.find(({ id }) => id === selected);
}
