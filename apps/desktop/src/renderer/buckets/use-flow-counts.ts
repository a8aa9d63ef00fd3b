import type { FlowView } from '@lb/control/client';
import { useCallback, useEffect, useRef, useState } from 'react';
import { type Bridge, callApi, useApp, useConnection } from '../stores/index.js';

/** Flows that are listed at most: more would take seconds, and nobody reads them all. */
export const MOST_FLOWS = 50_000;
const PAGE = 5000;

/** Established flows of a VIP by the bucket that their first packets went by. */
export interface CountedFlows {
  readonly total: number;
  /** Flows of each bucket of the table that serves. */
  readonly counts: Uint32Array;
  /** Flows whose bucket is not known. */
  readonly unknown: number;
}

export interface ListedFlows {
  readonly flows: readonly FlowView[];
  /** False: there are more than are listed. */
  readonly complete: boolean;
}

export interface FlowCounts {
  /** null: not read yet. */
  readonly counted: CountedFlows | null;
  /** null: not asked for yet. */
  readonly listed: ListedFlows | null;
  /** When they were read, in ms. */
  readonly at: number | null;
  readonly isLoading: boolean;
  readonly error: string | null;
  /** Counts them anew. */
  load(): void;
  /** Counts and lists them anew. */
  list(): void;
}

const NOTHING = { counted: null, listed: null, at: null, isLoading: false, error: null } as const;

/** The flows of a VIP by bucket, read when they are asked for. */
export function useFlowCounts(vip: string | null, newLen: number | null): FlowCounts {
  const { bridge } = useApp();
  const daemon = useConnection(({ selected }) => selected);
  const [state, setState] = useState<Omit<FlowCounts, 'load' | 'list'>>(NOTHING);
  const reading = useRef(0);
  useEffect(() => {
    setState(NOTHING);
    return () => {
      reading.current++;
    };
  }, [daemon, vip, newLen]);
  const read = useCallback(
    (lists: boolean) => {
      if (daemon === null || vip === null || newLen === null) return;
      const mine = ++reading.current;
      const isWanted = (): boolean => reading.current === mine;
      setState((before) => ({ ...before, isLoading: true, error: null }));
      const all = Promise.all([
        countFlows(bridge, daemon, vip),
        lists ? listFlows(bridge, daemon, vip, isWanted) : null,
      ]);
      all.then(
        ([counted, listed]) => isWanted() && setState({ ...NOTHING, counted, listed, at: Date.now() }),
        (error: Error) => isWanted() && setState({ ...NOTHING, error: error.message }),
      );
    },
    [bridge, daemon, vip, newLen],
  );
  const load = useCallback(() => read(false), [read]);
  const list = useCallback(() => read(true), [read]);
  return { ...state, load, list };
}

async function countFlows(bridge: Bridge, daemon: string, vip: string): Promise<CountedFlows> {
  const { flows, buckets, unknownBucket } = await bridge.call('api.flow-buckets', { daemon, vip });
  return { total: flows, counts: buckets, unknown: unknownBucket };
}

/** Reads page after page while they are wanted. */
async function listFlows(
  bridge: Bridge,
  daemon: string,
  vip: string,
  isWanted: () => boolean,
): Promise<ListedFlows | null> {
  const flows: FlowView[] = [];
  let cursor: string | undefined;
  do {
    const query = { vip, limit: String(PAGE), ...(cursor !== undefined && { cursor }) };
    const answer = await callApi(bridge, daemon, 'listFlows', { query });
    if (!isWanted()) return null;
    if (!answer.ok) throw new Error(answer.error.message);
    flows.push(...answer.value.flows);
    cursor = answer.value.cursor;
  } while (cursor !== undefined && flows.length < MOST_FLOWS);
  return { flows, complete: cursor === undefined };
}
