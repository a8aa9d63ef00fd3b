import type { HealthView } from '@lb/control/client';
import { useEffect, useState } from 'react';
import { callApi, useApp, useConnection } from '../stores/index.js';

export interface Checks {
  /** null: not read yet. */
  readonly checks: readonly HealthView[] | null;
  readonly error: string | null;
}

const UNKNOWN: Checks = { checks: null, error: null };
const EVERY_MS = 2000;

/** The health checks of the selected daemon with their last results, read every two seconds. */
export function useHealth(): Checks {
  const { bridge } = useApp();
  const daemon = useConnection(({ selected }) => selected);
  const [state, setState] = useState(UNKNOWN);
  useEffect(() => {
    setState(UNKNOWN);
    if (daemon === null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let wanted = true;
    const read = async (): Promise<void> => {
      const next = await callApi(bridge, daemon, 'getHealth', {}).then(
        (answer): Checks =>
          answer.ok ? { checks: answer.value.checks, error: null } : { ...UNKNOWN, error: answer.error.message },
        (error: Error): Checks => ({ ...UNKNOWN, error: error.message }),
      );
      if (!wanted) return;
      setState(next);
      timer = setTimeout(read, EVERY_MS);
    };
    void read();
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [bridge, daemon]);
  return state;
}
