import type { Handlers } from './call.js';
import { readAddress, readPrefix, readVipId } from './find-vip.js';

type LiveRoutes =
  | 'getStatus'
  | 'getCounters'
  | 'getHealth'
  | 'getWorkers'
  | 'listFlows'
  | 'lookupFlow'
  | 'explain'
  | 'explainPacket'
  | 'listEvents'
  | 'killWorker';

const USUAL_FLOWS = 100;
const USUAL_EVENTS = 500;

export const liveHandlers: Handlers<LiveRoutes> = {
  getStatus: (_, { balancer }) => balancer.status(),
  getCounters: (_, { balancer }) => balancer.counters(),
  getHealth: (_, { balancer }) => ({ checks: [...balancer.health()] }),
  getWorkers: (_, { balancer }) => ({ workers: [...balancer.workers()] }),
  listFlows({ query: { vip, as, client, state, limit = USUAL_FLOWS, cursor } }, { balancer }) {
    return balancer.flows({
      limit,
      ...(vip !== undefined && { vip: readVipId(vip) }),
      ...(as !== undefined && { as: readAddress(as) }),
      ...(client !== undefined && { client: readPrefix(client, 'query.client') }),
      ...(state !== undefined && { state }),
      ...(cursor !== undefined && { cursor }),
    });
  },
  lookupFlow: ({ query }, { balancer }) => balancer.flow(query.flow),
  explain: ({ query }, { balancer }) => balancer.explain(query.flow),
  explainPacket: ({ body }, { balancer }) => balancer.explainPacket(Uint8Array.from(Buffer.from(body.packet, 'hex'))),
  listEvents({ query: { after, limit = USUAL_EVENTS } }, { balancer: { events } }) {
    const { events: found, missed } = after === undefined ? events.latest(limit) : events.since(after, limit);
    return { events: [...found], missed };
  },
  killWorker({ params }, { balancer }) {
    balancer.killWorker(params.worker);
    return {};
  },
};
