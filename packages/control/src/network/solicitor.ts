import { createSocket, type Socket } from 'node:dgram';
import { LbError } from '@lb/core';
import { IpProgram, type IpProgramOptions } from './ip-program.js';
import type { ProbeTarget } from './probe-targets.js';
import { readNeighbours } from './read-neighbours.js';

const DISCARD_PORT = 9;

/**
 * Makes the kernel find out Ethernet addresses. `ip neigh … use` does just that and sends nothing but ARP requests and
 * neighbour solicitations. iproute2 before 5.16 cannot, and it takes CAP_NET_ADMIN; then an empty datagram to the
 * discard port, which the kernel cannot send without resolving first, does the same.
 */
export class Solicitor {
  readonly #ip: IpProgram;
  /** Whether a datagram would leave from the namespace that is meant. */
  readonly #canSend: boolean;
  readonly #port: number;
  #useWorks = true;

  constructor(options: IpProgramOptions = {}, port = DISCARD_PORT) {
    this.#ip = new IpProgram(options);
    this.#canSend = options.netns === undefined;
    this.#port = port;
  }

  /**
   * Asks for all of them, in one process. Neighbours that the kernel has resolved, or an operator has set, are not disturbed.
   * @throws LbError LB_NET_IPROUTE2, LB_NET_IP_FAILED if there is no other way
   */
  async solicit(targets: readonly ProbeTarget[]): Promise<void> {
    if (targets.length === 0) return;
    if (this.#useWorks) {
      try {
        await this.#use(targets);
        return;
      } catch (error) {
        const cannot = error instanceof LbError && /is a garbage|not permitted/.test(error.message);
        if (!cannot || !this.#canSend) throw error;
        this.#useWorks = false;
      }
    }
    await sendEmptyDatagrams(targets, this.#port);
  }

  async #use(targets: readonly ProbeTarget[]): Promise<void> {
    // Since Linux 5.16 `use` makes an ordinary entry of one that an operator has made permanent, and what the targets were
    // chosen by may be a moment old.
    const { stdout } = await this.#ip.run(['-j', 'neigh', 'show', 'nud', 'permanent']);
    const permanent = new Set(readNeighbours(stdout).map(({ address, device }) => `${address} ${device}`));
    const asked = targets.filter(({ address, device }) => !permanent.has(`${address} ${device}`));
    // Without `nud none` a new entry would be exempt from the kernel's garbage collection.
    const lines = asked.map(({ address, device }) => `neigh replace ${address} dev ${device} nud none use\n`);
    await this.#ip.run(['-force', '-batch', '-'], { input: lines.join('') });
  }
}

async function sendEmptyDatagrams(targets: readonly ProbeTarget[], port: number): Promise<void> {
  const sockets = new Map<'udp4' | 'udp6', Socket>();
  try {
    for (const { address, device } of targets) {
      const type = address.includes(':') ? 'udp6' : 'udp4';
      const socket = sockets.get(type) ?? createSocket(type).on('error', () => undefined);
      sockets.set(type, socket);
      const scoped = address.startsWith('fe80:') ? `${address}%${device}` : address;
      // An error (no route, no IPv6 here) is what the neighbour's state tells as well.
      await new Promise<void>((resolve) => socket.send(new Uint8Array(0), port, scoped, () => resolve()));
    }
  } finally {
    for (const socket of sockets.values()) socket.close();
  }
}
