import type { Checker } from './checker.js';
import { failed, notMade, passed, resultOfError } from './result.js';

/** Sends ICMP echo requests. Node.js has no socket for that; the dataplane's native part has. */
export interface EchoSender {
  /**
   * Sends one request. `answered` is called at most once, never from within this call: without an argument when the reply
   * has come, or with why it never will. What is returned forgets the request.
   * @throws an error with the code of errno
   */
  echo(address: string, answered: (failure?: string) => void): () => void;
}

/** Passes when an echo request is answered. Without a sender no check is made. */
export function icmpChecker(sender: EchoSender | undefined): Checker {
  return {
    start: ({ address }, done) => {
      const phase = 'waiting for the echo reply';
      if (sender === undefined) return later(phase, () => done(notMade('no check: ICMP needs the native library')));
      try {
        const stop = sender.echo(address, (failure) => {
          done(failure === undefined ? passed('echo reply') : failed(failure));
        });
        return { phase, stop };
      } catch (error) {
        return later(phase, () => done(resultOfError(error as Error)));
      }
    },
  };
}

function later(phase: string, callback: () => void) {
  const immediate = setImmediate(callback);
  return { phase, stop: () => clearImmediate(immediate) };
}
