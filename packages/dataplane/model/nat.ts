import type { State } from './lifetimes.js';

/** An answer as the server sends it: what its session is found by. Addresses are hex text. */
export interface SessionKey {
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
  /** The VIP that has the flow just now: another one may take over its address and port. */
  service: string;
  /** What the client sent to, and from which port. */
  readonly vip: string;
  readonly vipPort: number;
  readonly clientPort: number;
  expiry: number;
  state: State;
}

const nameOf = ({ as, asPort, client, port, protocol }: SessionKey): string =>
  `${as} ${asPort} ${client} ${port} ${protocol}`;

/** The port of a flow of which only later fragments have left, which show none. */
const UNSEEN = -1;

/** NAT sessions. Two flows that a server could not tell apart get different client ports there. */
export class NatTable {
  readonly sessions = new Map<string, Session>();
  private readonly byFlow = new Map<string, Session>();

  find(key: SessionKey, now: number): Session | undefined {
    const session = this.sessions.get(nameOf(key));
    return session !== undefined && session.expiry - now > 0 ? session : undefined;
  }

  /**
   * The session of a packet to a server, made if there is none.
   * @param wanted the session as it is if nobody else has its key
   * @param isError an error makes no session
   * @param keep what a packet does to the life of a session that is there
   * @param chosen the port that was chosen for it: which one is free to the balancer
   * @returns undefined if it is an error without a session
   */
  enter(
    wanted: Session,
    now: number,
    isError: boolean,
    keep: (mine: Session) => void,
    chosen: () => number | undefined,
  ): Session | undefined {
    const mine = this.own(wanted, now);
    if (mine !== undefined && mine.key.port !== UNSEEN) {
      keep(mine);
      mine.service = wanted.service;
      return mine;
    }
    if (isError && mine === undefined) return undefined;
    const collides = mine !== undefined || this.find(wanted.key, now) !== undefined;
    const port = collides ? this.free(wanted.key, chosen(), now) : wanted.key.port;
    const session = { ...wanted, key: { ...wanted.key, port } };
    if (port !== UNSEEN) this.sessions.set(nameOf(session.key), session);
    this.byFlow.set(flowOf(session), session);
    return session;
  }

  /** The chosen port; 0, which no frame will show, if it is not free. */
  private free(key: SessionKey, port: number | undefined, now: number): number {
    if (port === undefined) return UNSEEN;
    return this.find({ ...key, port }, now) === undefined ? port : 0;
  }

  /** The live session of this very flow with this server, whatever port it was given. */
  private own(wanted: Session, now: number): Session | undefined {
    const session = this.byFlow.get(flowOf(wanted));
    return session !== undefined && session.expiry - now > 0 ? session : undefined;
  }
}

/** A flow as its client sends it, and the server it goes to. */
function flowOf({ key, vip, vipPort, clientPort }: Session): string {
  return `${key.client} ${clientPort} ${vip} ${vipPort} ${key.protocol} ${key.as} ${key.asPort}`;
}
