import { LbError } from '@lb/core';

/** Every code of the live daemon and of the commands that talk to it. Codes are stable. */
export const DAEMON_ERRORS = {
  LB_DAEMON_SOCKET:
    'The control socket cannot be made: its path is too long, taken by something else, or not writable.',
  LB_DAEMON_SOCKET_LIVE: 'Another daemon answers on the control socket.',
  LB_DAEMON_REQUEST: 'A request to the daemon is not of the form it understands.',
  LB_DAEMON_INTERFACE: 'An interface to serve does not exist, is named twice, or cannot be used that way.',
  LB_DAEMON_INTERFACE_LIVE: 'Another daemon, or another XDP program, has the interface.',
  LB_DAEMON_QUEUES: 'The receive queues of an interface cannot be shared out among that many workers.',
  LB_DAEMON_CPUS: 'The list of CPUs is not one, or has fewer than there are workers.',
} as const;

export type DaemonErrorCode = keyof typeof DAEMON_ERRORS;

/** Makes (does not throw) the error for `code`; the type keeps codes outside the table from compiling. */
export function daemonError(code: DaemonErrorCode, message: string, hint?: string): LbError {
  return new LbError(code, message, hint);
}

/** What is accepted but deserves a look, once the configuration meets the interfaces of this machine. */
export const LIVE_WARNINGS = {
  LB_LIVE_WARN_KIND: 'An interface is served by AF_PACKET, since AF_XDP does not work on it.',
  LB_LIVE_WARN_NAT_INTERFACE: 'An interface that is to take NAT return traffic is not one that is served.',
  LB_LIVE_WARN_MTU: 'Packets of full size do not fit through the encapsulation of a VIP.',
  LB_LIVE_WARN_BUCKETS: 'The size of the flow table changes only when the daemon is started again.',
  LB_LIVE_WARN_FORWARD:
    'The kernel forwards packets that AF_PACKET shows to the balancer, so that they are sent twice.',
  LB_LIVE_WARN_CONFIG_UNUSED: 'A configuration was given, but the state has a revision, which is served instead.',
  LB_LIVE_WARN_CONFIG_REFUSED:
    'A configuration that was given cannot be used; the state has a revision, which is served instead.',
  LB_LIVE_WARN_CLOCK: 'The clock of this machine was set: ramps and deadlines take as long as was ordered.',
  LB_LIVE_WARN_CHECK: 'Health checks cannot be made for a reason of this machine; they count for nothing.',
  LB_LIVE_WARN_PAGES: 'The system has no huge pages for the flow tables: packets of many flows take longer.',
  LB_LIVE_WARN_FLOWS:
    'There is no room for flow tables that outlive the daemon: they are in its own memory, and end with it.',
  LB_LIVE_WARN_CLAIM: 'Whether another daemon serves an interface cannot be told.',
  LB_LIVE_WARN_RENAMED: 'An interface that is served has another name now.',
  LB_LIVE_WARN_LINK: 'An interface that is served is down or gone.',
} as const;

export type LiveWarningCode = keyof typeof LIVE_WARNINGS;

/** A warning in the form of a configuration problem. */
export interface LiveWarning {
  readonly code: LiveWarningCode;
  readonly message: string;
  readonly hint?: string;
}
