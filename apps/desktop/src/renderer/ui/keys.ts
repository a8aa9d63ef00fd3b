/** What a key press has of an event of the browser or of React. */
export type KeyPress = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>;

const NAMES: Readonly<Record<string, string>> = { Del: 'delete', Esc: 'escape' };

/** Whether a key press is the shortcut, which is written as it is shown: `E`, `Shift D`, `Ctrl Enter`, `Del`. */
export function isShortcut(event: KeyPress, shortcut: string): boolean {
  const words = shortcut.split(' ');
  const name = words.at(-1)!;
  const key = NAMES[name] ?? name.toLowerCase();
  return (
    event.key.toLowerCase() === key &&
    (event.ctrlKey || event.metaKey) === words.includes('Ctrl') &&
    // A sign that needs Shift on some keyboards is the same sign.
    (event.shiftKey === words.includes('Shift') || /^[^\p{L}\p{N}]$/u.test(key)) &&
    event.altKey === words.includes('Alt')
  );
}

/** The shortcut as `aria-keyshortcuts` has it: `Shift+D`, `Control+Enter`, `Delete`. */
export function keyShortcuts(shortcut: string): string {
  const names: Readonly<Record<string, string>> = { Ctrl: 'Control', Del: 'Delete', Esc: 'Escape' };
  return shortcut
    .split(' ')
    .map((word) => names[word] ?? word)
    .join('+');
}
