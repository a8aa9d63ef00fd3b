import { createContext, useContext, useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { Actions } from './actions.js';
import type { Bridge } from './bridge.js';
import type { ConfigState } from './config.js';
import type { ConnectionState } from './connection.js';
import type { LiveState } from './live.js';
import type { Command } from './offers.js';
import type { PreviewState } from './preview.js';
import type { StagedState } from './staged.js';
import type { Stores } from './stores.js';
import type { ViewState, Wanted } from './view.js';

/** What components reach: state, the way out, and what can be done. */
export interface AppContext {
  readonly stores: Stores;
  readonly bridge: Bridge;
  readonly actions: Actions;
}

const Context = createContext<AppContext | null>(null);
export const AppProvider = Context.Provider;

export function useApp(): AppContext {
  const app = useContext(Context);
  if (app === null) throw new Error('a component stands outside AppProvider');
  return app;
}

/** Part of a store; the component renders anew when that part changes. Select what exists: no new objects. */
export const useConnection = <T>(select: (state: ConnectionState) => T): T =>
  useStore(useApp().stores.connection, select);
export const useLive = <T>(select: (state: LiveState) => T): T => useStore(useApp().stores.live, select);
export const useConfig = <T>(select: (state: ConfigState) => T): T => useStore(useApp().stores.config, select);
export const useStaged = <T>(select: (state: StagedState) => T): T => useStore(useApp().stores.staged, select);
export const usePreview = <T>(select: (state: PreviewState) => T): T => useStore(useApp().stores.preview, select);
export const useView = <T>(select: (state: ViewState) => T): T => useStore(useApp().stores.view, select);

/** Offers commands to the palette as long as the component is there. */
export function useOffer(commands: readonly Command[]): void {
  const { offers } = useApp().stores;
  const latest = useRef(commands);
  useEffect(() => {
    latest.current = commands;
  });
  useEffect(() => offers.add(() => latest.current), [offers]);
}

/** Opens a dialog that was asked for from elsewhere. */
export function useWanted(dialog: Wanted, open: () => void): void {
  const { stores } = useApp();
  const isWanted = useView(({ wanted }) => wanted === dialog);
  useEffect(() => {
    if (!isWanted) return;
    stores.view.getState().want(null);
    open();
  });
}

/** The time in ms, kept up to date. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
