import { ENTRIES_PER_LINE, FlowTable, type FlowTableOptions, flowHash4, flowHash6 } from '@lb/core';
import { findShared, isSettled, SESSION_TENTATIVE, settle } from './nat-shared.js';

/**
 * NAT sessions: for every translated flow, how its return packets are restored.
 *
 * Key: the return packet as the AS sends it (AS address, target port, client address, client port as the AS sees it,
 * protocol), hashed to 64 bits. So one AS may serve several VIPs on one target port: the client tells them apart.
 * If one client address and port talks to two VIPs that share an AS and target port, the two return keys would be the
 * same; the later flow then gets another client port on the AS side ({@link candidatePort}). Keys are unique over the
 * tables of all workers: how, without a lock, is in docs/workers.md.
 *
 * Value: VIP slot + 1, {@link SESSION_NODE_PORT} set for node port flows, {@link SESSION_TENTATIVE} until it is known
 * that no other worker has the key, and the FlowState. Side words:
 *   0..3 the address the client used (raw words; IPv4 in the first), 4 its port in the high half, the client's own
 *   port in the low half (raw)
 *
 * A flow with another client port has an alias as well, so that its packets find it: key is the packet as the client
 * sends it, value 1, and the first side word the port that the AS sees. It lives as long as its session.
 */
export const SESSION_SIDE_WORDS = 8;
export const SESSION_NODE_PORT = 0x1000000;
export const SESSION_VIP_MASK = 0xffffff;

/** Keeps session keys apart from flow identities. */
export const SESSION_TAG = 0x8000;
/** Keeps alias keys apart from both. */
const ALIAS_TAG = 0x4000;
const ALIAS = 1;
/** Client ports tried for one flow: its own, then these many others. A power of two. */
export const CANDIDATE_PORTS = 256;
/** Where workers begin with the others, apart from each other; odd, so that no two of 256 begin at one place. */
const WORKER_STRIDE = 61;

type TableSecret = readonly [number, number, number, number];
type TableMemory = Required<Pick<FlowTableOptions, 'memory' | 'side'>>;

export class NatSessions {
  readonly table: FlowTable;
  /** Sessions ever made here with a translated client port; while 0, nobody needs to look for one in this table. */
  translated = 0;
  /** Number of this worker: another for each that shares {@link peers}. */
  index = 0;
  private readonly scratch = new Int32Array(8);
  /** Room for the key of one packet: low and high half. */
  readonly key = new Int32Array(2);

  /**
   * Tables of other workers: for answers that come to another worker than the one which sent the question on, and so
   * that no two flows get one key.
   */
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
    if (at >= 0 && (table.valueAt(at) & SESSION_TENTATIVE) !== 0) at = -1;
    for (let p = 0; at < 0 && p < peers.length; p++) {
      this.foundIn = peers[p];
      at = peers[p].find(lo, hi, now);
      if (at >= 0 && !isSettled(peers[p], at)) at = -1;
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
    this.pair(asWords, asWord, clientWords, clientWord);
    flowHash6(seed0, seed1, this.scratch, 0, 4, portsRaw, protocol | SESSION_TAG, out, lo, hi);
  }

  /** Key of an IPv4 flow's alias into {@link key}. `portsRaw`: client's own port low, VIP's high. */
  aliasKey4(seed0: number, seed1: number, clientRaw: number, vipRaw: number, portsRaw: number, protocol: number): void {
    flowHash4(seed0, seed1, clientRaw, vipRaw, portsRaw, protocol | ALIAS_TAG, this.key, 0, 1);
  }

  /** The same for IPv6; addresses as in {@link key6}. */
  aliasKey6(
    seed0: number,
    seed1: number,
    clientWords: Int32Array,
    clientWord: number,
    vipWords: Int32Array,
    vipWord: number,
    portsRaw: number,
    protocol: number,
  ): void {
    this.pair(clientWords, clientWord, vipWords, vipWord);
    flowHash6(seed0, seed1, this.scratch, 0, 4, portsRaw, protocol | ALIAS_TAG, this.key, 0, 1);
  }

  private pair(words: Int32Array, word: number, otherWords: Int32Array, otherWord: number): void {
    for (let k = 0; k < 4; k++) {
      this.scratch[k] = words[word + k];
      this.scratch[4 + k] = otherWords[otherWord + k];
    }
  }

  /** Note the port (raw) that the AS sees of the flow with this alias. False when there is no room. */
  enterAlias(lo: number, hi: number, now: number, expiry: number, portRaw: number): boolean {
    const { table } = this;
    let at = table.find(lo, hi, now);
    if (at < 0) at = table.insert(lo, hi, now, expiry, ALIAS | SESSION_TENTATIVE);
    if (at < 0) return false;
    table.refresh(at, expiry);
    table.side[table.sideAt(at)] = portRaw;
    settle(table, at, ALIAS);
    this.translated++;
    return true;
  }

  /** Keep the alias whose key is in {@link key} as long as the session found last, which is being used. */
  refreshAlias(now: number, expiry: number): void {
    const at = findShared(this.foundIn, this.key[0], this.key[1], now);
    if (at >= 0) this.foundIn.refresh(at, expiry);
  }

  /** The `n`-th port (raw) for a flow of this worker whose own is taken, below {@link CANDIDATE_PORTS}. */
  candidate(portRaw: number, n: number): number {
    return candidatePort(portRaw, 1 + ((n + this.index * WORKER_STRIDE) & (CANDIDATE_PORTS - 1)));
  }
}

/** The `k`-th other client port (raw) for a flow whose own is taken: 1024–65535, spread by an odd stride. */
function candidatePort(portRaw: number, k: number): number {
  const port = ((portRaw & 0xff) << 8) | (portRaw >>> 8);
  const other = 1024 + ((port + k * 24691) % 64512);
  return ((other & 0xff) << 8) | (other >>> 8);
}
