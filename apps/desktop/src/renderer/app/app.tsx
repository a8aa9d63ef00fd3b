import { useEffect, useInsertionEffect, useMemo, useState } from 'react';
import { applyText } from '../staged/apply-text.js';
import { StagedPanel } from '../staged/staged-panel.js';
import {
  AppProvider,
  type Bridge,
  createActions,
  freshness,
  isViewName,
  linkStores,
  type Stores,
  selectedDaemon,
  type Theme,
  useApp,
  useConfig,
  useConnection,
  useLive,
  useNow,
  useStaged,
  useView,
} from '../stores/index.js';
import { EmptyState } from '../ui/index.js';
import { BottomBar } from './bottom-bar.js';
import { Nav } from './nav.js';
import { Palette } from './palette.js';
import type { PaletteAction } from './palette-items.js';
import { SHORTCUTS, shortcutOf } from './shortcuts.js';
import { applyTheme } from './theme.js';
import { TopBar } from './top-bar.js';
import { VIEW_ENTRIES } from './views.js';

/** The window: fills the stores from the bridge as long as it is there. */
export function App({ bridge, stores }: { readonly bridge: Bridge; readonly stores: Stores }) {
  const [said, setSaid] = useState('');
  const app = useMemo(() => ({ bridge, stores, actions: createActions(bridge, stores, setSaid) }), [bridge, stores]);
  useEffect(() => linkStores(bridge, stores), [bridge, stores]);
  useEffect(() => {
    const timer = setTimeout(() => setSaid(''), 8000);
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <AppProvider value={app}>
      <Frame said={said} />
    </AppProvider>
  );
}

function Frame({ said }: { readonly said: string }) {
  const paletteOpen = useView((state) => state.paletteOpen);
  const actions = usePaletteActions();
  useSettings();
  useShortcuts();
  return (
    <div className="app">
      <TopBar />
      <Nav />
      <Main />
      <aside className="side" aria-label="Staged change">
        <StagedPanel />
      </aside>
      <BottomBar said={said} />
      {paletteOpen && <Palette actions={actions} />}
    </div>
  );
}

function Main() {
  const view = useView((state) => state.view);
  const { component: View } = VIEW_ENTRIES.find((entry) => entry.view === view) ?? VIEW_ENTRIES[0]!;
  const daemon = useConnection(selectedDaemon);
  const isLoaded = useConfig((state) => state.config !== null);
  const error = useConfig((state) => state.error);
  const receivedAt = useLive((state) => state.receivedAt);
  const isStale = freshness(receivedAt, useNow(1000), daemon?.state).level === 'stale';
  return (
    <main className={isStale ? 'main main-stale' : 'main'}>
      {isLoaded ? (
        <View />
      ) : (
        <EmptyState title={daemon === undefined ? 'No daemon' : `Waiting for ${daemon.name}`}>
          {daemon?.error ?? error?.message ?? 'Numbers appear as soon as it answers.'}
        </EmptyState>
      )}
    </main>
  );
}

function useShortcuts(): void {
  const { stores, actions } = useApp();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const shortcut = shortcutOf(event);
      if (shortcut === undefined) return;
      const { palette, ...others } = { palette: stores.view.getState(), staged: stores.staged.getState() };
      if (shortcut === 'palette') palette.setPaletteOpen(!palette.paletteOpen);
      // A dialog has the window to itself.
      else if (document.querySelector('dialog[open]') !== null) return;
      else if (shortcut === 'undo') others.staged.undo();
      else if (shortcut === 'redo') others.staged.redo();
      else void actions.apply().then((result) => actions.say(applyText(result)));
      event.preventDefault();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [stores, actions]);
}

function usePaletteActions(): PaletteAction[] {
  const { stores, actions } = useApp();
  const edits = useStaged((state) => state.edits.length);
  const past = useStaged((state) => state.past.length);
  return useMemo(() => {
    const { undo, redo, discard } = stores.staged.getState();
    const theme = (to: Theme, text: string) => ({ text, run: () => stores.view.getState().setTheme(to) });
    return [
      ...(edits > 0
        ? [
            {
              text: 'Apply the staged change',
              shortcut: SHORTCUTS.apply,
              run: () => void actions.apply().then((result) => actions.say(applyText(result))),
            },
            { text: 'Discard the staged change', run: discard },
          ]
        : []),
      ...(past > 0 ? [{ text: 'Undo', shortcut: SHORTCUTS.undo, run: undo }] : []),
      { text: 'Redo', shortcut: SHORTCUTS.redo, run: redo },
      theme('dark', 'Dark theme'),
      theme('light', 'Light theme'),
      theme('system', 'Theme of the system'),
    ];
  }, [stores, actions, edits, past]);
}

/** Restores theme and view of the last time, and keeps them. */
function useSettings(): void {
  const { stores, bridge } = useApp();
  const theme = useView((state) => state.theme);
  // Before anything is painted, or reads its colours from the document.
  useInsertionEffect(() => applyTheme(theme), [theme]);
  useEffect(() => {
    let isRestored = false;
    const unfollow = stores.view.subscribe((now, before) => {
      if (!isRestored) return;
      if (now.theme !== before.theme) void bridge.call('settings.set', { theme: now.theme });
      if (now.view !== before.view) void bridge.call('settings.set', { view: now.view });
    });
    void bridge.call('settings.get', {}).then((settings) => {
      stores.view.getState().setTheme(settings.theme);
      if (isViewName(settings.view)) stores.view.getState().show(settings.view);
      isRestored = true;
    });
    return unfollow;
  }, [stores, bridge]);
}
