import { useEffect, useState } from 'react';
import { freshness, selectedDaemon, useConnection, useLive } from '../stores/index.js';

/** Whether what the selected daemon told is too old to be taken for what is. */
export function useIsStale(): boolean {
  const state = useConnection((all) => selectedDaemon(all)?.state);
  const receivedAt = useLive((live) => live.receivedAt);
  const [isStale, setStale] = useState(false);
  useEffect(() => {
    const look = () => setStale(freshness(receivedAt, Date.now(), state).level === 'stale');
    look();
    const timer = setInterval(look, 1000);
    return () => clearInterval(timer);
  }, [state, receivedAt]);
  return isStale;
}
