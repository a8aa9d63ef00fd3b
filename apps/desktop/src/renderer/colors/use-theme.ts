import { useSyncExternalStore } from 'react';
import { useView } from '../stores/index.js';
import type { Theme } from './palette.js';

const DARK = '(prefers-color-scheme: dark)';

/** The theme that is on screen: as chosen, or that of the system. */
export function useTheme(): Theme {
  const chosen = useView(({ theme }) => theme);
  const system = useSyncExternalStore(followSystem, systemTheme, () => 'dark' as const);
  return chosen === 'system' ? system : chosen;
}

function followSystem(changed: () => void): () => void {
  const query = window.matchMedia(DARK);
  query.addEventListener('change', changed);
  return () => query.removeEventListener('change', changed);
}

function systemTheme(): Theme {
  return window.matchMedia(DARK).matches ? 'dark' : 'light';
}
