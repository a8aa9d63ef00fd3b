import { expect, it } from 'vitest';
import { isShortcut, keyShortcuts } from './keys.js';

const press = (
  key: string,
  held: { ctrlKey?: boolean; shiftKey?: boolean; metaKey?: boolean; altKey?: boolean } = {},
) => ({
  key,
  ctrlKey: false,
  shiftKey: false,
  metaKey: false,
  altKey: false,
  ...held,
});

it('knows a shortcut by what is written on the button', () => {
  expect(isShortcut(press('e'), 'E')).toBe(true);
  expect(isShortcut(press('E', { shiftKey: true }), 'Shift E')).toBe(true);
  expect(isShortcut(press('E', { shiftKey: true }), 'E')).toBe(false);
  expect(isShortcut(press('e', { ctrlKey: true }), 'E')).toBe(false);
  expect(isShortcut(press('Enter', { metaKey: true }), 'Ctrl Enter')).toBe(true);
  expect(isShortcut(press('Delete'), 'Del')).toBe(true);
  expect(isShortcut(press('?', { shiftKey: true }), '?')).toBe(true);
  expect(isShortcut(press('1', { altKey: true }), '1')).toBe(false);
});

it('tells screen readers of it in their words', () => {
  expect(['E', 'Shift D', 'Ctrl Enter', 'Del'].map(keyShortcuts)).toEqual(['E', 'Shift+D', 'Control+Enter', 'Delete']);
});
