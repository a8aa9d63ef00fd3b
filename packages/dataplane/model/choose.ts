import type { AsSpec } from '@lb/dataplane';
import { type Life, lifeAfter, type State, sharedLife, type Tells } from './lifetimes.js';
import { TCP } from './packet.js';
import { type Flow, type Service, telling } from './services.js';
import type { Entry, Worker } from './worker.js';

/** What choosing an AS asks of a packet. */
export interface Asks {
  readonly flow: Flow;
  /** What it tells of its flow. */
  readonly told: Tells;
  /** An ICMP error, which makes no entry. */
  readonly isError: boolean;
}

export interface Chosen {
  readonly as: AsSpec;
  readonly existing: boolean;
  /** Whether the flow has an entry now. */
  readonly tracked: boolean;
}

/** The AS of a packet: that of its flow here or at another worker, else that of new flows; undefined if none takes any. */
export function chooseAs(worker: Worker, service: Service, packet: Asks, now: number): Chosen | undefined {
  const key = flowKey(service, packet.flow);
  const entry = worker.flow(key, now);
  const usable = entry && usableAs(worker, service, packet, entry);
  if (entry && usable && !opens(service, packet)) {
    const { state, ticks } = lifeOf(worker, service, packet, entry.state);
    entry.state = state;
    entry.expiry = now + ticks;
    return { as: usable, existing: true, tracked: worker.lines.keep(entry.identity, now, entry.expiry) };
  }
  if (asksPeers(worker, service, packet, entry, now)) {
    const copied = fromPeer(worker, service, packet, key, now);
    if (copied !== undefined) return copied;
  }
  const { services } = worker.configuration;
  const as = services.newFlow(service, packet.flow);
  if (as === undefined) return undefined;
  const server = worker.configuration.idOf(as);
  if (opens(service, packet) && (entry !== undefined || worker.looksElsewhere()))
    endElsewhere(worker, key, server, now);
  const existing = entry?.server === server;
  if (packet.isError) return { as, existing, tracked: false };
  return { as, existing, tracked: enter(worker, service, packet, key, server, 'established', now) };
}

/** The AS of an entry, if a packet of this service may go on there. */
function usableAs(worker: Worker, service: Service, packet: Asks, { server }: Entry): AsSpec | undefined {
  const found = worker.configuration.servers.get(server);
  if (found?.service !== service.name) return undefined;
  return found.as.draining && leaves(found.as, packet) ? undefined : found.as;
}

/** Whether a packet opens a connection that has an entry to itself. */
function opens({ vip }: Service, { told }: Asks): boolean {
  return !vip.srcIpSticky && told === 'syn';
}

/** Whether a packet of a draining AS's flow goes elsewhere. */
function leaves(as: AsSpec, { flow, told, isError }: Asks): boolean {
  if (isError) return false;
  return flow.protocol === TCP ? told === 'syn' : as.udpEnds === true;
}

/** Whether other workers may have the flow of a packet that has no entry to be used here. */
function asksPeers(
  { peers, settlingUntil }: Worker,
  { vip }: Service,
  packet: Asks,
  entry: Entry | undefined,
  now: number,
): boolean {
  if (peers.length === 0) return false;
  if (packet.isError) return true;
  if (entry !== undefined) return false;
  // One client's flows are any worker's.
  if (vip.srcIpSticky) return true;
  return packet.flow.protocol === TCP ? packet.told !== 'syn' : settlingUntil - now > 0;
}

/** The AS that another worker knows, which this one knows from then on. */
function fromPeer(worker: Worker, service: Service, packet: Asks, key: string, now: number): Chosen | undefined {
  for (const peer of worker.peers) {
    const entry = peer.flow(key, now);
    const as = entry && usableAs(worker, service, packet, entry);
    if (entry === undefined || as === undefined) continue;
    if (packet.isError) return { as, existing: true, tracked: false };
    return { as, existing: true, tracked: enter(worker, service, packet, key, entry.server, entry.state, now) };
  }
  return undefined;
}

/** Who still has an earlier connection with these addresses and ports, to another AS, has not any more. */
function endElsewhere({ peers }: Worker, key: string, server: string, now: number): void {
  for (const peer of peers) {
    const entry = peer.flow(key, now);
    if (entry === undefined || entry.server === server) continue;
    entry.expiry = now;
    peer.lines.end(entry.identity, now);
  }
}

function enter(
  worker: Worker,
  service: Service,
  packet: Asks,
  key: string,
  server: string,
  before: State,
  now: number,
): boolean {
  const identity = worker.configuration.services.identity(service.vip, packet.flow);
  const { state, ticks } = lifeOf(worker, service, packet, before);
  const expiry = now + ticks;
  const tracked = worker.lines.keep(identity, now, expiry);
  if (tracked) worker.flows.set(key, { server, identity, expiry, state });
  return tracked;
}

function lifeOf({ configuration }: Worker, { vip }: Service, { flow, told }: Asks, before: State): Life {
  const { spec } = configuration.services;
  return vip.srcIpSticky ? sharedLife(spec, telling(vip, flow).protocol) : lifeAfter(spec, before, told);
}

function flowKey({ vip }: Service, flow: Flow): string {
  const { family, src, dst, protocol, sport, dport } = telling(vip, flow);
  return `${family} ${src} ${dst} ${protocol} ${sport} ${dport}`;
}
