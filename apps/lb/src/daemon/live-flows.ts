import { vipKey as configKey, type VipRef } from '@lb/control';
import type { Explanation, FlowLookup, FlowPage, FlowQuery } from '@lb/control/api';
import { explainFlow } from '../explain/explain-flow.js';
import { formatFlow, parseFlow } from '../explain/flow.js';
import type { Dataplane } from './dataplane.js';

/** What the flow tables of the workers hold, as seen from outside them. */
export class LiveFlows {
  constructor(private readonly dataplane: Dataplane) {}

  /** Live flows of an AS of a VIP; 0 if it has no place in the tables, undefined if the VIP has not. */
  count(vip: VipRef, address: string): number | undefined {
    const { vips, supervisor } = this.dataplane;
    const placed = vips.find(({ config }) => configKey(config) === configKey(vip));
    if (placed === undefined) return undefined;
    const as = placed.ass.find(({ config }) => config.address === address);
    return as === undefined ? 0 : supervisor.group.flows(as.slot);
  }

  page(_query: FlowQuery): FlowPage {
    return { flows: [] };
  }

  lookup(text: string): FlowLookup {
    return { flow: formatFlow(parseFlow(text)), entry: null };
  }

  /** @throws LbError LB_CLI_FLOW */
  explain(text: string): Explanation {
    const { config, effective } = this.dataplane;
    return { ...explainFlow(config, parseFlow(text), { effective }) };
  }
}
