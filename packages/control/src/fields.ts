import {
  addressOfFamily,
  anyPrefix,
  filePath,
  interfaceName,
  moment,
  prefixOfFamily,
  socketAddress,
  unicastAddress,
} from './canonical.js';
import { choice, type Field, flag, number, text } from './field.js';

/** A configured table length may be this at most: 64 MiB of buckets for one VIP, 1 GiB of flow table for a worker. */
const MAX_TABLE = 2 ** 24;

/** How long flows are remembered. */
function seconds() {
  return number('LB_CFG_TIMEOUT', 1, 604_800, { unit: 's' });
}

/** What each field accepts; those of health checks are in check-fields.ts. */
export const FIELDS = {
  ip4SrcAddress: text('LB_CFG_SRC_ADDRESS', 'an IPv4 address', (value) => addressOfFamily(value, 4)),
  ip6SrcAddress: text('LB_CFG_SRC_ADDRESS', 'an IPv6 address', (value) => addressOfFamily(value, 6)),
  ip4SrcRange: text('LB_CFG_SRC_ADDRESS', 'an IPv4 prefix (length 8 to 32)', (value) => prefixOfFamily(value, 4, 8)),
  ip6SrcRange: text('LB_CFG_SRC_ADDRESS', 'an IPv6 prefix (length 96 to 128)', (value) => prefixOfFamily(value, 6, 96)),
  buckets: number('LB_CFG_BUCKETS', 1, MAX_TABLE, { of: 'powerOfTwo' }),
  timeout: seconds(),
  tcpTimeout: seconds(),
  tcpOpeningTimeout: seconds(),
  tcpClosingTimeout: seconds(),
  udpTimeout: seconds(),
  otherTimeout: seconds(),
  flowHash: choice('LB_CFG_FLOW_HASH', 'fast', 'vpp'),
  table: choice('LB_CFG_TABLE', 'maglev', 'vpp'),
  interface: text('LB_CFG_INTERFACE', 'an interface name of 1 to 63 characters without spaces or #', interfaceName),
  interfaceKind: choice('LB_CFG_INTERFACE_KIND', 'af_xdp', 'af_packet', 'tap'),
  listener: text('LB_CFG_LISTENER', 'an address with a port from 1 to 65535', socketAddress),
  file: text('LB_CFG_LISTENER_FILE', 'the path of a file', filePath),
  prefix: text('LB_CFG_PREFIX', 'an IPv4 prefix (length 0 to 32) or an IPv6 prefix (length 0 to 128)', anyPrefix),
  protocol: choice('LB_CFG_PROTOCOL', 'tcp', 'udp'),
  port: number('LB_CFG_PORT', 1, 65_535),
  targetPort: number('LB_CFG_TARGET_PORT', 1, 65_535),
  nodePort: number('LB_CFG_NODE_PORT', 1, 65_535),
  encap: choice('LB_CFG_ENCAP', 'gre4', 'gre6', 'l3dsr', 'nat4', 'nat6'),
  dscp: number('LB_CFG_DSCP', 0, 63),
  type: choice('LB_CFG_VIP_TYPE', 'clusterip', 'nodeport'),
  newLen: number('LB_CFG_NEW_LEN', 1, MAX_TABLE, { of: 'powerOfTwo' }),
  srcIpSticky: flag('LB_CFG_STICKY'),
  mssClamp: number('LB_CFG_MSS', 536, 65_495, { unit: 'bytes' }),
  panic: number('LB_CFG_PANIC', 0, 100, { unit: '%' }),
  lastAs: choice('LB_CFG_LAST_AS', 'drop', 'keep'),
  address: text('LB_CFG_AS_ADDRESS', 'a unicast IPv4 or IPv6 address', unicastAddress),
  weight: number('LB_CFG_WEIGHT', 0, 100),
  state: choice('LB_CFG_AS_STATE', 'enabled', 'draining', 'disabled'),
  time: text('LB_CFG_TIME', 'a date and time with its zone, like 2026-01-31T18:00:00Z', moment),
  rampFrom: number('LB_CFG_RAMP_FROM', 0, 100),
  rampSeconds: number('LB_CFG_RAMP_SECONDS', 1, 86_400, { unit: 's' }),
  deadline: number('LB_CFG_DEADLINE', 0, 604_800, { unit: 's' }),
} as const satisfies Record<string, Field>;

export type FieldName = keyof typeof FIELDS;
