import type { FlowView } from '@lb/control/client';
import { useEffect, useState } from 'react';
import { callApi, useApp, useConnection } from '../stores/index.js';
import type { FlowQuery } from './flow-query.js';

export interface FlowList {
  readonly flows: readonly FlowView[];
  /** How many there are, if the daemon counted them. */
  readonly total: number | null;
  readonly hasMore: boolean;
  /** When it was read, in ms; null: not yet. */
  readonly at: number | null;
  readonly error: string | null;
}

const NOTHING: FlowList = { flows: [], total: null, hasMore: false, at: null, error: null };
const PAGE = 2500;
const EVERY_MS = 2000;
/** A long list is read for a small part of the time only: 100,000 flows take the daemon and the app a second or so. */
const PAUSES = 5;

/** How long after a list was read it is read again. @param tookMs how long reading it took */
export function pauseAfter(tookMs: number): number {
  return Math.max(EVERY_MS, PAUSES * tookMs);
}

/**
 * The flows that a filter lets through, read again every two seconds while `isLive`, or less often when that takes long.
 * @param pages how many pages of flows are wanted
 */
export function useFlowList(filter: FlowQuery, pages: number, isLive: boolean): FlowList {
  const { bridge } = useApp();
  const daemon = useConnection(({ selected }) => selected);
  const [list, setList] = useState(NOTHING);
  const key = JSON.stringify(filter);
  useEffect(() => {
    if (daemon === null || !filter.ok) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let wanted = true;
    const readPages = async (): Promise<FlowList> => {
      const flows: FlowView[] = [];
      let cursor: string | undefined;
      let total: number | null = null;
      for (let page = 0; page < pages; page++) {
        const query = { ...filter.query, limit: String(PAGE), ...(cursor !== undefined && { cursor }) };
        const answer = await callApi(bridge, daemon, 'listFlows', { query });
        if (!answer.ok) return { ...NOTHING, error: answer.error.message };
        flows.push(...answer.value.flows);
        total ??= answer.value.total ?? null;
        cursor = answer.value.cursor;
        if (cursor === undefined) break;
      }
      return { flows, total, hasMore: cursor !== undefined, at: Date.now(), error: null };
    };
    const read = async (): Promise<void> => {
      const began = performance.now();
      const next = await readPages().catch((error: Error) => ({ ...NOTHING, error: error.message }));
      if (!wanted) return;
      setList(next);
      if (isLive) timer = setTimeout(read, pauseAfter(performance.now() - began));
    };
    void read();
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [bridge, daemon, key, pages, isLive]);
  return list;
}
