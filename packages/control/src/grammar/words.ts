import type { CHECK_FIELDS } from '../check-fields.js';
import type { FieldName } from '../fields.js';
import type { Path } from '../finding.js';

/** How the grammar spells the fields of the model that a word can set; the value follows the word. */
export const VALUE_WORDS = {
  'ip4-src-address': 'ip4SrcAddress',
  'ip6-src-address': 'ip6SrcAddress',
  'ip4-src-range': 'ip4SrcRange',
  'ip6-src-range': 'ip6SrcRange',
  buckets: 'buckets',
  timeout: 'timeout',
  'tcp-timeout': 'tcpTimeout',
  'tcp-opening-timeout': 'tcpOpeningTimeout',
  'tcp-closing-timeout': 'tcpClosingTimeout',
  'udp-timeout': 'udpTimeout',
  'other-timeout': 'otherTimeout',
  'flow-hash': 'flowHash',
  table: 'table',
  protocol: 'protocol',
  port: 'port',
  target_port: 'targetPort',
  node_port: 'nodePort',
  encap: 'encap',
  dscp: 'dscp',
  type: 'type',
  new_len: 'newLen',
  mss_clamp: 'mssClamp',
  last_as: 'lastAs',
  panic: 'panic',
  weight: 'weight',
  over: 'rampSeconds',
  deadline: 'deadline',
} as const satisfies Record<string, FieldName>;

/** Words that stand for themselves. */
export const FLAG_WORDS = {
  src_ip_sticky: 'srcIpSticky',
  enable: 'enable',
  drain: 'drain',
  disable: 'disable',
  del: 'del',
  flush: 'flush',
} as const;

/** The administrative states as commands. */
export const STATE_WORDS = { enable: 'enabled', drain: 'draining', disable: 'disabled' } as const;

/** How the grammar spells the settings of a health check, which follow `check <type>`. */
export const CHECK_WORDS = {
  port: 'port',
  path: 'path',
  host: 'host',
  status: 'status',
  tls_verify: 'tlsVerify',
  send: 'send',
  expect: 'expect',
  via: 'via',
  interval: 'interval',
  timeout: 'timeout',
  rise: 'rise',
  fall: 'fall',
  jitter: 'jitter',
} as const satisfies Record<string, keyof typeof CHECK_FIELDS>;

export type ValueWord = keyof typeof VALUE_WORDS;
export type FlagWord = keyof typeof FLAG_WORDS;

export const CONF_WORDS = [
  'ip4-src-address',
  'ip6-src-address',
  'ip4-src-range',
  'ip6-src-range',
  'buckets',
  'timeout',
  'tcp-timeout',
  'tcp-opening-timeout',
  'tcp-closing-timeout',
  'udp-timeout',
  'other-timeout',
  'flow-hash',
  'table',
] as const;
export const REF_WORDS = ['protocol', 'port'] as const;
/** Settings of a VIP, but for its health check. */
export const SETTING_WORDS = [
  'target_port',
  'node_port',
  'encap',
  'dscp',
  'type',
  'new_len',
  'src_ip_sticky',
  'mss_clamp',
  'last_as',
  'panic',
] as const;
export const VIP_WORDS = [...REF_WORDS, ...SETTING_WORDS, 'del'] as const;
export const AS_WORDS = [
  ...REF_WORDS,
  'weight',
  'over',
  'enable',
  'drain',
  'deadline',
  'disable',
  'del',
  'flush',
] as const;

const WORD_OF_FIELD: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries({ ...VALUE_WORDS, ...FLAG_WORDS }).map(([word, field]) => [field, word])),
  prefix: 'VIP',
  address: 'AS',
  ass: 'the list of ASs',
  nat4: 'set interface nat4',
  nat6: 'set interface nat6',
};

const WORD_OF_CHECK: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(CHECK_WORDS).map(([word, key]) => [key, word]),
);

/** What the grammar calls the field that a path of the model names. */
export function wordOfPath(path: Path): string {
  const key = path.findLast((part) => typeof part === 'string') ?? '';
  if (path.length > 1 && path.at(-2) === 'check') return `check ${WORD_OF_CHECK[key] ?? key}`;
  return WORD_OF_FIELD[key] ?? String(key);
}
