import type { Check } from '../schema.js';
import type { Checker, Checkers } from './checker.js';
import type { EncapPath } from './encap-path.js';
import { type HttpCheckerOptions, httpChecker } from './http-checker.js';
import { type EchoSender, icmpChecker } from './icmp-checker.js';
import { notMade } from './result.js';
import { tcpChecker } from './tcp-checker.js';
import { udpChecker } from './udp-checker.js';

export interface CheckersOptions extends HttpCheckerOptions {
  /** For ICMP: EchoSockets of the dataplane. Without it ICMP checks are not made, and nothing is held against the ASs. */
  readonly echo?: EchoSender;
  /** For `via: encap`; the same without it. */
  readonly encap?: Pick<EncapPath, 'checker'>;
}

/** The checkers of all types, over sockets of the kernel. */
export function socketCheckers({ echo, encap, ...http }: CheckersOptions = {}): Checkers {
  const overHttp = httpChecker(http);
  const direct = { tcp: tcpChecker, http: overHttp, https: overHttp, udp: udpChecker, icmp: icmpChecker(echo) };
  const through = encap?.checker(direct) ?? noEncap;
  const either = (type: Check['type']): Checker => ({
    start: (probe, done) => (probe.route === undefined ? direct[type] : through).start(probe, done),
  });
  return { tcp: either('tcp'), http: either('http'), https: either('https'), udp: either('udp'), icmp: either('icmp') };
}

const noEncap: Checker = {
  start: (_, done) => {
    const immediate = setImmediate(() => done(notMade('no check: there is no way through the encapsulation')));
    return { phase: '', stop: () => clearImmediate(immediate) };
  },
};
