import type { Buckets } from '@lb/control/client';
import { useEffect, useMemo, useState } from 'react';
import { liveOf, selectedDaemon, useApp, useConnection, useLive, useStaged, vipsById } from '../stores/index.js';
import type { NamedBuckets } from './bucket-pair.js';
import { configTable, tableKey, weighVip } from './config-table.js';

/** The table that workers use now. */
export interface LiveTable {
  readonly table: NamedBuckets | null;
  readonly error: string | null;
}

const UNKNOWN: LiveTable = { table: null, error: null };

/** Reads the table of a VIP from the daemon, and again whenever the daemon made another image. */
export function useLiveTable(vip: string | null): LiveTable {
  const { bridge } = useApp();
  const daemon = useConnection(({ selected }) => selected);
  const isConnected = useConnection((state) => selectedDaemon(state)?.state === 'connected');
  const image = useLive(({ latest }) => latest?.image.acknowledged);
  const isServed = useLive(({ latest }) => vip !== null && vipsById(latest?.vips).get(vip) !== undefined);
  const key = `${daemon} ${vip}`;
  const [read, setRead] = useState<LiveTable & { readonly key: string }>({ ...UNKNOWN, key });
  useEffect(() => {
    if (daemon === null || vip === null || !isServed || !isConnected) return;
    let wanted = true;
    bridge.call('api.buckets', { daemon, vip }).then(
      (table: Buckets) => wanted && setRead({ table, error: null, key }),
      (error: Error) => wanted && setRead({ table: null, error: error.message, key }),
    );
    return () => {
      wanted = false;
    };
  }, [bridge, daemon, vip, key, image, isServed, isConnected]);
  // What was read of another VIP is not this one's.
  return read.key === key && isServed ? read : UNKNOWN;
}

/** What stands for the table of a VIP that is not there. */
export const NO_TABLE: NamedBuckets = { ass: [], buckets: Int32Array.of(-1) };

/** The table that the staged change would make; null when nothing is staged. */
export function useStagedTable(vip: string | null): NamedBuckets | null {
  const config = useStaged(({ edits, result }) => (edits.length === 0 ? null : result));
  const latest = useLive((state) => state.latest);
  const weighed = useMemo(() => {
    if (config === null || vip === null) return undefined;
    return weighVip(config, vip, Date.now(), liveOf(latest).healthOf);
  }, [config, latest, vip]);
  const key = config === null || weighed === undefined ? null : tableKey(config, weighed);
  return useMemo(() => {
    if (config === null) return null;
    return weighed === undefined ? NO_TABLE : configTable(config, weighed);
  }, [key, config === null]);
}
