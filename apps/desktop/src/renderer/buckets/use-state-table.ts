import type { Config } from '@lb/control';
import { useEffect, useMemo, useState } from 'react';
import { callApi, liveOf, useApp, useConnection, useLive } from '../stores/index.js';
import type { NamedBuckets } from './bucket-pair.js';
import type { State } from './compared-states.js';
import { configTable, tableKey, weighVip } from './config-table.js';
import { NO_TABLE, useLiveTable, useStagedTable } from './use-table.js';

export interface StateTable {
  /** Null: not read yet, or it cannot be. */
  readonly table: NamedBuckets | null;
  readonly error: string | null;
}

/**
 * The table of a VIP in a state. That of a revision is filled here, with the health and at the time of now, as the daemon plans a
 * rollback to it.
 */
export function useStateTable(state: State | null, vip: string): StateTable {
  const live = useLiveTable(state === 'now' ? vip : null);
  const isServed = useLive(({ latest }) => latest?.vips.some(({ id }) => id === vip) ?? false);
  const staged = useStagedTable(state === 'staged' ? vip : null);
  const revision = useRevisionTable(typeof state === 'number' ? state : null, vip);
  if (state === 'now') return isServed ? live : { table: NO_TABLE, error: null };
  if (state === 'staged') {
    return { table: staged, error: staged === null ? 'Nothing is staged.' : null };
  }
  return revision;
}

function useRevisionTable(number: number | null, vip: string): StateTable {
  const { config, error } = useRevisionConfig(number);
  const latest = useLive((state) => state.latest);
  const weighed = useMemo(
    () => (config === null ? undefined : weighVip(config, vip, Date.now(), liveOf(latest).healthOf)),
    [config, vip, latest],
  );
  const key = config === null || weighed === undefined ? null : tableKey(config, weighed);
  // Filled again only when something has changed that it is made of.
  const table = useMemo(() => {
    if (config === null) return null;
    return weighed === undefined ? NO_TABLE : configTable(config, weighed);
  }, [key, config, vip]);
  return { table, error };
}

function useRevisionConfig(number: number | null): { readonly config: Config | null; readonly error: string | null } {
  const { bridge } = useApp();
  const daemon = useConnection(({ selected }) => selected);
  const [read, setRead] = useState<{ key: string; config: Config | null; error: string | null } | null>(null);
  const key = `${daemon} ${number}`;
  useEffect(() => {
    if (daemon === null || number === null) return;
    let wanted = true;
    callApi(bridge, daemon, 'getRevision', { params: { number: String(number) } }).then(
      (answer) => {
        if (!wanted) return;
        const config = answer.ok ? (answer.value.config as Config) : null;
        setRead({ key, config, error: answer.ok ? null : answer.error.message });
      },
      (error: Error) => wanted && setRead({ key, config: null, error: error.message }),
    );
    return () => {
      wanted = false;
    };
  }, [bridge, daemon, number, key]);
  return read?.key === key ? read : { config: null, error: null };
}
