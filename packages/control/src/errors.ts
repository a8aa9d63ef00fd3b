import { LbError } from '@lb/core';
import type { PlanWarningCode } from './plan/codes.js';

/**
 * Every code of the configuration: what is refused (errors) and what is accepted but deserves a look (warnings).
 * Codes are stable; docs/configuration.md lists the same ones, and a test holds the two together.
 */
export const CONFIG_ERRORS = {
  LB_CFG_FILE_READ: 'The file cannot be read.',
  LB_CFG_FILE_SIZE: 'The file is larger than a configuration may be.',
  LB_CFG_FILE_BINARY: 'The file is not UTF-8 text.',
  LB_CFG_FILE_TYPE: 'The name of a configuration file does not end in .yaml or .yml.',
  LB_CFG_YAML: 'The text is not one well-formed YAML document.',
  LB_CFG_EMPTY: 'The document holds nothing; `{}` is the configuration without VIPs.',
  LB_CFG_SHAPE: 'A list or a mapping stands where the other, or a plain value, belongs (or the reverse).',
  LB_CFG_UNKNOWN_KEY: 'The document has a key that the model does not know.',
  LB_CFG_MISSING_KEY: 'A key that has no default is missing.',
  LB_CFG_WORD: 'A command line has a word that cannot stand there.',
  LB_CFG_WORD_MISSING: 'A command line ends before a word that it needs.',
  LB_CFG_WORD_TWICE: 'A command line gives the same thing twice.',
  LB_CFG_WORD_CLASH: 'A command line has two words that exclude each other.',
  LB_CFG_WORD_NEEDS: 'A command line has a word that means nothing without another.',
  LB_CFG_SRC_ADDRESS: 'A source address is not an address of its family.',
  LB_CFG_BUCKETS: 'The number of flow-table lines is not a power of two from 1 to 16777216.',
  LB_CFG_TIMEOUT: 'A flow timeout is not a whole number of seconds from 1 to 604800.',
  LB_CFG_TIMEOUT_ORDER: 'TCP connections that open or close would be kept for longer than open ones.',
  LB_CFG_FLOW_HASH: 'The flow hash is neither `fast` nor `vpp`.',
  LB_CFG_TABLE: 'The way to fill the new-flow table is neither `maglev` nor `vpp`.',
  LB_CFG_INTERFACE: 'An interface name is empty, too long or has a character that no name may have.',
  LB_CFG_INTERFACE_EXISTS: 'The interface takes NAT return traffic of that family already.',
  LB_CFG_INTERFACE_MISSING: 'The interface to remove takes no NAT return traffic of that family.',
  LB_CFG_INTERFACE_KIND: 'The kind of an interface is none of af_xdp, af_packet, tap.',
  LB_CFG_INTERFACE_TWICE: 'An interface is listed twice.',
  LB_CFG_LISTENER: 'A listener is not an address with a port from 1 to 65535.',
  LB_CFG_LISTENER_FILE: 'The path of a certificate or key is empty, too long or has control characters.',
  LB_CFG_LISTENER_TWICE: 'Two listeners have one address.',
  LB_CFG_LISTENER_TLS: 'A listener that others than this machine can reach has no TLS.',
  LB_CFG_PREFIX: 'A VIP is not an IPv4 or IPv6 prefix.',
  LB_CFG_PROTOCOL: 'A protocol is neither `tcp` nor `udp`.',
  LB_CFG_PORT: 'A port is not a whole number from 1 to 65535.',
  LB_CFG_TARGET_PORT: 'A target port is not a whole number from 1 to 65535.',
  LB_CFG_NODE_PORT: 'A node port is not a whole number from 1 to 65535.',
  LB_CFG_ENCAP: 'An encap is none of gre4, gre6, l3dsr, nat4, nat6.',
  LB_CFG_DSCP: 'A DSCP is not a whole number from 0 to 63.',
  LB_CFG_VIP_TYPE: 'A VIP type is neither `clusterip` nor `nodeport`.',
  LB_CFG_NEW_LEN: 'The length of a new-flow table is not a power of two from 1 to 16777216.',
  LB_CFG_STICKY: 'The source-address stickiness is neither true nor false.',
  LB_CFG_MSS: 'The largest TCP segment size of a VIP is not a whole number from 536 to 65495.',
  LB_CFG_PANIC: 'A panic threshold is not a whole number of per cent from 0 to 100.',
  LB_CFG_LAST_AS: 'The last-AS policy is neither `drop` nor `keep`.',
  LB_CFG_AS_ADDRESS: 'An AS is not a unicast IPv4 or IPv6 address.',
  LB_CFG_WEIGHT: 'A weight is not a whole number from 0 to 100.',
  LB_CFG_AS_STATE: 'The state of an AS is none of enabled, draining, disabled.',
  LB_CFG_TIME: 'A time is not a date and time with its zone.',
  LB_CFG_DRAIN_STATE: 'An AS that is not draining has a time until which it drains.',
  LB_CFG_DEADLINE: 'The deadline of a drain is not a whole number of seconds from 0 to 604800.',
  LB_CFG_RAMP_FROM: 'The weight at the start of a ramp is not a whole number from 0 to 100.',
  LB_CFG_RAMP_SECONDS: 'The length of a ramp is not a whole number of seconds from 1 to 86400.',
  LB_CFG_CHECK_TYPE: 'The type of a health check is none of tcp, http, https, udp, icmp.',
  LB_CFG_CHECK_PORT: 'The port of a health check is not a whole number from 1 to 65535.',
  LB_CFG_CHECK_PATH: 'The path of a health check does not begin with / or has characters that no path has.',
  LB_CFG_CHECK_HOST: 'The host of a health check is neither a host name nor an address.',
  LB_CFG_CHECK_STATUS: 'The good answers of a health check are not HTTP status codes and ranges.',
  LB_CFG_CHECK_TLS_VERIFY: 'Whether a health check verifies certificates is neither true nor false.',
  LB_CFG_CHECK_BYTES: 'What a health check sends or expects is not 1 to 1024 bytes of text with valid escapes.',
  LB_CFG_CHECK_VIA: 'The way of a health check is neither `direct` nor `encap`.',
  LB_CFG_CHECK_INTERVAL: 'The interval of a health check is not a number of seconds from 0.1 to 3600.',
  LB_CFG_CHECK_TIMEOUT: 'The timeout of a health check is not a number of seconds from 0.05 to 60.',
  LB_CFG_CHECK_RISE: 'The number of good checks that make an AS healthy is not from 1 to 100.',
  LB_CFG_CHECK_FALL: 'The number of failed checks that make an AS failing is not from 1 to 100.',
  LB_CFG_CHECK_JITTER: 'The jitter of a health check is not a number from 0 to 0.5.',
  LB_CFG_CHECK_KEY: 'A health check has a setting that its type has no use for.',
  LB_CFG_CHECK_PORT_MISSING: 'The health check of an all-port VIP has no port.',
  LB_CFG_CHECK_ENCAP: 'A health check goes through an encapsulation that the VIP does not have.',
  LB_CFG_NAT_FAMILY: 'The VIP is of the other address family than its NAT: there is no NAT46 and no NAT64.',
  LB_CFG_NAT_PORT: 'A NAT VIP has no port.',
  LB_CFG_L3DSR_FAMILY: 'An IPv6 VIP has encap l3dsr, which exists for IPv4 only.',
  LB_CFG_DSCP_ENCAP: 'A VIP has a DSCP but an encap other than l3dsr.',
  LB_CFG_TARGET_PORT_ENCAP: 'A VIP has a target port but an encap that keeps ports.',
  LB_CFG_NODE_PORT_ENCAP: 'A VIP has a node port but an encap other than NAT.',
  LB_CFG_NODE_PORT_MISSING: 'A VIP of type nodeport has no node port.',
  LB_CFG_AS_FAMILY: 'The AS address is of another family than the encap sends to.',
  LB_CFG_AS_EXISTS: 'An AS is listed twice for one VIP.',
  LB_CFG_AS_IS_VIP: 'An AS is the VIP itself: packets would come back for ever.',
  LB_CFG_AS_MISSING: 'The AS to remove is not an AS of that VIP.',
  LB_CFG_VIP_EXISTS: 'The VIP exists already.',
  LB_CFG_VIP_MISSING: 'There is no such VIP.',
  LB_CFG_PORT_OVERLAP: 'Two VIPs of one prefix serve the same port, one for TCP and UDP, one for a single protocol.',
  LB_CFG_ALL_PORT_MIX: 'One prefix has an all-port VIP and a VIP with a port.',
  LB_CFG_NODE_PORT_CLASH: 'A node port leads to two services.',
  LB_CFG_VIP_ID: 'The identifier of a VIP is not a prefix, or a prefix, a protocol and a port with commas between.',
} as const;

export const CONFIG_WARNINGS = {
  LB_CFG_WARN_SRC_ADDRESS: 'GRE packets have no configured outer source address.',
  LB_CFG_WARN_NODE_ADDRESS: 'A node port is served on an address that is not configured.',
  LB_CFG_WARN_NAT_INTERFACE: 'No interface takes the return traffic of a NAT VIP.',
  LB_CFG_WARN_PROTOCOL: 'A protocol without a port has no effect: the VIP takes every protocol.',
  LB_CFG_WARN_DSCP: 'An l3dsr VIP has no DSCP: 0 is used, which servers cannot tell from other traffic.',
  LB_CFG_WARN_AS_IN_VIP: 'The address of an AS lies inside the prefix of its VIP.',
  LB_CFG_WARN_NO_AS: 'A VIP has no AS that takes new flows: its packets are dropped.',
  LB_CFG_WARN_NEW_LEN: 'The new-flow table is so small that shares differ noticeably from the weights.',
  LB_CFG_WARN_VPP_WEIGHTS: 'With `table: vpp` the weights add up to so much that shares differ noticeably from them.',
  LB_CFG_WARN_NEXT_START: 'A change takes effect only when the daemon starts the next time.',
} as const;

export type ConfigErrorCode = keyof typeof CONFIG_ERRORS;
export type ConfigWarningCode = keyof typeof CONFIG_WARNINGS;
export type ConfigCode = ConfigErrorCode | ConfigWarningCode;

/** One thing wrong (or odd) with a configuration, with where it stands as far as that is known. */
export interface Problem {
  readonly code: ConfigCode | PlanWarningCode;
  /** Names the field, the value and what would be accepted. */
  readonly message: string;
  /** What to do next. */
  readonly hint?: string;
  /** Place in the model, as in `vips[2].ass[0].weight`. */
  readonly path?: string;
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** From 1, in UTF-16 code units. */
  readonly column?: number;
}

/** Of a text with more mistakes than this, which is something else altogether, only so many are reported. */
export const MAX_PROBLEMS = 100;

/**
 * A configuration or a command was refused, and nothing was applied. `problems` holds everything found, in the order
 * of the text; code, message and hint are those of the first, the message with its place in front.
 */
export class ConfigError extends LbError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly [Problem, ...Problem[]]) {
    const [first] = problems;
    super(first.code, placeOf(first) + first.message, first.hint);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** `FILE:LINE:COLUMN: `, as much of it as is known. */
function placeOf({ file, line, column }: Problem): string {
  const parts = [file, line, column].filter((part) => part !== undefined);
  return parts.length === 0 ? '' : `${parts.join(':')}: `;
}

/** One line for a person: `FILE:LINE:COLUMN: message; hint (CODE)`. */
export function problemText(problem: Problem): string {
  return oneLine(placeOf(problem) + problem.message, problem.hint, problem.code);
}

/** The same for any error of the product. */
export function errorText(error: LbError): string {
  return oneLine(error.message, error.hint, error.code);
}

function oneLine(message: string, hint: string | undefined, code: string): string {
  return `${message}${hint === undefined ? '' : `; ${hint}`} (${code})`;
}
