import type { Theme } from '../stores/index.js';

/** Puts the theme on the document; `system` follows the desktop. @returns a function that ends following it */
export function applyTheme(theme: Theme, root: HTMLElement = document.documentElement): () => void {
  const query = window.matchMedia('(prefers-color-scheme: light)');
  const put = () => {
    root.dataset.theme = theme === 'system' ? (query.matches ? 'light' : 'dark') : theme;
  };
  put();
  query.addEventListener('change', put);
  return () => query.removeEventListener('change', put);
}
