import { createStore } from 'zustand/vanilla';

export const VIEWS = ['overview', 'vips', 'buckets', 'flows', 'health', 'explain', 'staged', 'history'] as const;
export type ViewName = (typeof VIEWS)[number];
export type Theme = 'system' | 'dark' | 'light';
/** A dialog that was asked for from elsewhere. */
export type Wanted = 'new-vip' | 'add-daemon' | 'settings' | 'shortcuts';

/** What is on screen. */
export interface ViewState {
  readonly view: ViewName;
  /** Identifier (vipId) of the VIP that is selected. */
  readonly vip: string | null;
  readonly theme: Theme;
  readonly paletteOpen: boolean;
  /** For the history, of what is applied next. */
  readonly note: string;
  /** For whoever has that dialog to open it. */
  readonly wanted: Wanted | null;
  show(view: ViewName): void;
  selectVip(vip: string | null): void;
  setTheme(theme: Theme): void;
  setPaletteOpen(open: boolean): void;
  setNote(note: string): void;
  want(dialog: Wanted | null): void;
}

export function createViewStore() {
  return createStore<ViewState>()((set) => ({
    view: 'overview',
    vip: null,
    theme: 'system',
    paletteOpen: false,
    note: '',
    wanted: null,
    show: (view) => set({ view }),
    selectVip: (vip) => set({ vip }),
    setTheme: (theme) => set({ theme }),
    setPaletteOpen: (paletteOpen) => set({ paletteOpen }),
    setNote: (note) => set({ note }),
    want: (wanted) => set({ wanted }),
  }));
}

export function isViewName(text: unknown): text is ViewName {
  return (VIEWS as readonly unknown[]).includes(text);
}
