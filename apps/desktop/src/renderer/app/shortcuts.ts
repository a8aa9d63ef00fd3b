import type { ViewName } from '../stores/index.js';
import { isShortcut } from '../ui/index.js';

/** Keys of the whole window. Lists and forms have their own, in the same notation. */
export const SHORTCUTS = {
  palette: 'Ctrl K',
  undo: 'Ctrl Z',
  redo: 'Shift Ctrl Z',
  apply: 'Ctrl Enter',
  help: 'Ctrl /',
} as const;

export type Shortcut = keyof typeof SHORTCUTS;

/** Keys that go to a view, in the order of the navigation. */
export const VIEW_KEYS: Readonly<Record<ViewName, string>> = {
  overview: 'Ctrl 1',
  vips: 'Ctrl 2',
  buckets: 'Ctrl 3',
  flows: 'Ctrl 4',
  health: 'Ctrl 5',
  explain: 'Ctrl 6',
  staged: 'Ctrl 7',
  history: 'Ctrl 8',
};

/** Which shortcut a key press is. In a text field undo belongs to the field. */
export function shortcutOf(event: KeyboardEvent): Shortcut | undefined {
  const names = Object.keys(SHORTCUTS) as Shortcut[];
  const shortcut = names.find((name) => isShortcut(event, SHORTCUTS[name]));
  if ((shortcut === 'undo' || shortcut === 'redo') && isTextField(event.target)) return undefined;
  return shortcut;
}

/** The view that a key press goes to. */
export function viewOfKey(event: KeyboardEvent): ViewName | undefined {
  const views = Object.keys(VIEW_KEYS) as ViewName[];
  return views.find((view) => isShortcut(event, VIEW_KEYS[view]));
}

/** Whether keys typed there are text. */
export function isTextField(target: EventTarget | null): boolean {
  if (target instanceof HTMLTextAreaElement) return true;
  return target instanceof HTMLInputElement && !['range', 'checkbox', 'radio', 'button'].includes(target.type);
}
