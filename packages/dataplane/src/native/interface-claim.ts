import { Server } from 'node:net';
import { AF_UNIX, SOCK_STREAM, SystemSocket } from './system-sockets.js';

/** Whoever may serve an interface may end a daemon, too; all others could only pretend to be one. */
const ROOT = 0;
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
/** struct ucred: process, user and group, 32 bits each. */
const UCRED_BYTES = 12;
/** Who has the name may not listen yet, or not any more. */
const ATTEMPTS = 20;
const PAUSE_MS = 10;

/** Held until it is released or the process ends, however it ends. */
export interface InterfaceClaim {
  /** Repeating it does nothing. */
  release(): void;
}

/** Who has claimed an interface before. */
export interface Claimant {
  /** Its number as this process would see it; undefined in a namespace of processes that is not visible from here. */
  readonly pid: number | undefined;
  /** Undefined if it could not be asked. */
  readonly uid: number | undefined;
  /** Whether it is of a user who could serve the interface: root or the user of this process. */
  readonly isTrusted: boolean;
}

/**
 * Claims an interface of this network namespace for this process, by an abstract Unix socket that is named after the
 * kernel's number of it. Such names belong to the network namespace, as the interface does, so processes in different
 * namespaces of processes or files meet here, too; and the kernel drops them with the process. Linux only.
 * @param index the kernel's number of the interface
 * @returns the one who has it, if it is claimed already, be it by this process
 * @throws an error with the code of errno; LbError LB_NATIVE_LIBRARY
 */
export function claimInterface(index: number): InterfaceClaim | Claimant {
  const name = abstractAddress(`lb-interface-${index}`);
  for (let attempts = ATTEMPTS; attempts > 0; attempts--) {
    const claimed = claim(name) ?? whoHas(name);
    if (claimed !== undefined) return claimed;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
  }
  return { pid: undefined, uid: undefined, isTrusted: false };
}

/** Whether {@link claimInterface} was refused. */
export function isClaimant(claim: InterfaceClaim | Claimant): claim is Claimant {
  return 'isTrusted' in claim;
}

/** Undefined if another has it. */
function claim(name: Uint8Array): InterfaceClaim | undefined {
  const socket = new SystemSocket(AF_UNIX, SOCK_STREAM, 0);
  try {
    socket.bind(name);
    socket.listen(128);
  } catch (error) {
    socket.close();
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined;
    throw error;
  }
  // Whoever connects has seen whose it is, and has to make room for the next.
  const server = new Server((visitor) => visitor.destroy()).listen({ fd: socket.fd }).unref();
  return { release: () => void server.close() };
}

/** Undefined if nobody has it any more, or it cannot be asked now. */
function whoHas(name: Uint8Array): Claimant | undefined {
  const socket = new SystemSocket(AF_UNIX, SOCK_STREAM, 0);
  try {
    socket.connect(name);
    const [pid, uid] = new Uint32Array(socket.option(SOL_SOCKET, SO_PEERCRED, UCRED_BYTES).buffer);
    return { pid: pid || undefined, uid, isTrusted: uid === ROOT || uid === process.geteuid?.() };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ECONNREFUSED' || code === 'EAGAIN') return undefined;
    throw error;
  } finally {
    socket.close();
  }
}

/** struct sockaddr_un whose path begins with a zero byte and has no end but its length, unix(7). */
function abstractAddress(name: string): Uint8Array {
  const text = new TextEncoder().encode(name);
  const address = new Uint8Array(3 + text.length);
  new Uint16Array(address.buffer, 0, 1)[0] = AF_UNIX;
  address.set(text, 3);
  return address;
}
