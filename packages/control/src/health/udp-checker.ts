import { createSocket, type Socket } from 'node:dgram';
import type { Checker, RunningCheck } from './checker.js';
import { type CheckResult, failed, passed, resultOfError } from './result.js';
import type { Probe } from './target.js';

const NOTHING = new Uint8Array(0);

/** Passes when a datagram is answered and, where text is expected, the answer contains it. */
export const udpChecker: Checker = {
  start: (probe, done) => new UdpCheck(probe, done),
};

/** A socket of its own for each check: no answer to an earlier one can be taken for this one's. */
class UdpCheck implements RunningCheck {
  readonly phase = 'waiting for the answer';
  readonly #socket: Socket;
  readonly #done: (result: CheckResult) => void;

  constructor({ address, port, localAddress, localPort, send, expect }: Probe, done: (result: CheckResult) => void) {
    this.#done = done;
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    this.#socket = socket;
    socket.on('error', (error) => this.#failed(error));
    socket.on('message', (message) => this.#answered(message, expect));
    if (localPort !== undefined) socket.bind(localPort, localAddress);
    // Only a connected socket hears of ICMP errors. That it cannot be connected (no route) is told to the callback alone.
    socket.connect(port, address, (error?: Error | null) => {
      if (error) {
        this.#failed(error);
        return;
      }
      socket.send(send ?? NOTHING, (error) => {
        if (error) this.#failed(error);
      });
    });
  }

  #answered(message: Buffer, expected: Buffer | undefined): void {
    if (expected === undefined) this.#end(passed('answered'));
    else if (message.includes(expected)) this.#end(passed('expected answer'));
    else this.#end(failed('answer without the expected text'));
  }

  #failed(error: Error): void {
    const isRefused = (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
    this.#end(isRefused ? failed('port unreachable') : resultOfError(error));
  }

  #end(result: CheckResult): void {
    this.stop();
    this.#done(result);
  }

  stop(): void {
    this.#socket.removeAllListeners();
    this.#socket.on('error', () => undefined);
    this.#socket.close();
  }
}
