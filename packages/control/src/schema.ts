import * as z from 'zod';
import { CHECK_FIELDS } from './check-fields.js';
import { FIELDS } from './fields.js';
import { choice, flag, number, text } from './schema-fields.js';

/*
 * The whole configuration in its native form. Types, YAML and API validation, descriptions and forms derive from
 * here; what a field accepts comes from FIELDS, rules between fields are in rules-*.ts. The texts are those of
 * docs/configuration.md.
 */

export const rampSchema = z.strictObject({
  from: number(FIELDS.rampFrom, 'weight at the start'),
  start: text(FIELDS.time, 'when the weight begins to move'),
  seconds: number(FIELDS.rampSeconds, 'how long it takes to reach `weight`, in even steps'),
});

export const asSchema = z.strictObject({
  address: text(FIELDS.address, 'of the family that the encap sends to'),
  weight: number(FIELDS.weight, 'share of new flows relative to the others; 0 takes none').default(100),
  state: choice(
    FIELDS.state,
    '`draining` takes no new flows and keeps those it has; `disabled` takes none and keeps none',
  ).default('enabled'),
  drainUntil: text(FIELDS.time, 'when the remaining flows of a draining AS are cut; by default never').exactOptional(),
  ramp: rampSchema.meta({ description: 'a weight that moves gradually to `weight`' }).exactOptional(),
});

export const checkSchema = z.strictObject({
  type: choice(CHECK_FIELDS.type, 'how a server is asked whether it works'),
  port: number(CHECK_FIELDS.port, 'by default the target port, else the port of the VIP').exactOptional(),
  path: text(CHECK_FIELDS.path, 'HTTP and HTTPS: what is requested; by default `/`').exactOptional(),
  host: text(
    CHECK_FIELDS.host,
    'HTTP and HTTPS: host header and TLS server name; by default the address of the AS',
  ).exactOptional(),
  status: text(CHECK_FIELDS.status, 'HTTP and HTTPS: answers that are good; by default `200-399`').exactOptional(),
  tlsVerify: flag(
    CHECK_FIELDS.tlsVerify,
    'HTTPS: whether the certificate must be valid for the host; by default true',
  ).exactOptional(),
  send: text(CHECK_FIELDS.send, 'TCP and UDP: what is sent').exactOptional(),
  expect: text(CHECK_FIELDS.expect, 'TCP and UDP: what the answer must contain').exactOptional(),
  via: choice(
    CHECK_FIELDS.via,
    '`encap` goes to the address of the VIP, the way that packets of clients go to the AS',
  ).default('direct'),
  interval: number(CHECK_FIELDS.interval, 'seconds from one check of an AS to the next').default(2),
  timeout: number(CHECK_FIELDS.timeout, 'seconds after which a check without an answer has failed').default(1),
  rise: number(CHECK_FIELDS.rise, 'good checks in a row that make an AS healthy').default(2),
  fall: number(CHECK_FIELDS.fall, 'failed checks in a row that make it failing').default(3),
  jitter: number(CHECK_FIELDS.jitter, 'part of the interval by which checks are spread at random').default(0.1),
});

export const vipSchema = z.strictObject({
  prefix: text(FIELDS.prefix, 'destination addresses; a bare address is a host prefix, host bits are cleared'),
  protocol: choice(
    FIELDS.protocol,
    'together with a port; without it the port is served for TCP and UDP',
  ).exactOptional(),
  port: number(FIELDS.port, 'without it the VIP takes every protocol and port ("all-port VIP")').exactOptional(),
  targetPort: number(FIELDS.targetPort, 'NAT: port on the ASs; by default the same as `port`').exactOptional(),
  nodePort: number(FIELDS.nodePort, 'NAT: port on the node address that leads to the same service').exactOptional(),
  encap: choice(FIELDS.encap, 'how packets reach the ASs').default('gre4'),
  dscp: number(FIELDS.dscp, 'L3DSR: what tells the servers which VIP was meant').exactOptional(),
  type: choice(FIELDS.type, '`nodeport` asks for a `nodePort`; nothing else depends on it').default('clusterip'),
  newLen: number(
    FIELDS.newLen,
    'buckets of the new-flow table; a hundred for each AS keep shares within one per cent',
  ).default(1024),
  srcIpSticky: flag(FIELDS.srcIpSticky, 'all flows of a client go to one AS: ports are left out of the hash').default(
    false,
  ),
  mssClamp: number(
    FIELDS.mssClamp,
    'largest TCP segment size that a SYN may announce through this VIP',
  ).exactOptional(),
  check: checkSchema.meta({ description: 'how the ASs are checked; without it all count as healthy' }).exactOptional(),
  panic: number(FIELDS.panic, 'when less than this part of the enabled ASs is healthy, health is ignored').default(25),
  lastAs: choice(
    FIELDS.lastAs,
    'when no AS takes new flows: `drop` their packets, or `keep` using the failing and draining ones',
  ).default('drop'),
  ass: z.array(asSchema).default([]),
});

export const natInterfacesSchema = z.strictObject({
  nat4: z.array(text(FIELDS.interface, 'where the answers of `nat4` servers arrive')).default([]),
  nat6: z.array(text(FIELDS.interface, 'where the answers of `nat6` servers arrive')).default([]),
});

export const interfaceSchema = z.strictObject({
  name: text(FIELDS.interface, 'a network interface that packets are taken from'),
  kind: choice(FIELDS.interfaceKind, 'how packets are taken; by default the fastest way there is').exactOptional(),
});

export const tlsSchema = z.strictObject({
  cert: text(FIELDS.file, 'certificate chain in PEM form'),
  key: text(FIELDS.file, 'its private key in PEM form'),
});

export const listenerSchema = z.strictObject({
  address: text(FIELDS.listener, 'where the API is served beside its Unix socket'),
  tls: tlsSchema.exactOptional(),
});

export const configSchema = z.strictObject({
  ip4SrcAddress: text(
    FIELDS.ip4SrcAddress,
    'outer source of `gre4`, and the node address of IPv4 node ports',
  ).exactOptional(),
  ip6SrcAddress: text(
    FIELDS.ip6SrcAddress,
    'outer source of `gre6`, and the node address of IPv6 node ports',
  ).exactOptional(),
  ip4SrcRange: text(
    FIELDS.ip4SrcRange,
    'outer sources of `gre4`, one per flow, so that servers spread what they receive over their queues',
  ).exactOptional(),
  ip6SrcRange: text(FIELDS.ip6SrcRange, 'the same for `gre6`').exactOptional(),
  buckets: number(FIELDS.buckets, 'lines of the flow table of each worker, four flows each').default(1024),
  timeout: number(FIELDS.timeout, 'seconds after which a flow without packets is forgotten').default(40),
  tcpTimeout: number(FIELDS.tcpTimeout, 'the same for TCP; by default `timeout`').exactOptional(),
  tcpOpeningTimeout: number(
    FIELDS.tcpOpeningTimeout,
    'while only SYNs have come; by default 10, and never more than TCP has',
  ).exactOptional(),
  tcpClosingTimeout: number(
    FIELDS.tcpClosingTimeout,
    'once a FIN or RST has come; by default 10, and never more than TCP has',
  ).exactOptional(),
  udpTimeout: number(FIELDS.udpTimeout, 'the same for UDP; by default `timeout`').exactOptional(),
  otherTimeout: number(FIELDS.otherTimeout, 'the same for other protocols; by default `timeout`').exactOptional(),
  flowHash: choice(FIELDS.flowHash, '`vpp` picks the AS that VPP would pick, together with `table: vpp`').default(
    'fast',
  ),
  table: choice(
    FIELDS.table,
    'how new-flow tables are filled: with exact shares, or bucket for bucket as VPP does',
  ).default('maglev'),
  interfaces: z.array(interfaceSchema).default([]),
  listeners: z.array(listenerSchema).default([]),
  natInterfaces: natInterfacesSchema.prefault({}),
  vips: z.array(vipSchema).default([]),
});

/** A configuration as written: everything with a default may be missing. */
export type ConfigInput = z.input<typeof configSchema>;
/** A configuration with defaults filled in and texts canonical. Treat it as immutable. */
export type Config = z.output<typeof configSchema>;
export type VipConfig = z.output<typeof vipSchema>;
export type AsConfig = z.output<typeof asSchema>;
export type Check = z.output<typeof checkSchema>;
export type Ramp = z.output<typeof rampSchema>;
export type InterfaceConfig = z.output<typeof interfaceSchema>;
export type ListenerConfig = z.output<typeof listenerSchema>;
export type Encap = VipConfig['encap'];
export type Protocol = NonNullable<VipConfig['protocol']>;
export type NatKind = keyof Config['natInterfaces'];

/** The configuration without VIPs, everything else at its default. */
export function emptyConfig(): Config {
  return configSchema.parse({});
}
