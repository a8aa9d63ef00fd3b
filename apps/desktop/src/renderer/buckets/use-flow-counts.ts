import type { FlowView } from '@lb/control/client';
import { useCallback, useEffect, useRef, useState } from 'react';
import { callApi, useApp, useConnection } from '../stores/index.js';
import { type CountedFlows, countFlows } from './count-flows.js';

/** Flows that are read at most: more would take seconds and say nothing that these do not. */
export const MOST_FLOWS = 50_000;
const PAGE = 5000;

export interface FlowCounts {
  /** null: not read yet. */
  readonly counted: CountedFlows | null;
  /** When they were read, in ms. */
  readonly at: number | null;
  readonly isLoading: boolean;
  readonly error: string | null;
  /** Reads them anew. */
  load(): void;
}

const NOTHING = { counted: null, at: null, isLoading: false, error: null } as const;

/** The flows of a VIP by bucket, read when they are asked for. */
export function useFlowCounts(vip: string | null, newLen: number | null): FlowCounts {
  const { bridge } = useApp();
  const daemon = useConnection(({ selected }) => selected);
  const [state, setState] = useState<Omit<FlowCounts, 'load'>>(NOTHING);
  const reading = useRef(0);
  useEffect(() => {
    setState(NOTHING);
    return () => {
      reading.current++;
    };
  }, [daemon, vip, newLen]);
  const load = useCallback(() => {
    if (daemon === null || vip === null || newLen === null) return;
    const mine = ++reading.current;
    const isWanted = (): boolean => reading.current === mine;
    setState((before) => ({ ...before, isLoading: true, error: null }));
    const flows: FlowView[] = [];
    const readPage = async (cursor?: string): Promise<void> => {
      const query = { vip, limit: String(PAGE), ...(cursor !== undefined && { cursor }) };
      const answer = await callApi(bridge, daemon, 'listFlows', { query });
      if (!isWanted()) return;
      if (!answer.ok) return setState({ ...NOTHING, error: answer.error.message });
      flows.push(...answer.value.flows);
      const next = answer.value.cursor;
      if (next !== undefined && flows.length < MOST_FLOWS) return readPage(next);
      setState({ ...NOTHING, counted: countFlows(flows, newLen, next === undefined), at: Date.now() });
    };
    readPage().catch((error: Error) => isWanted() && setState({ ...NOTHING, error: error.message }));
  }, [bridge, daemon, vip, newLen]);
  return { ...state, load };
}
