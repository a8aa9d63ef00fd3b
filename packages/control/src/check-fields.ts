import { bytesText, hostName, requestPath, statusText } from './check-texts.js';
import { choice, type Field, flag, number, text } from './field.js';

const BYTES = '1 to 1024 bytes of text, with \\xNN for any byte';

/** What each field of a health check accepts. */
export const CHECK_FIELDS = {
  type: choice('LB_CFG_CHECK_TYPE', 'tcp', 'http', 'https', 'udp', 'icmp'),
  port: number('LB_CFG_CHECK_PORT', 1, 65_535),
  path: text('LB_CFG_CHECK_PATH', 'a path like /health of up to 1024 characters, without spaces or #', requestPath),
  host: text('LB_CFG_CHECK_HOST', 'a host name or an address', hostName),
  status: text('LB_CFG_CHECK_STATUS', 'HTTP status codes and ranges from 100 to 599, like 200-299,404', statusText),
  tlsVerify: flag('LB_CFG_CHECK_TLS_VERIFY'),
  send: text('LB_CFG_CHECK_BYTES', BYTES, bytesText),
  expect: text('LB_CFG_CHECK_BYTES', BYTES, bytesText),
  via: choice('LB_CFG_CHECK_VIA', 'direct', 'encap'),
  interval: number('LB_CFG_CHECK_INTERVAL', 0.1, 3600, { of: 'any', unit: 's' }),
  timeout: number('LB_CFG_CHECK_TIMEOUT', 0.05, 60, { of: 'any', unit: 's' }),
  rise: number('LB_CFG_CHECK_RISE', 1, 100),
  fall: number('LB_CFG_CHECK_FALL', 1, 100),
  jitter: number('LB_CFG_CHECK_JITTER', 0, 0.5, { of: 'any' }),
} as const satisfies Record<string, Field>;
