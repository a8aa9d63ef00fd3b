import { useEffect } from 'react';
import { useApp, useView, type Wanted } from '../stores/index.js';

/** Opens a dialog of this view that was asked for from elsewhere. */
export function useWanted(dialog: Wanted, open: () => void): void {
  const { stores } = useApp();
  const isWanted = useView(({ wanted }) => wanted === dialog);
  useEffect(() => {
    if (!isWanted) return;
    stores.view.getState().want(null);
    open();
  });
}
