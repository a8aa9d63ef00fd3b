import { vipKey as configKey, type VipRef, vipId } from '@lb/control';
import type { Explanation, FlowBuckets, FlowLookup, FlowPage, FlowQuery } from '@lb/control/api';
import { parseAddress, parsePrefix } from '@lb/core';
import { AGE_BOUNDS_SEC, type FlowEntry, type SlotNames, vipKey } from '@lb/dataplane';
import { explainFlow } from '../explain/explain-flow.js';
import { explainPacket } from '../explain/explain-packet.js';
import { type Flow, formatFlow, parseFlow } from '../explain/flow.js';
import { specOf } from './cut-keys.js';
import type { Dataplane } from './dataplane.js';
import { daemonError } from './errors.js';

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

  /** @throws LbError LB_WORKER_CURSOR */
  async page({ vip, as, client, state, limit, cursor }: FlowQuery): Promise<FlowPage> {
    const { supervisor, currentImage, slotMaps } = this.dataplane;
    const vipSlot = vip && slotMaps.vipSlots.get(vipKey(specOf(vip)));
    if (vip !== undefined && vipSlot === undefined) return { flows: [] };
    const page = await supervisor.flows.page(
      currentImage,
      {
        limit,
        ...(cursor !== undefined && { cursor }),
        ...(vipSlot !== undefined && { vipSlot }),
        ...(as !== undefined && { as: parseAddress(as) }),
        ...(client !== undefined && { client: parsePrefix(client) }),
        ...(state !== undefined && { state }),
      },
      this.names(),
    );
    return { flows: page.flows.map(viewOf), ...(page.cursor !== undefined && { cursor: page.cursor }) };
  }

  /** Flows of a VIP by bucket and by age. @throws LbError LB_DAEMON_REQUEST if it is not served */
  async buckets(vip: VipRef): Promise<FlowBuckets> {
    const { supervisor, currentImage, slotMaps } = this.dataplane;
    const slot = slotMaps.vipSlots.get(vipKey(specOf(vip)));
    if (slot === undefined) throw daemonError('LB_DAEMON_REQUEST', `VIP ${configKey(vip)} is not served`);
    const { flows, buckets, unknownBucket, ages, unknownAge } = await supervisor.flows.vipFlows(currentImage, slot);
    const classes = Array.from(ages, (count, i) => ({ belowSec: AGE_BOUNDS_SEC[i] ?? null, flows: count }));
    return { flows, buckets, unknownBucket, ages: classes, unknownAge };
  }

  /** @throws LbError LB_CLI_FLOW */
  lookup(text: string): FlowLookup {
    const flow = parseFlow(text);
    const entry = this.find(flow);
    return { flow: formatFlow(flow), entry: entry === undefined ? null : viewOf(entry) };
  }

  /** By the same stages, with the flow's entry if it has one. @throws LbError LB_CLI_FLOW */
  explain(text: string): Explanation {
    const { config, effective } = this.dataplane;
    const flow = parseFlow(text);
    const established = this.find(flow)?.as;
    return { ...explainFlow(config, flow, { effective, ...(established !== undefined && { established }) }) };
  }

  /** A given packet, by the same stages, with the entry of its flow if it has one. */
  explainPacket(frame: Uint8Array): Explanation {
    const { config, effective } = this.dataplane;
    return { ...explainPacket(config, frame, { effective, established: (flow) => this.find(flow)?.as }) };
  }

  private find(flow: Flow): FlowEntry | undefined {
    const { supervisor, currentImage } = this.dataplane;
    return supervisor.flows.find(currentImage, flow, this.names());
  }

  private names(): SlotNames {
    const ids = new Map(this.dataplane.vips.map(({ slot, config }) => [slot, vipId(config)]));
    return { vip: (slot) => ids.get(slot) };
  }
}

function viewOf({ vipSlot: _, asSlot: __, ...view }: FlowEntry): FlowPage['flows'][number] {
  return view;
}
