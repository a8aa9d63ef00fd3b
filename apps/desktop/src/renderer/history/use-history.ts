import type { PlanChange } from '@lb/control';
import type { ApiRevisionMeta } from '@lb/control/client';
import { useEffect, useState } from 'react';
import { callApi, selectedDaemon, useApp, useConfig, useConnection } from '../stores/index.js';
import type { Compared } from './compared.js';

export interface History {
  /** Newest first; null: not read yet. */
  readonly revisions: readonly ApiRevisionMeta[] | null;
  readonly error: string | null;
}

const LIMIT = '1000';

/** The revisions of the selected daemon; read again when there is a new one. */
export function useHistory(): History {
  const { bridge } = useApp();
  const daemon = useConnection(({ selected }) => selected);
  const isConnected = useConnection((state) => selectedDaemon(state)?.state === 'connected');
  const current = useConfig(({ revision }) => revision);
  const [state, setState] = useState<History & { readonly daemon: string | null }>({ ...UNREAD, daemon });
  useEffect(() => {
    if (daemon === null || current === null || !isConnected) return;
    return wanted(
      callApi(bridge, daemon, 'listRevisions', { query: { limit: LIMIT } }).then(
        (answer): History =>
          answer.ok ? { revisions: answer.value.revisions, error: null } : { ...UNREAD, error: answer.error.message },
      ),
      (next) => setState({ ...next, daemon }),
      (error) => setState({ ...UNREAD, error: error.message, daemon }),
    );
  }, [bridge, daemon, current, isConnected]);
  return state.daemon === daemon ? state : UNREAD;
}

const UNREAD: History = { revisions: null, error: null };

export interface Difference {
  readonly changes: readonly PlanChange[] | null;
  readonly error: string | null;
}

const NO_DIFFERENCE: Difference = { changes: null, error: null };

/** What lies between two revisions. */
export function useDifference(compared: Compared | null): Difference {
  const { bridge } = useApp();
  const daemon = useConnection(({ selected }) => selected);
  const [state, setState] = useState(NO_DIFFERENCE);
  const { from, to } = compared ?? { from: null, to: null };
  useEffect(() => {
    setState(NO_DIFFERENCE);
    if (daemon === null || from === null || to === null) return;
    const params = { from: String(from), to: String(to) };
    return wanted(
      callApi(bridge, daemon, 'diffRevisions', { params }).then(
        (answer): Difference =>
          answer.ok
            ? { changes: answer.value.changes as readonly PlanChange[], error: null }
            : { ...NO_DIFFERENCE, error: answer.error.message },
      ),
      setState,
      (error) => setState({ ...NO_DIFFERENCE, error: error.message }),
    );
  }, [bridge, daemon, from, to]);
  return state;
}

/** Takes an answer unless it is no longer wanted. @returns a function that says so */
function wanted<T>(answer: Promise<T>, take: (value: T) => void, fail: (error: Error) => void): () => void {
  let isWanted = true;
  answer.then(
    (value) => isWanted && take(value),
    (error: Error) => isWanted && fail(error),
  );
  return () => {
    isWanted = false;
  };
}
