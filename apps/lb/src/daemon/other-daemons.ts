import type { Link } from '@lb/control/network';
import { type Claimant, claimInterface, type InterfaceClaim, isClaimant } from '@lb/dataplane';
import { daemonError, type LiveWarning } from './errors.js';

/**
 * Claims an interface, so that no other daemon serves it: two would each send on every packet that packet sockets show
 * them. Undefined, with a warning, where it cannot be known whether another has it.
 * @throws LbError LB_DAEMON_INTERFACE_LIVE if another daemon serves it, in whatever namespace of processes
 */
export function claimLink(
  { name, index }: Link,
  warn: (warning: LiveWarning) => void,
  claim = claimInterface,
): InterfaceClaim | undefined {
  const unknown = (why: string) =>
    warn({ code: 'LB_LIVE_WARN_CLAIM', message: `whether another daemon serves ${name} cannot be told: ${why}` });
  let claimed: InterfaceClaim | Claimant;
  try {
    claimed = claim(index);
  } catch (error) {
    unknown((error as Error).message);
    return undefined;
  }
  if (!isClaimant(claimed)) return claimed;
  const { pid, uid, isTrusted } = claimed;
  const who = pid === undefined ? 'a process in another process namespace' : `process ${pid}`;
  if (!isTrusted) {
    // Anybody may take the name; it must not be a way to keep a balancer from starting.
    const whose = uid === undefined ? 'a program that does not answer' : `${who} of user ${uid}`;
    unknown(`${whose} has the name by which daemons tell each other`);
    return undefined;
  }
  throw daemonError(
    'LB_DAEMON_INTERFACE_LIVE',
    `another daemon (${who}) serves ${name}`,
    'stop it, or serve another interface',
  );
}
