/** Keys of the whole window. Lists and forms have their own, in the same notation. */
export const SHORTCUTS = {
  palette: 'Ctrl K',
  undo: 'Ctrl Z',
  redo: 'Shift Ctrl Z',
  apply: 'Ctrl Enter',
} as const;

export type Shortcut = keyof typeof SHORTCUTS;

/** Which shortcut a key press is. In a text field undo belongs to the field. */
export function shortcutOf(event: KeyboardEvent): Shortcut | undefined {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return undefined;
  const key = event.key.toLowerCase();
  if (key === 'k' && !event.shiftKey) return 'palette';
  if (key === 'enter') return 'apply';
  if (key === 'z' && !isTextField(event.target)) return event.shiftKey ? 'redo' : 'undo';
  return undefined;
}

/** Whether keys typed there are text. */
export function isTextField(target: EventTarget | null): boolean {
  if (target instanceof HTMLTextAreaElement) return true;
  return target instanceof HTMLInputElement && !['range', 'checkbox', 'radio', 'button'].includes(target.type);
}
