import { randomBytes, randomInt } from 'node:crypto';
import { parseAddress } from '@lb/core';
import { echoRequest, readEcho, SECRET_BYTES, WANTED_TYPES } from './echo-message.js';
import { AF_INET, AF_INET6, SOCK_DGRAM, SOCK_RAW, SystemSocket, socketAddress } from './system-sockets.js';

const DOMAIN = { 4: AF_INET, 6: AF_INET6 } as const;
const PROTOCOL = { 4: 1, 6: 58 } as const;
const SOL_RAW = 255;
const ICMP_FILTER = 1;
const ICMP6_FILTER = 1;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_RCVBUFFORCE = 33;
/** Room for some thousand replies at one moment, where the system's default is a few hundred. */
const RECEIVE_BYTES = 4 * 1024 * 1024;

/** How soon after a request, and from then on how often, it is looked for answers, ms. */
const FIRST_LOOK_MS = 1;
const LONGEST_PAUSE_MS = 5;
const MESSAGE_BYTES = 2048;
/** Messages taken in one go: a flood of ICMP must not stop everything else. */
const MOST_AT_ONCE = 1024;

interface Pending {
  /** Network order. */
  readonly address: Uint8Array;
  readonly answered: (failure?: string) => void;
}

interface EchoSocket {
  readonly socket: SystemSocket;
  readonly family: 4 | 6;
  /** Received messages begin with their IPv4 header. */
  readonly hasHeader: boolean;
}

/**
 * Sends ICMP echo requests and hears of their replies, for any number of hosts over one socket for each IP version: a raw
 * one, or where that is not permitted a "ping socket" (sysctl net.ipv4.ping_group_range), which is told of no errors.
 *
 * Node.js cannot wait for such a socket, so it is looked into every few milliseconds while a reply is awaited.
 */
export class EchoSockets {
  readonly #secret = randomBytes(SECRET_BYTES);
  readonly #sockets = new Map<4 | 6, EchoSocket>();
  readonly #pending = new Map<number, Pending>();
  readonly #message = new Uint8Array(MESSAGE_BYTES);
  #token = randomInt(2 ** 32);
  #timer: NodeJS.Timeout | undefined;
  #pauseMs = FIRST_LOOK_MS;
  readonly #mayBeRaw: boolean;

  /** `raw: false` for ping sockets also where raw ones are permitted. */
  constructor({ raw = true }: { readonly raw?: boolean } = {}) {
    this.#mayBeRaw = raw;
  }

  /**
   * Sends one request to an IPv4 or IPv6 address. `answered` is called at most once, later: without an argument for the
   * reply, or with why the request did not arrive, as a router or this host says. What is returned forgets the request.
   * @throws an error with the code of errno: EPERM or EACCES where neither kind of socket is permitted; LbError LB_NATIVE_LIBRARY
   */
  echo(address: string, answered: (failure?: string) => void): () => void {
    const { family, bytes } = parseAddress(address);
    const { socket } = this.#socketOf(family);
    this.#token = (this.#token + 1) >>> 0;
    const token = this.#token;
    socket.send(echoRequest(family, this.#secret, token), socketAddress(bytes));
    this.#pending.set(token, { address: bytes, answered });
    this.#lookSoon();
    return () => this.#forget(token);
  }

  /** Forgets all requests. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#pending.clear();
    for (const { socket } of this.#sockets.values()) socket.close();
    this.#sockets.clear();
  }

  #socketOf(family: 4 | 6): EchoSocket {
    const known = this.#sockets.get(family);
    if (known !== undefined) return known;
    const opened = (this.#mayBeRaw ? openRaw(family) : undefined) ?? openPing(family);
    this.#sockets.set(family, opened);
    return opened;
  }

  #forget(token: number): void {
    this.#pending.delete(token);
    if (this.#pending.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #lookSoon(): void {
    if (this.#timer !== undefined && this.#pauseMs === FIRST_LOOK_MS) return;
    clearTimeout(this.#timer);
    this.#pauseMs = FIRST_LOOK_MS;
    this.#arm();
  }

  #arm(): void {
    this.#timer = setTimeout(() => this.#look(), this.#pauseMs);
  }

  #look(): void {
    this.#timer = undefined;
    this.#pauseMs = Math.min(this.#pauseMs + 1, LONGEST_PAUSE_MS);
    for (const socket of [...this.#sockets.values()]) this.#drain(socket);
    if (this.#pending.size > 0 && this.#timer === undefined) this.#arm();
  }

  #drain({ socket, family, hasHeader }: EchoSocket): void {
    for (let i = 0; i < MOST_AT_ONCE && this.#pending.size > 0; i++) {
      const length = socket.receive(this.#message);
      if (length < 0) return;
      const headerBytes = hasHeader ? (this.#message[0] & 15) * 4 : 0;
      const news = readEcho(family, this.#message.subarray(headerBytes, length), this.#secret);
      const pending = news === undefined ? undefined : this.#pending.get(news.token);
      if (news === undefined || pending === undefined) continue;
      const { address, answered } = pending;
      // Replies come from the host that was asked, errors from anywhere; these name the host.
      const about = news.destination ?? socket.from.subarray(family === 4 ? 4 : 8);
      if (!address.every((byte, k) => byte === about[k])) continue;
      this.#forget(news.token);
      answered(news.failure);
    }
  }
}

/** Undefined where that is not permitted. */
function openRaw(family: 4 | 6): EchoSocket | undefined {
  try {
    const socket = new SystemSocket(DOMAIN[family], SOCK_RAW, PROTOCOL[family]);
    setFilter(socket, family);
    setReceiveBuffer(socket);
    return { socket, family, hasHeader: family === 4 };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPERM') return undefined;
    throw error;
  }
}

function openPing(family: 4 | 6): EchoSocket {
  const socket = new SystemSocket(DOMAIN[family], SOCK_DGRAM, PROTOCOL[family]);
  setReceiveBuffer(socket);
  return { socket, family, hasHeader: false };
}

/** Lets only the messages of interest through: one bit for each type, set for those to be dropped. */
function setFilter(socket: SystemSocket, family: 4 | 6): void {
  const bits = new Uint8Array(family === 4 ? 4 : 32).fill(0xff);
  for (const type of WANTED_TYPES[family]) bits[type >>> 3] &= ~(1 << (type & 7));
  if (family === 4) socket.setOption(SOL_RAW, ICMP_FILTER, bits);
  else socket.setOption(PROTOCOL[6], ICMP6_FILTER, bits);
}

function setReceiveBuffer(socket: SystemSocket): void {
  const bytes = new Uint8Array(Int32Array.of(RECEIVE_BYTES).buffer);
  try {
    socket.setOption(SOL_SOCKET, SO_RCVBUFFORCE, bytes);
  } catch {
    // Without CAP_NET_ADMIN as much as net.core.rmem_max allows.
    socket.setOption(SOL_SOCKET, SO_RCVBUF, bytes);
  }
}
