import { createRequire } from 'node:module';
import { getSystemErrorName } from 'node:util';
import { nativeError } from './errors.js';

/** The calls of the system's C library for kinds of socket that Node.js has not. Linux only. */
interface SocketCalls {
  socket(family: number, type: number, protocol: number): number;
  setsockopt(fd: number, level: number, option: number, value: Uint8Array, length: number): number;
  sendto(fd: number, data: Uint8Array, length: number, flags: number, to: Uint8Array, toLength: number): number;
  recvfrom(
    fd: number,
    data: Uint8Array,
    length: number,
    flags: number,
    from: Uint8Array,
    fromLength: Uint32Array,
  ): number;
  bind(fd: number, address: Uint8Array, length: number): number;
  listen(fd: number, backlog: number): number;
  connect(fd: number, address: Uint8Array, length: number): number;
  getsockopt(fd: number, level: number, option: number, value: Uint8Array, length: Uint32Array): number;
  close(fd: number): number;
}

const SIGNATURES: Record<keyof SocketCalls, string> = {
  socket: 'int socket(int family, int type, int protocol)',
  setsockopt: 'int setsockopt(int fd, int level, int option, const uint8_t *value, uint32_t length)',
  sendto: 'int64_t sendto(int fd, const uint8_t *data, size_t length, int flags, const uint8_t *to, uint32_t toLength)',
  recvfrom: 'int64_t recvfrom(int fd, uint8_t *data, size_t length, int flags, uint8_t *from, uint32_t *fromLength)',
  bind: 'int bind(int fd, const uint8_t *address, uint32_t length)',
  listen: 'int listen(int fd, int backlog)',
  connect: 'int connect(int fd, const uint8_t *address, uint32_t length)',
  getsockopt: 'int getsockopt(int fd, int level, int option, uint8_t *value, uint32_t *length)',
  close: 'int close(int fd)',
};

const SOCK_NONBLOCK_CLOEXEC = 0o2004000;
const MSG_NOSIGNAL = 0x4000;
const ADDRESS_BYTES = 28;

export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;

interface System {
  readonly calls: SocketCalls;
  /** Number of the last error of this thread. */
  errno(): number;
}

let system: System | undefined;

/** @throws LbError LB_NATIVE_LIBRARY */
function systemCalls(): System {
  if (system !== undefined) return system;
  try {
    const koffi: typeof import('koffi') = createRequire(import.meta.url)('koffi');
    const library = koffi.load(null);
    const calls: Partial<Record<keyof SocketCalls, unknown>> = {};
    for (const [name, signature] of Object.entries(SIGNATURES)) {
      calls[name as keyof SocketCalls] = library.func(signature);
    }
    system = { calls: calls as SocketCalls, errno: () => koffi.errno() };
    return system;
  } catch (error) {
    throw nativeError('LB_NATIVE_LIBRARY', `system calls: ${error instanceof Error ? error.message : error}`);
  }
}

/** One socket of the system, which never blocks. Errors are Node.js's: with `code` and `syscall`. */
export class SystemSocket {
  /** Address of the sender of what was last received, as struct sockaddr_in or sockaddr_in6. */
  readonly from = new Uint8Array(ADDRESS_BYTES);
  readonly #fromLength = new Uint32Array(1);
  readonly #system: System;
  /** Its file descriptor. */
  readonly fd: number;

  /** @throws an error with the code of errno; LbError LB_NATIVE_LIBRARY */
  constructor(family: number, type: number, protocol: number) {
    this.#system = systemCalls();
    this.fd = this.#system.calls.socket(family, type | SOCK_NONBLOCK_CLOEXEC, protocol);
    if (this.fd < 0) throw this.#error('socket');
  }

  setOption(level: number, option: number, value: Uint8Array): void {
    if (this.#system.calls.setsockopt(this.fd, level, option, value, value.length) < 0) throw this.#error('setsockopt');
  }

  /** The value of an option that has so many bytes. */
  option(level: number, option: number, bytes: number): Uint8Array {
    const value = new Uint8Array(bytes);
    if (this.#system.calls.getsockopt(this.fd, level, option, value, Uint32Array.of(bytes)) < 0)
      throw this.#error('getsockopt');
    return value;
  }

  bind(address: Uint8Array): void {
    if (this.#system.calls.bind(this.fd, address, address.length) < 0) throw this.#error('bind');
  }

  listen(backlog: number): void {
    if (this.#system.calls.listen(this.fd, backlog) < 0) throw this.#error('listen');
  }

  connect(address: Uint8Array): void {
    if (this.#system.calls.connect(this.fd, address, address.length) < 0) throw this.#error('connect');
  }

  send(data: Uint8Array, to: Uint8Array): void {
    const { calls } = this.#system;
    if (calls.sendto(this.fd, data, data.length, MSG_NOSIGNAL, to, to.length) < 0) throw this.#error('sendto');
  }

  /** Bytes received into `data`, or -1 if there is nothing. A pending error of the socket is taken for nothing too. */
  receive(data: Uint8Array): number {
    this.#fromLength[0] = ADDRESS_BYTES;
    return this.#system.calls.recvfrom(this.fd, data, data.length, 0, this.from, this.#fromLength);
  }

  close(): void {
    this.#system.calls.close(this.fd);
  }

  #error(syscall: string): NodeJS.ErrnoException {
    const errno = this.#system.errno();
    const code = getSystemErrorName(-errno);
    return Object.assign(new Error(`${syscall}: ${code}`), { code, errno: -errno, syscall });
  }
}

/** struct sockaddr_in or sockaddr_in6 of an address, port 0. */
export function socketAddress(bytes: Uint8Array): Uint8Array {
  const isIp4 = bytes.length === 4;
  const address = new Uint8Array(isIp4 ? 16 : 28);
  address[0] = isIp4 ? AF_INET : AF_INET6;
  address.set(bytes, isIp4 ? 4 : 8);
  return address;
}
