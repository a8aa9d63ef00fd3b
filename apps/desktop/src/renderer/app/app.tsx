import { type CSSProperties, useEffect, useInsertionEffect, useMemo, useState } from 'react';
import { SettingsEditor } from '../settings/index.js';
import { sayApplied } from '../staged/apply-text.js';
import { StagedPanel } from '../staged/staged-panel.js';
import {
  AppProvider,
  type Bridge,
  createActions,
  isViewName,
  linkStores,
  type Stores,
  selectedDaemon,
  type Theme,
  useApp,
  useConfig,
  useConnection,
  useStaged,
  useView,
  type ViewName,
  type Wanted,
} from '../stores/index.js';
import { EmptyState, Split } from '../ui/index.js';
import { usePaste } from '../vips/clipboard.js';
import { useFileCommands } from '../vips/file-commands.js';
import { NEW_VIP_TEXT, SETTINGS_TEXT } from '../vips/vips-view.js';
import { BottomBar } from './bottom-bar.js';
import { Guarded } from './guarded.js';
import { Nav } from './nav.js';
import { NOTHING_SAID, Notice, type Said } from './notice.js';
import { Palette } from './palette.js';
import type { PaletteAction } from './palette-items.js';
import { NAV, SIDE, usePanelWidths } from './panel-widths.js';
import { SHORTCUTS, shortcutOf, viewOfKey } from './shortcuts.js';
import { ShortcutsHelp } from './shortcuts-help.js';
import { applyTheme } from './theme.js';
import { TopBar } from './top-bar.js';
import { useIsStale } from './use-is-stale.js';
import { VIEW_ENTRIES } from './views.js';

/** The window: fills the stores from the bridge as long as it is there. */
export function App({ bridge, stores }: { readonly bridge: Bridge; readonly stores: Stores }) {
  const [said, setSaid] = useState(NOTHING_SAID);
  const app = useMemo(() => {
    const say = (text: string, isComplaint = false) => setSaid({ text, isComplaint, at: Date.now() });
    return { bridge, stores, actions: createActions(bridge, stores, say) };
  }, [bridge, stores]);
  useEffect(() => linkStores(bridge, stores), [bridge, stores]);
  useEffect(() => {
    if (said.isComplaint) return;
    const timer = setTimeout(() => setSaid(NOTHING_SAID), 8000);
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <AppProvider value={app}>
      <Frame said={said} onDismiss={() => setSaid(NOTHING_SAID)} />
    </AppProvider>
  );
}

function Frame({ said, onDismiss }: { readonly said: Said; onDismiss(): void }) {
  const { stores } = useApp();
  const paletteOpen = useView((state) => state.paletteOpen);
  const areSettingsWanted = useView(({ wanted }) => wanted === 'settings');
  const isHelpWanted = useView(({ wanted }) => wanted === 'shortcuts');
  const { widths, change } = usePanelWidths();
  const actions = usePaletteActions(() => {
    change('nav', null);
    change('side', null);
  });
  useSettings();
  useShortcuts();
  usePaste();
  return (
    <div className="app" style={{ '--nav': `${widths.nav}px`, '--panel-side': `${widths.side}px` } as CSSProperties}>
      <TopBar />
      <div className="nav-place">
        <Nav />
        <Split
          label="Width of the navigation"
          edge="right"
          width={widths.nav}
          {...NAV}
          onWidth={(width) => change('nav', width)}
          onReset={() => change('nav', null)}
        />
      </div>
      <Main />
      <aside className="side" aria-label="Staged change">
        <Split
          label="Width of the staged change"
          edge="left"
          width={widths.side}
          {...SIDE}
          onWidth={(width) => change('side', width)}
          onReset={() => change('side', null)}
        />
        <Guarded title="The staged change">
          <StagedPanel />
        </Guarded>
      </aside>
      <BottomBar said={said.isComplaint ? '' : said.text} />
      <Notice said={said} onDismiss={onDismiss} />
      {paletteOpen && <Palette actions={actions} />}
      {areSettingsWanted && <SettingsEditor onClose={() => stores.view.getState().want(null)} />}
      {isHelpWanted && <ShortcutsHelp onClose={() => stores.view.getState().want(null)} />}
    </div>
  );
}

function Main() {
  const view = useView((state) => state.view);
  const { component: View, title } = VIEW_ENTRIES.find((entry) => entry.view === view) ?? VIEW_ENTRIES[0]!;
  const daemon = useConnection(selectedDaemon);
  const isLoaded = useConfig((state) => state.config !== null);
  const error = useConfig((state) => state.error);
  const isStale = useIsStale();
  return (
    <main className={isStale ? 'main main-stale' : 'main'} tabIndex={-1}>
      {isLoaded ? (
        <Guarded key={view} title={title}>
          <View />
        </Guarded>
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
      const goTo = viewOfKey(event);
      if (shortcut === undefined && goTo === undefined) return;
      const { view, staged } = { view: stores.view.getState(), staged: stores.staged.getState() };
      if (shortcut === 'palette' && (view.paletteOpen || !hasDialog())) view.setPaletteOpen(!view.paletteOpen);
      // A dialog has the window to itself.
      else if (hasDialog()) return;
      else if (goTo !== undefined) view.show(goTo);
      else if (shortcut === 'undo') staged.undo();
      else if (shortcut === 'redo') staged.redo();
      else if (shortcut === 'help') view.want('shortcuts');
      else void actions.apply().then((result) => sayApplied(actions, result));
      event.preventDefault();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [stores, actions]);
}

function hasDialog(): boolean {
  return document.querySelector('dialog[open]') !== null;
}

/** What can be done from anywhere; views offer more as long as they are on screen. */
function usePaletteActions(resetWidths: () => void): PaletteAction[] {
  const { stores, actions } = useApp();
  const files = useFileCommands();
  const edits = useStaged((state) => state.edits.length);
  const past = useStaged((state) => state.past.length);
  const future = useStaged((state) => state.future.length);
  const conflict = useStaged((state) => state.conflict);
  const daemons = useConnection((state) => state.daemons);
  const selected = useConnection((state) => state.selected);
  const { undo, redo, discard, rebase } = stores.staged.getState();
  const theme = (to: Theme, text: string) => ({ text, run: () => stores.view.getState().setTheme(to) });
  const want = (view: ViewName, dialog: Wanted) => () => {
    stores.view.getState().selectVip(null);
    stores.view.getState().show(view);
    stores.view.getState().want(dialog);
  };
  return [
    ...(edits > 0
      ? [
          {
            text: 'Apply the staged change',
            shortcut: SHORTCUTS.apply,
            run: () => void actions.apply().then((result) => sayApplied(actions, result)),
          },
          { text: 'Discard the staged change', run: discard },
        ]
      : []),
    ...(conflict === null ? [] : [{ text: `Rebase on revision ${conflict.theirs.revision}`, run: rebase }]),
    ...(past > 0 ? [{ text: 'Undo', shortcut: SHORTCUTS.undo, run: undo }] : []),
    ...(future > 0 ? [{ text: 'Redo', shortcut: SHORTCUTS.redo, run: redo }] : []),
    ...(stores.offers.now().some(({ text }) => text === NEW_VIP_TEXT)
      ? []
      : [{ text: NEW_VIP_TEXT, run: want('vips', 'new-vip') }]),
    { text: SETTINGS_TEXT, run: () => stores.view.getState().want('settings') },
    ...files.imports,
    ...files.exports,
    ...daemons
      .filter(({ id }) => id !== selected)
      .map(({ id, name }) => ({ text: `Daemon ${name}`, run: () => stores.connection.getState().select(id) })),
    { text: 'Add a daemon…', run: () => stores.view.getState().want('add-daemon') },
    theme('dark', 'Dark theme'),
    theme('light', 'Light theme'),
    theme('system', 'Theme of the system'),
    { text: 'Panels as wide as at the first start', run: resetWidths },
    { text: 'Keyboard shortcuts', shortcut: SHORTCUTS.help, run: () => stores.view.getState().want('shortcuts') },
  ];
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
