import { ENTRIES_PER_LINE, FlowTable, type FlowTableOptions, flowHash4, flowHash6 } from '@lb/core';

/**
 * NAT sessions: for every translated flow, how its return packets are restored.
 *
 * Key: the return packet as the AS sends it (AS address, target port, client address, client port as the AS sees it,
 * protocol), hashed to 64 bits. So one AS may serve several VIPs on one target port: the client tells them apart.
 * If one client address and port talks to two VIPs that share an AS and target port, the two return keys would be the
 * same; the later flow then gets another client port on the AS side ({@link candidatePort}).
 *
 * Value: VIP slot + 1, {@link SESSION_NODE_PORT} set for node port flows. Side words:
 *   0..3 the address the client used (raw words; IPv4 in the first), 4 its port in the high half, the client's own
 *   port in the low half (raw)
 */
export const SESSION_SIDE_WORDS = 8;
export const SESSION_NODE_PORT = 0x1000000;
export const SESSION_VIP_MASK = 0xffffff;

/** Keeps session keys apart from flow identities. */
export const SESSION_TAG = 0x8000;
/** Client ports tried for one flow: its own, then these many others. */
export const CANDIDATE_PORTS = 256;

type TableSecret = readonly [number, number, number, number];
type TableMemory = Required<Pick<FlowTableOptions, 'memory' | 'side'>>;

export class NatSessions {
  readonly table: FlowTable;
  /** Sessions ever made with a translated client port; while 0, nobody needs to look for one. */
  translated = 0;
  private readonly scratch = new Int32Array(8);
  /** Room for the key of one packet: low and high half. */
  readonly key = new Int32Array(2);

  /** Tables of other workers, for answers that come to another worker than the one which sent the question on. */
  peers: readonly FlowTable[] = [];
  /** The table in which {@link findReturn} has found its session. */
  foundIn: FlowTable;
  private readonly wanted = new Int32Array(2);

  /** @param memory where the sessions are kept (see FlowTableOptions), for those that outlive the worker */
  constructor(lines: number, secret?: TableSecret, memory?: TableMemory) {
    this.table = NatSessions.tableIn(lines, secret, memory);
    this.foundIn = this.table;
  }

  /** A table of sessions. */
  static tableIn(lines: number, secret?: TableSecret, memory?: TableMemory): FlowTable {
    return new FlowTable({ lines, sideWords: SESSION_SIDE_WORDS, ...(secret && { secret }), ...memory });
  }

  /**
   * Position of a live session in {@link foundIn}, this worker's table or a peer's; or -1. A peer's table is only read,
   * but for the expiry of what is found.
   */
  findReturn(lo: number, hi: number, now: number): number {
    const { table, peers, wanted } = this;
    wanted[0] = lo;
    wanted[1] = hi;
    this.foundIn = table;
    let at = table.find(lo, hi, now);
    for (let p = 0; at < 0 && p < peers.length; p++) {
      this.foundIn = peers[p];
      at = peers[p].find(lo, hi, now);
    }
    return at;
  }

  /** Whether the session at `at` is the one that {@link findReturn} has found last, after its words were read. */
  isStillFound(at: number): boolean {
    const { foundIn, wanted } = this;
    // Atomic, so that no processor reads these before what was read before.
    return (
      foundIn === this.table ||
      (Atomics.load(foundIn.words, at) === wanted[0] &&
        Atomics.load(foundIn.words, at + ENTRIES_PER_LINE) === wanted[1] &&
        foundIn.valueAt(at) !== 0)
    );
  }

  /** Key of an IPv4 session into `out[lo]`, `out[hi]`. `portsRaw`: target port low, client port high. */
  key4(
    seed0: number,
    seed1: number,
    asRaw: number,
    clientRaw: number,
    portsRaw: number,
    protocol: number,
    out: Int32Array,
    lo: number,
    hi: number,
  ): void {
    flowHash4(seed0, seed1, asRaw, clientRaw, portsRaw, protocol | SESSION_TAG, out, lo, hi);
  }

  /** Key of an IPv6 session; the addresses are four words each at `asWord` of `asWords`, `clientWord` of `clientWords`. */
  key6(
    seed0: number,
    seed1: number,
    asWords: Int32Array,
    asWord: number,
    clientWords: Int32Array,
    clientWord: number,
    portsRaw: number,
    protocol: number,
    out: Int32Array,
    lo: number,
    hi: number,
  ): void {
    const scratch = this.scratch;
    for (let k = 0; k < 4; k++) {
      scratch[k] = asWords[asWord + k];
      scratch[4 + k] = clientWords[clientWord + k];
    }
    flowHash6(seed0, seed1, scratch, 0, 4, portsRaw, protocol | SESSION_TAG, out, lo, hi);
  }
}

/** The `k`-th other client port (raw) for a flow whose own is taken: 1024–65535, spread by an odd stride. */
export function candidatePort(portRaw: number, k: number): number {
  const port = ((portRaw & 0xff) << 8) | (portRaw >>> 8);
  const other = 1024 + ((port + k * 24691) % 64512);
  return ((other & 0xff) << 8) | (other >>> 8);
}
