import type { FlowLines, Identity } from './flow-lines.js';
import { type Life, type State, TICKS_PER_SECOND } from './lifetimes.js';
import type { Flow } from './services.js';

/** An answer as the server sends it: what its session is found by. Addresses are hex text. */
export interface SessionKey {
  readonly family: 4 | 6;
  readonly as: string;
  readonly asPort: number;
  readonly client: string;
  /** The client's port as the server sees it. */
  readonly port: number;
  readonly protocol: number;
}

/** A translated flow: what its answers are given back. */
export interface Session {
  readonly key: SessionKey;
  readonly identity: Identity;
  /** The VIP that has the flow just now: another one may take over its address and port. */
  service: string;
  /** What the client sent to, and from which port. */
  readonly vip: string;
  readonly vipPort: number;
  readonly clientPort: number;
  expiry: number;
  state: State;
}

/** Under which port the server sees a flow that could not keep its own. */
export interface Alias {
  readonly identity: Identity;
  readonly port: number;
  expiry: number;
}

/** A packet on its way to a server. */
export interface Wanted {
  /** With the client's own port. */
  readonly key: SessionKey;
  readonly service: string;
  readonly vip: string;
  readonly vipPort: number;
  /** An error makes no session. */
  readonly isError: boolean;
  /** What the packet makes of a session's life. */
  readonly life: (before: State) => Life;
}

/** The client's port as the server is to see it, or why the packet cannot be sent. */
export type Resolved = { readonly port: number } | { readonly reason: string };

/** A worker respects what another had until so long ago: that one may be about to refresh it. */
const GRACE_TICKS = 4 * TICKS_PER_SECOND;
/** Other ports that are tried, and where each worker begins with them. */
const OTHER_PORTS = 256;
const WORKERS_APART = 61;
const FIRST_PORT = 1024;
const PORTS = 65536 - FIRST_PORT;
const PORTS_APART = 24691;
/** Kinds of keys, by which the table tells sessions and aliases apart. */
const SESSION = 0x8000;
const ALIAS = 0x4000;

/** 64 bits by which a table knows a packet of these addresses and ports. */
export type Identify = (flow: Flow, kind: number) => Identity;

/** The NAT sessions of one worker. */
export class NatTable {
  readonly sessions = new Map<string, Session>();
  readonly aliases = new Map<string, Alias>();

  constructor(
    /** Who has room in it. */
    readonly lines: FlowLines,
    /** Number of the worker. */
    private readonly index: number,
    private readonly identify: Identify,
  ) {}

  /** The live session of an answer. */
  find(key: SessionKey, now: number): Session | undefined {
    const session = this.sessions.get(nameOf(key));
    return session !== undefined && session.expiry - now > 0 ? session : undefined;
  }

  /** Keep a session of this table, whoever asks; what its flow is found by stays as long. */
  keep(session: Session, { state, ticks }: Life, now: number): void {
    session.state = state;
    session.expiry = now + ticks;
    this.lines.keep(session.identity, now, session.expiry);
    if (session.key.port === session.clientPort) return;
    const alias = this.aliasOf(session, now);
    if (alias === undefined) return;
    alias.expiry = session.expiry;
    this.lines.keep(alias.identity, now, alias.expiry);
  }

  private aliasOf(flow: FlowOf, now: number): Alias | undefined {
    const alias = this.aliases.get(flowName(flow));
    return alias !== undefined && alias.expiry - now > 0 ? alias : undefined;
  }

  /** The session of a packet to a server, made if there is none. @param peers tables of the other workers */
  resolve(wanted: Wanted, peers: readonly NatTable[], now: number): Resolved {
    const flow: FlowOf = { ...wanted, clientPort: wanted.key.port };
    const there = this.find(wanted.key, now);
    if (there !== undefined && isOf(there, flow)) {
      there.service = wanted.service;
      this.keep(there, wanted.life(there.state), now);
      return { port: there.key.port };
    }
    const known = this.underOtherPort(wanted, flow, peers, now);
    if (known !== undefined) return { port: known };
    const holder = there !== undefined ? 'another' : holderOf(wanted.key, flow, peers, now);
    if (wanted.isError) return holder === 'the flow' ? { port: wanted.key.port } : { reason: 'nat-no-flow' };
    if (holder !== 'another') {
      const entered = this.enter(wanted, flow, wanted.key.port, wanted.life('established'), now);
      return entered || holder === 'the flow' ? { port: wanted.key.port } : { reason: 'nat-table-full' };
    }
    return this.translate(wanted, flow, peers, now);
  }

  /** The port of a flow that could not keep its own, here or at another worker, whose session is copied. */
  private underOtherPort(wanted: Wanted, flow: FlowOf, peers: readonly NatTable[], now: number): number | undefined {
    for (const table of [this as NatTable, ...peers]) {
      const alias = table.aliasOf(flow, now);
      const session = alias && table.find({ ...wanted.key, port: alias.port }, now);
      if (session === undefined || !isOf(session, flow)) continue;
      const life = wanted.life(session.state);
      if (table === this) {
        session.service = wanted.service;
        this.keep(session, life, now);
      } else if (!wanted.isError && this.enter(wanted, flow, alias!.port, life, now)) {
        this.enterAlias(flow, alias!.port, now + life.ticks, now);
      }
      return alias!.port;
    }
    return undefined;
  }

  /** Enters a flow under a port that nobody has. */
  private translate(wanted: Wanted, flow: FlowOf, peers: readonly NatTable[], now: number): Resolved {
    const life = wanted.life('established');
    for (let n = 0; n < OTHER_PORTS; n++) {
      const nth = 1 + ((n + this.index * WORKERS_APART) % OTHER_PORTS);
      const port = FIRST_PORT + ((wanted.key.port + nth * PORTS_APART) % PORTS);
      const key = { ...wanted.key, port };
      if (this.find(key, now) !== undefined || holderOf(key, flow, peers, now) !== 'nobody') continue;
      if (!this.enter(wanted, flow, port, life, now)) return { reason: 'nat-table-full' };
      if (this.enterAlias(flow, port, now + life.ticks, now)) return { port };
      const useless = this.find(key, now)!;
      useless.expiry = now;
      this.lines.end(useless.identity);
      return { reason: 'nat-table-full' };
    }
    return { reason: 'nat-port-exhausted' };
  }

  private enter(wanted: Wanted, flow: FlowOf, port: number, { state, ticks }: Life, now: number): boolean {
    const { vip, vipPort, clientPort } = flow;
    const key = { ...wanted.key, port };
    const identity = this.identify(
      { family: key.family, src: key.as, dst: key.client, protocol: key.protocol, sport: key.asPort, dport: port },
      SESSION,
    );
    const expiry = now + ticks;
    if (!this.lines.keep(identity, now, expiry)) return false;
    const { service } = wanted;
    this.sessions.set(nameOf(key), { key, identity, service, vip, vipPort, clientPort, expiry, state });
    return true;
  }

  private enterAlias(flow: FlowOf, port: number, expiry: number, now: number): boolean {
    const { family, client, protocol } = flow.key;
    const sent = { family, src: client, dst: flow.vip, protocol, sport: flow.clientPort, dport: flow.vipPort };
    const identity = this.identify(sent, ALIAS);
    if (!this.lines.keep(identity, now, expiry)) return false;
    this.aliases.set(flowName(flow), { identity, port, expiry });
    return true;
  }
}

type FlowOf = Pick<Session, 'vip' | 'vipPort' | 'clientPort'> & { readonly key: SessionKey };

/** Who has a key at other workers: nobody, this very flow, or another. */
function holderOf(key: SessionKey, flow: FlowOf, peers: readonly NatTable[], now: number): string {
  let holder = 'nobody';
  for (const { sessions, lines } of peers) {
    const session = sessions.get(nameOf(key));
    if (session === undefined || !lines.holds(session.identity, now - GRACE_TICKS)) continue;
    if (!isOf(session, flow)) return 'another';
    holder = 'the flow';
  }
  return holder;
}

/** Whether a session is that of a flow as its client sends it. */
function isOf({ vip, vipPort, clientPort }: Session, flow: FlowOf): boolean {
  return vip === flow.vip && vipPort === flow.vipPort && clientPort === flow.clientPort;
}

function nameOf({ as, asPort, client, port, protocol }: SessionKey): string {
  return `${as} ${asPort} ${client} ${port} ${protocol}`;
}

/** A flow as its client sends it. */
function flowName({ key, vip, vipPort, clientPort }: FlowOf): string {
  return `${key.client} ${clientPort} ${vip} ${vipPort} ${key.protocol}`;
}
