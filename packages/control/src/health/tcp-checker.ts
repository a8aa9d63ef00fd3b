import { Socket } from 'node:net';
import type { Checker, RunningCheck } from './checker.js';
import { ExpectedText } from './expected-text.js';
import { type CheckResult, failed, passed, resultOfError } from './result.js';
import { resetSocket, socketOptions } from './sockets.js';
import type { Probe } from './target.js';

/** Passes when a connection is made and, where text is expected, the server sends it. */
export const tcpChecker: Checker = {
  start: (probe, done) => new TcpCheck(probe, done),
};

class TcpCheck implements RunningCheck {
  phase = 'connecting';
  readonly #socket = new Socket();
  readonly #done: (result: CheckResult) => void;
  readonly #answer: ExpectedText | undefined;

  constructor(probe: Probe, done: (result: CheckResult) => void) {
    this.#done = done;
    this.#answer = probe.expect === undefined ? undefined : new ExpectedText(probe.expect);
    const socket = this.#socket;
    socket.on('error', (error) => this.#end(resultOfError(error)));
    socket.on('connect', () => this.#connected(probe.send));
    socket.connect(socketOptions(probe));
  }

  #connected(send: Uint8Array | undefined): void {
    if (send !== undefined) this.#socket.write(send);
    if (this.#answer === undefined) {
      this.#end(passed('connected'));
      return;
    }
    this.phase = 'waiting for the answer';
    this.#socket.on('data', (chunk) => this.#received(chunk));
    this.#socket.on('end', () => this.#end(failed('connection closed without the expected answer')));
  }

  #received(chunk: Buffer): void {
    const found = this.#answer!.add(chunk);
    if (found === 'yes') this.#end(passed('expected answer'));
    else if (found === 'never') this.#end(failed('answer without the expected text'));
  }

  #end(result: CheckResult): void {
    this.stop();
    this.#done(result);
  }

  stop(): void {
    this.#socket.removeAllListeners();
    this.#socket.on('error', () => undefined);
    resetSocket(this.#socket);
  }
}
