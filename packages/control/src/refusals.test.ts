import { describe, expect, test } from 'vitest';
import { applyCommands } from './apply.js';
import { CONFIG_ERRORS, ConfigError, problemText } from './errors.js';
import { parseCommands } from './grammar/parse.js';
import { emptyConfig } from './schema.js';
import { parseVipId } from './vip-ref.js';
import { parseYamlConfig } from './yaml.js';

/** Problems as `LINE:COLUMN: message; hint (CODE)`. */
function refused(read: () => unknown): string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(problemText);
    throw error;
  }
  return [];
}

/** Document, then the problem it has. One for each rule; between them they must use every code. */
const DOCUMENTS: [string, string][] = [
  ['vips: [', '1:8: Flow sequence in block collection must be sufficiently indented and end with a ] (LB_CFG_YAML)'],
  ['a: 1\na: 2', '2:1: Map keys must be unique (LB_CFG_YAML)'],
  ['{}\n--- {}', '2:1: a second document begins here: only one is accepted (LB_CFG_YAML)'],
  ['vips: !vip []', '1:7: Unresolved tag: !vip (LB_CFG_YAML)'],
  ['', '1:1: the document is empty; write {} for the configuration without VIPs (LB_CFG_EMPTY)'],
  [
    '# nothing but a comment\n',
    '1:1: the document is empty; write {} for the configuration without VIPs (LB_CFG_EMPTY)',
  ],
  ['[]', '1:1: the document must be a mapping, got a list (LB_CFG_SHAPE)'],
  ['vips: {}', '1:7: vips must be a list, got a mapping (LB_CFG_SHAPE)'],
  [
    'vips:\n  - prefix: 10.0.0.0/8\n    ass: [192.0.2.1]',
    "3:11: vips[0].ass[0] must be a mapping, got '192.0.2.1'; write {address: 192.0.2.1} (LB_CFG_SHAPE)",
  ],
  [
    'vips:\n  - prefix: 10.0.0.0/8\n    new_len: 16',
    "3:5: vips[0].new_len is not a known key; did you mean 'newLen'? (LB_CFG_UNKNOWN_KEY)",
  ],
  [
    'natInterfaces:\n  nat44: [eth0]',
    "2:3: natInterfaces.nat44 is not a known key; did you mean 'nat4'? (LB_CFG_UNKNOWN_KEY)",
  ],
  [
    'vips:\n  - prefix: 10.0.0.0/8\n    ass:\n      - {address: 192.0.2.1, wheight: 3}',
    "4:30: vips[0].ass[0].wheight is not a known key; did you mean 'weight'? (LB_CFG_UNKNOWN_KEY)",
  ],
  [
    'zzz: 1',
    '1:1: zzz is not a known key; known here: ip4SrcAddress, ip6SrcAddress, ip4SrcRange, ip6SrcRange, buckets, timeout, tcpTimeout, tcpOpeningTimeout, tcpClosingTimeout, udpTimeout, otherTimeout, flowHash, table, interfaces, listeners, natInterfaces, vips (LB_CFG_UNKNOWN_KEY)',
  ],
  [
    'vips:\n  - port: 80',
    '2:5: vips[0].prefix is missing: it must be an IPv4 prefix (length 0 to 32) or an IPv6 prefix (length 0 to 128) (LB_CFG_MISSING_KEY)',
  ],
  [
    'ip4SrcAddress: 2001:db8::1',
    "1:16: ip4SrcAddress must be an IPv4 address, got '2001:db8::1'; this is an IPv6 address (LB_CFG_SRC_ADDRESS)",
  ],
  [
    'ip6SrcAddress: 192.0.2.1',
    "1:16: ip6SrcAddress must be an IPv6 address, got '192.0.2.1'; this is an IPv4 address (LB_CFG_SRC_ADDRESS)",
  ],
  [
    'ip4SrcAddress: 192.0.2',
    "1:16: ip4SrcAddress must be an IPv4 address, got '192.0.2'; write all four numbers in decimal, without leading zeros (LB_CFG_SRC_ADDRESS)",
  ],
  ['buckets: 1000', '1:10: buckets must be a power of two from 1 to 16777216, got 1000 (LB_CFG_BUCKETS)'],
  ['buckets: 33554432', '1:10: buckets must be a power of two from 1 to 16777216, got 33554432 (LB_CFG_BUCKETS)'],
  ['buckets: 1024.5', '1:10: buckets must be a power of two from 1 to 16777216, got 1024.5 (LB_CFG_BUCKETS)'],
  ['timeout: 0', '1:10: timeout must be a whole number from 1 to 604800, got 0 (LB_CFG_TIMEOUT)'],
  ['udpTimeout: 0', '1:13: udpTimeout must be a whole number from 1 to 604800, got 0 (LB_CFG_TIMEOUT)'],
  [
    'timeout: 20\ntcpOpeningTimeout: 21',
    '2:20: tcpOpeningTimeout is 21, but must be at most 20, as open TCP connections are kept for so long without packets (LB_CFG_TIMEOUT_ORDER)',
  ],
  [
    'timeout: 20\ntcpTimeout: 7\ntcpClosingTimeout: 8',
    '3:20: tcpClosingTimeout is 8, but must be at most 7, as open TCP connections are kept for so long without packets (LB_CFG_TIMEOUT_ORDER)',
  ],
  [
    "timeout: '40'",
    "1:10: timeout must be a whole number from 1 to 604800, got '40'; write the number without quotes (LB_CFG_TIMEOUT)",
  ],
  ['flowHash: vp', "1:11: flowHash must be fast or vpp, got 'vp'; did you mean 'vpp'? (LB_CFG_FLOW_HASH)"],
  ['table: 3', '1:8: table must be maglev or vpp, got 3 (LB_CFG_TABLE)'],
  [
    'natInterfaces: {nat4: [eth 0]}',
    "1:24: natInterfaces.nat4[0] must be an interface name of 1 to 63 characters without spaces or #, got 'eth 0' (LB_CFG_INTERFACE)",
  ],
  [
    'natInterfaces: {nat4: [eth0, eth1, eth0]}',
    "1:36: natInterfaces.nat4[2] 'eth0' is listed already, as nat4[0] (LB_CFG_INTERFACE_EXISTS)",
  ],
  [
    'vips: [{prefix: 10.0.0.0/33}]',
    "1:17: vips[0].prefix must be an IPv4 prefix (length 0 to 32) or an IPv6 prefix (length 0 to 128), got '10.0.0.0/33' (LB_CFG_PREFIX)",
  ],
  [
    'vips: [{prefix: 010.0.0.1}]',
    "1:17: vips[0].prefix must be an IPv4 prefix (length 0 to 32) or an IPv6 prefix (length 0 to 128), got '010.0.0.1'; write all four numbers in decimal, without leading zeros (LB_CFG_PREFIX)",
  ],
  [
    'vips: [{prefix: 10.0.0.1, port: 80, protocol: TCP}]',
    "1:47: vips[0].protocol must be tcp or udp, got 'TCP'; did you mean 'tcp'? (LB_CFG_PROTOCOL)",
  ],
  [
    'vips: [{prefix: 10.0.0.1, port: 65536}]',
    '1:33: vips[0].port must be a whole number from 1 to 65535, got 65536 (LB_CFG_PORT)',
  ],
  [
    'vips: [{prefix: 10.0.0.1, port:}]',
    '1:32: vips[0].port must be a whole number from 1 to 65535, got null (LB_CFG_PORT)',
  ],
  [
    'vips: [{prefix: 10.0.0.1, port: 80, encap: nat4, targetPort: 0}]',
    '1:62: vips[0].targetPort must be a whole number from 1 to 65535, got 0 (LB_CFG_TARGET_PORT)',
  ],
  [
    'vips: [{prefix: 10.0.0.1, port: 80, encap: nat4, nodePort: 70000}]',
    '1:60: vips[0].nodePort must be a whole number from 1 to 65535, got 70000 (LB_CFG_NODE_PORT)',
  ],
  [
    'vips: [{prefix: 10.0.0.1, encap: gre5}]',
    "1:34: vips[0].encap must be one of gre4, gre6, l3dsr, nat4, nat6, got 'gre5'; did you mean 'gre4'? (LB_CFG_ENCAP)",
  ],
  [
    'vips: [{prefix: 10.0.0.1, encap: l3dsr, dscp: 64}]',
    '1:47: vips[0].dscp must be a whole number from 0 to 63, got 64 (LB_CFG_DSCP)',
  ],
  [
    'vips: [{prefix: 10.0.0.1, type: loadbalancer}]',
    "1:33: vips[0].type must be clusterip or nodeport, got 'loadbalancer' (LB_CFG_VIP_TYPE)",
  ],
  [
    'vips: [{prefix: 10.0.0.1, newLen: 1023}]',
    '1:35: vips[0].newLen must be a power of two from 1 to 16777216, got 1023 (LB_CFG_NEW_LEN)',
  ],
  [
    'vips: [{prefix: 10.0.0.1, srcIpSticky: yes}]',
    "1:40: vips[0].srcIpSticky must be true or false, got 'yes' (LB_CFG_STICKY)",
  ],
  [
    'vips: [{prefix: 10.0.0.0/8, mssClamp: 100}]',
    '1:39: vips[0].mssClamp must be a whole number from 536 to 65495, got 100 (LB_CFG_MSS)',
  ],
  [
    'ip4SrcRange: 10.0.0.0/4',
    "1:14: ip4SrcRange must be an IPv4 prefix (length 8 to 32), got '10.0.0.0/4'; this range is too wide (LB_CFG_SRC_ADDRESS)",
  ],
  [
    'vips: [{prefix: 10.0.0.1, ass: [{address: 224.0.0.1}]}]',
    "1:43: vips[0].ass[0].address must be a unicast IPv4 or IPv6 address, got '224.0.0.1'; this is a multicast address (LB_CFG_AS_ADDRESS)",
  ],
  [
    'vips: [{prefix: 10.0.0.1, ass: [{address: fe80::1%eth0}]}]',
    "1:43: vips[0].ass[0].address must be a unicast IPv4 or IPv6 address, got 'fe80::1%eth0'; a zone identifier (the part from %) has no meaning here (LB_CFG_AS_ADDRESS)",
  ],
  [
    'vips: [{prefix: 10.0.0.1, ass: [{address: 192.0.2.1, weight: 101}]}]',
    '1:62: vips[0].ass[0].weight must be a whole number from 0 to 100, got 101 (LB_CFG_WEIGHT)',
  ],
  [
    "vips: [{prefix: '2001:db8::1', port: 80, encap: nat4}]",
    '1:49: vips[0].encap nat4 needs an IPv4 VIP, 2001:db8::1/128 is IPv6; use nat6: addresses are not translated across families (LB_CFG_NAT_FAMILY)',
  ],
  [
    'vips: [{prefix: 10.0.0.1, port: 80, encap: nat6}]',
    '1:44: vips[0].encap nat6 needs an IPv6 VIP, 10.0.0.1/32 is IPv4; use nat4: addresses are not translated across families (LB_CFG_NAT_FAMILY)',
  ],
  [
    'vips: [{prefix: 10.0.0.1, encap: nat4}]',
    '1:34: vips[0].encap nat4 needs a port: an all-port VIP cannot be translated; add the port that clients use (LB_CFG_NAT_PORT)',
  ],
  [
    "vips: [{prefix: '2001:db8::1', encap: l3dsr}]",
    '1:39: vips[0].encap l3dsr needs an IPv4 VIP, 2001:db8::1/128 is IPv6; use gre4 or gre6 (LB_CFG_L3DSR_FAMILY)',
  ],
  [
    'vips: [{prefix: 10.0.0.1, dscp: 5}]',
    '1:33: vips[0].dscp 5 needs encap l3dsr, the encap is gre4 (LB_CFG_DSCP_ENCAP)',
  ],
  [
    'vips: [{prefix: 10.0.0.1, port: 80, encap: l3dsr, dscp: 5, targetPort: 80}]',
    '1:72: vips[0].targetPort 80 needs encap nat4 or nat6, the encap is l3dsr; l3dsr leaves the port as it is (LB_CFG_TARGET_PORT_ENCAP)',
  ],
  [
    'vips: [{prefix: 10.0.0.1, port: 80, nodePort: 80}]',
    '1:47: vips[0].nodePort 80 needs encap nat4 or nat6, the encap is gre4 (LB_CFG_NODE_PORT_ENCAP)',
  ],
  [
    'vips: [{prefix: 10.0.0.1, port: 80, encap: nat4, type: nodeport}]',
    '1:56: vips[0].type nodeport needs a node port, and the VIP has none (LB_CFG_NODE_PORT_MISSING)',
  ],
  [
    "vips: [{prefix: 10.0.0.1, ass: [{address: '2001:db8::1'}]}]",
    "1:43: vips[0].ass[0].address '2001:db8::1' must be an IPv4 address: encap gre4 sends to IPv4 (LB_CFG_AS_FAMILY)",
  ],
  [
    'vips: [{prefix: 10.0.0.1, encap: gre6, ass: [{address: 192.0.2.1}]}]',
    "1:56: vips[0].ass[0].address '192.0.2.1' must be an IPv6 address: encap gre6 sends to IPv6 (LB_CFG_AS_FAMILY)",
  ],
  [
    'vips: [{prefix: 10.0.0.1, ass: [{address: 192.0.2.1}, {address: 192.0.2.1, weight: 5}]}]',
    "1:65: vips[0].ass[1].address '192.0.2.1' is listed already, as ass[0] (LB_CFG_AS_EXISTS)",
  ],
  [
    'vips: [{prefix: 10.0.0.1/32, ass: [{address: 10.0.0.1}]}]',
    "1:46: vips[0].ass[0].address '10.0.0.1' is the VIP itself: packets would come back to the balancer for ever; give the server's own address (LB_CFG_AS_IS_VIP)",
  ],
  [
    "vips: [{prefix: '2001:db8::1', encap: gre6, ass: [{address: '2001:DB8:0::1'}]}]",
    "1:61: vips[0].ass[0].address '2001:db8::1' is the VIP itself: packets would come back to the balancer for ever; give the server's own address (LB_CFG_AS_IS_VIP)",
  ],
  [
    'vips:\n  - prefix: 10.0.0.0/8\n  - prefix: 10.9.9.9/8',
    '3:13: vips[1].prefix 10.0.0.0/8 exists already (LB_CFG_VIP_EXISTS)',
  ],
  [
    'vips:\n  - {prefix: 10.0.0.1, port: 80, protocol: tcp}\n  - {prefix: 10.0.0.1, port: 80, protocol: tcp}',
    '3:14: vips[1].prefix 10.0.0.1/32 tcp port 80 exists already (LB_CFG_VIP_EXISTS)',
  ],
  [
    'vips:\n  - {prefix: 10.0.0.1, port: 80, protocol: udp}\n  - {prefix: 10.0.0.1, port: 80}',
    '3:30: vips[1].port 80 is served already by VIP 10.0.0.1/32 udp port 80; a port without protocol is for both TCP and UDP: name tcp or udp on each (LB_CFG_PORT_OVERLAP)',
  ],
  [
    'vips:\n  - {prefix: 10.0.0.1, port: 80}\n  - {prefix: 10.0.0.1, port: 80, protocol: tcp}',
    '3:30: vips[1].port 80 is served already by VIP 10.0.0.1/32 port 80; a port without protocol is for both TCP and UDP: name tcp or udp on each (LB_CFG_PORT_OVERLAP)',
  ],
  [
    'vips:\n  - {prefix: 10.0.0.1, port: 80}\n  - {prefix: 10.0.0.1}',
    '3:14: vips[1].prefix 10.0.0.1/32 without a port cannot stand beside VIP 10.0.0.1/32 port 80; a prefix has either one all-port VIP or VIPs with ports (LB_CFG_ALL_PORT_MIX)',
  ],
  [
    'vips:\n  - {prefix: 10.0.0.1}\n  - {prefix: 10.0.0.1, port: 80}',
    '3:30: vips[1].port 80 cannot stand beside the all-port VIP 10.0.0.1/32; a prefix has either one all-port VIP or VIPs with ports (LB_CFG_ALL_PORT_MIX)',
  ],
  [
    'vips:\n  - {prefix: 10.0.0.1, port: 80, encap: nat4, nodePort: 30080}\n  - {prefix: 10.0.0.2, port: 80, protocol: tcp, encap: nat4, nodePort: 30080}',
    '3:72: vips[1].nodePort 30080 leads already to VIP 10.0.0.1/32 port 80 (LB_CFG_NODE_PORT_CLASH)',
  ],
  [
    'ip4SrcAddress: 10.0.0.9\nvips:\n  - {prefix: 10.0.0.1, port: 80, encap: nat4, nodePort: 30080}\n  - {prefix: 10.0.0.9, port: 30080, protocol: udp}',
    '3:57: vips[0].nodePort 30080 on the node address 10.0.0.9 leads already to VIP 10.0.0.9/32 udp port 30080 (LB_CFG_NODE_PORT_CLASH)',
  ],
  [
    "ip6SrcAddress: 2001:db8::9\nvips:\n  - {prefix: '2001:db8::1', port: 80, encap: nat6, nodePort: 30080}\n  - {prefix: '2001:db8::9'}",
    '3:62: vips[0].nodePort 30080 on the node address 2001:db8::9 leads already to VIP 2001:db8::9/128 (LB_CFG_NODE_PORT_CLASH)',
  ],
  [
    'interfaces: [{name: eth 0}]',
    "1:21: interfaces[0].name must be an interface name of 1 to 63 characters without spaces or #, got 'eth 0' (LB_CFG_INTERFACE)",
  ],
  [
    'interfaces: [{name: eth0, kind: xdp}]',
    "1:33: interfaces[0].kind must be one of af_xdp, af_packet, tap, got 'xdp' (LB_CFG_INTERFACE_KIND)",
  ],
  [
    'interfaces: [{name: eth0}, {name: eth0, kind: tap}]',
    "1:35: interfaces[1].name 'eth0' is listed already, as interfaces[0] (LB_CFG_INTERFACE_TWICE)",
  ],
  [
    'listeners: [{address: localhost:80}]',
    "1:23: listeners[0].address must be an address with a port from 1 to 65535, got 'localhost:80' (LB_CFG_LISTENER)",
  ],
  [
    "listeners: [{address: '::1:80'}]",
    "1:23: listeners[0].address must be an address with a port from 1 to 65535, got '::1:80'; write it as 127.0.0.1:8080 or [::1]:8080 (LB_CFG_LISTENER)",
  ],
  [
    'listeners: [{address: 127.0.0.1:65536}]',
    "1:23: listeners[0].address must be an address with a port from 1 to 65535, got '127.0.0.1:65536'; write it as 127.0.0.1:8080 or [::1]:8080 (LB_CFG_LISTENER)",
  ],
  [
    "listeners: [{address: '[::1]:80', tls: {cert: a.pem, key: ''}}]",
    "1:59: listeners[0].tls.key must be the path of a file, got '' (LB_CFG_LISTENER_FILE)",
  ],
  [
    "listeners: [{address: '[::1]:80'}, {address: '[0::1]:80'}]",
    "1:46: listeners[1].address '[::1]:80' is listed already, as listeners[0] (LB_CFG_LISTENER_TWICE)",
  ],
  [
    'listeners: [{address: 127.0.0.1:80}, {address: 0.0.0.0:80}]',
    "1:48: listeners[1].address '0.0.0.0:80' can be reached from other machines and needs tls; add tls with cert and key, or use a loopback address (LB_CFG_LISTENER_TLS)",
  ],
  [
    'listeners: [{address: 127.0.0.1:80, tls: true}]',
    '1:42: listeners[0].tls must be a mapping, got true (LB_CFG_SHAPE)',
  ],
  [
    'vips: [{prefix: 10.0.0.1, panic: 101}]',
    '1:34: vips[0].panic must be a whole number from 0 to 100, got 101 (LB_CFG_PANIC)',
  ],
  [
    'vips: [{prefix: 10.0.0.1, lastAs: keep_}]',
    "1:35: vips[0].lastAs must be drop or keep, got 'keep_'; did you mean 'keep'? (LB_CFG_LAST_AS)",
  ],
  [
    'vips: [{prefix: 10.0.0.1, ass: [{address: 192.0.2.1, state: drained}]}]',
    "1:61: vips[0].ass[0].state must be one of enabled, draining, disabled, got 'drained' (LB_CFG_AS_STATE)",
  ],
  [
    'vips: [{prefix: 10.0.0.1, ass: [{address: 192.0.2.1, state: draining, drainUntil: 2026-02-30T10:00:00Z}]}]',
    "1:83: vips[0].ass[0].drainUntil must be a date and time with its zone, like 2026-01-31T18:00:00Z, got '2026-02-30T10:00:00Z'; there is no such day (LB_CFG_TIME)",
  ],
  [
    'vips: [{prefix: 10.0.0.1, ass: [{address: 192.0.2.1, ramp: {from: 0, start: tomorrow, seconds: 5}}]}]',
    "1:77: vips[0].ass[0].ramp.start must be a date and time with its zone, like 2026-01-31T18:00:00Z, got 'tomorrow'; write it as 2026-01-31T18:00:00Z (LB_CFG_TIME)",
  ],
  [
    "vips: [{prefix: 10.0.0.1, ass: [{address: 192.0.2.1, drainUntil: '2026-02-01T10:00:00+02:00'}]}]",
    "1:66: vips[0].ass[0].drainUntil '2026-02-01T08:00:00.000Z' needs state draining, the state is enabled (LB_CFG_DRAIN_STATE)",
  ],
  [
    "vips: [{prefix: 10.0.0.1, ass: [{address: 192.0.2.1, ramp: {from: -1, start: '2026-02-01T10:00Z', seconds: 5}}]}]",
    '1:67: vips[0].ass[0].ramp.from must be a whole number from 0 to 100, got -1 (LB_CFG_RAMP_FROM)',
  ],
  [
    "vips: [{prefix: 10.0.0.1, ass: [{address: 192.0.2.1, ramp: {from: 1, start: '2026-02-01T10:00Z', seconds: 0.5}}]}]",
    '1:107: vips[0].ass[0].ramp.seconds must be a whole number from 1 to 86400, got 0.5 (LB_CFG_RAMP_SECONDS)',
  ],
  [
    "vips: [{prefix: 10.0.0.1, ass: [{address: 192.0.2.1, ramp: {start: '2026-02-01T10:00Z', seconds: 5}}]}]",
    '1:60: vips[0].ass[0].ramp.from is missing: it must be a whole number from 0 to 100 (LB_CFG_MISSING_KEY)',
  ],
  [
    'vips: [{prefix: 10.0.0.1, check: {}}]',
    '1:34: vips[0].check.type is missing: it must be one of tcp, http, https, udp, icmp (LB_CFG_MISSING_KEY)',
  ],
  ['vips: [{prefix: 10.0.0.1, check: icmp}]', "1:34: vips[0].check must be a mapping, got 'icmp' (LB_CFG_SHAPE)"],
  [
    'vips: [{prefix: 10.0.0.1, check: {type: icmp, intervall: 1}}]',
    "1:47: vips[0].check.intervall is not a known key; did you mean 'interval'? (LB_CFG_UNKNOWN_KEY)",
  ],
  [
    'vips: [{prefix: 10.0.0.1, check: {type: ping}}]',
    "1:41: vips[0].check.type must be one of tcp, http, https, udp, icmp, got 'ping' (LB_CFG_CHECK_TYPE)",
  ],
  [
    'vips: [{prefix: 10.0.0.1, check: {type: tcp, port: 0}}]',
    '1:52: vips[0].check.port must be a whole number from 1 to 65535, got 0 (LB_CFG_CHECK_PORT)',
  ],
  [
    'vips: [{prefix: 10.0.0.1, port: 80, check: {type: http, path: health}}]',
    "1:63: vips[0].check.path must be a path like /health of up to 1024 characters, without spaces or #, got 'health'; it begins with / (LB_CFG_CHECK_PATH)",
  ],
  [
    'vips: [{prefix: 10.0.0.1, port: 80, check: {type: http, path: /a b}}]',
    "1:63: vips[0].check.path must be a path like /health of up to 1024 characters, without spaces or #, got '/a b'; write other characters as %20 (LB_CFG_CHECK_PATH)",
  ],
  [
    "vips: [{prefix: 10.0.0.1, port: 80, check: {type: http, host: 'a:80'}}]",
    "1:63: vips[0].check.host must be a host name or an address, got 'a:80' (LB_CFG_CHECK_HOST)",
  ],
  [
    'vips: [{prefix: 10.0.0.1, port: 80, check: {type: http, status: 200}}]',
    "1:65: vips[0].check.status must be HTTP status codes and ranges from 100 to 599, like 200-299,404, got 200; write it in quotes: '200' (LB_CFG_CHECK_STATUS)",
  ],
  [
    'vips: [{prefix: 10.0.0.1, port: 80, check: {type: http, status: 299-200}}]',
    "1:65: vips[0].check.status must be HTTP status codes and ranges from 100 to 599, like 200-299,404, got '299-200'; the range ends before it begins (LB_CFG_CHECK_STATUS)",
  ],
  [
    'vips: [{prefix: 10.0.0.1, port: 80, check: {type: https, tlsVerify: no}}]',
    "1:69: vips[0].check.tlsVerify must be true or false, got 'no' (LB_CFG_CHECK_TLS_VERIFY)",
  ],
  [
    "vips: [{prefix: 10.0.0.1, port: 80, check: {type: tcp, send: 'a\\q'}}]",
    "1:62: vips[0].check.send must be 1 to 1024 bytes of text, with \\xNN for any byte, got 'a\\q'; write a backslash as \\\\, any byte as \\xNN (LB_CFG_CHECK_BYTES)",
  ],
  [
    "vips: [{prefix: 10.0.0.1, port: 80, check: {type: tcp, expect: ''}}]",
    "1:64: vips[0].check.expect must be 1 to 1024 bytes of text, with \\xNN for any byte, got '' (LB_CFG_CHECK_BYTES)",
  ],
  [
    'vips: [{prefix: 10.0.0.1, check: {type: icmp, via: tunnel}}]',
    "1:52: vips[0].check.via must be direct or encap, got 'tunnel' (LB_CFG_CHECK_VIA)",
  ],
  [
    'vips: [{prefix: 10.0.0.1, check: {type: icmp, interval: 0}}]',
    '1:57: vips[0].check.interval must be a number from 0.1 to 3600, got 0 (LB_CFG_CHECK_INTERVAL)',
  ],
  [
    'vips: [{prefix: 10.0.0.1, check: {type: icmp, timeout: .nan}}]',
    '1:56: vips[0].check.timeout must be a number from 0.05 to 60, got NaN (LB_CFG_CHECK_TIMEOUT)',
  ],
  [
    'vips: [{prefix: 10.0.0.1, check: {type: icmp, rise: 1.5}}]',
    '1:53: vips[0].check.rise must be a whole number from 1 to 100, got 1.5 (LB_CFG_CHECK_RISE)',
  ],
  [
    'vips: [{prefix: 10.0.0.1, check: {type: icmp, fall: 0}}]',
    '1:53: vips[0].check.fall must be a whole number from 1 to 100, got 0 (LB_CFG_CHECK_FALL)',
  ],
  [
    'vips: [{prefix: 10.0.0.1, check: {type: icmp, jitter: 0.6}}]',
    '1:55: vips[0].check.jitter must be a number from 0 to 0.5, got 0.6 (LB_CFG_CHECK_JITTER)',
  ],
  [
    'vips: [{prefix: 10.0.0.1, check: {type: icmp, port: 7}}]',
    '1:53: vips[0].check.port has no use in a check of type icmp; it is for tcp, http, https, udp (LB_CFG_CHECK_KEY)',
  ],
  [
    'vips: [{prefix: 10.0.0.1, port: 80, check: {type: http, tlsVerify: false}}]',
    '1:68: vips[0].check.tlsVerify has no use in a check of type http; it is for https (LB_CFG_CHECK_KEY)',
  ],
  [
    'vips: [{prefix: 10.0.0.1, check: {type: tcp}}]',
    '1:34: vips[0].check.port is missing: a tcp check needs one, and VIP 10.0.0.1/32 has none; name the port on the servers (LB_CFG_CHECK_PORT_MISSING)',
  ],
  [
    'vips: [{prefix: 10.0.0.1, port: 80, encap: nat4, check: {type: tcp, via: encap}}]',
    '1:74: vips[0].check.via encap needs encap gre4, gre6 or l3dsr, the encap is nat4; use direct (LB_CFG_CHECK_ENCAP)',
  ],
];

/** Command lines, then the problem of the last. */
const COMMANDS: [string, string][] = [
  ['lv vip 10.0.0.0/8', "1:1: expected one of lb, show, got 'lv' (LB_CFG_WORD)"],
  ['lb vpi 10.0.0.0/8', "1:4: expected one of vip, as, conf, set, flush, got 'vpi'; did you mean 'vip'? (LB_CFG_WORD)"],
  ['LB vip 10.0.0.0/8', "1:1: expected one of lb, show, got 'LB'; did you mean 'lb'? (LB_CFG_WORD)"],
  ['lb vi 10.0.0.0/8', "1:4: expected one of vip, as, conf, set, flush, got 'vi'; did you mean 'vip'? (LB_CFG_WORD)"],
  [
    'lb vip 10.0.0.0/8 ecnap gre4',
    "1:19: expected one of check, protocol, port, target_port, node_port, encap, dscp, type, new_len, src_ip_sticky, mss_clamp, last_as, panic, del, got 'ecnap'; did you mean 'encap'? (LB_CFG_WORD)",
  ],
  [
    'lb vip 10.0.0.0/8 target-port 80',
    "1:19: expected one of check, protocol, port, target_port, node_port, encap, dscp, type, new_len, src_ip_sticky, mss_clamp, last_as, panic, del, got 'target-port'; did you mean 'target_port'? (LB_CFG_WORD)",
  ],
  [
    'lb vip 10.0.0.0/8 192.0.2.1',
    "1:19: expected one of check, protocol, port, target_port, node_port, encap, dscp, type, new_len, src_ip_sticky, mss_clamp, last_as, panic, del, got '192.0.2.1' (LB_CFG_WORD)",
  ],
  [
    'lb as 10.0.0.0/8 192.0.2.1 wieght 3',
    "1:28: expected one of <address>, protocol, port, weight, over, enable, drain, deadline, disable, del, flush, got 'wieght'; did you mean 'weight'? (LB_CFG_WORD)",
  ],
  [
    'lb as 10.0.0.0/8 192.0.2.1 encap gre4',
    "1:28: expected one of <address>, protocol, port, weight, over, enable, drain, deadline, disable, del, flush, got 'encap' (LB_CFG_WORD)",
  ],
  [
    'lb conf bucket 1024',
    "1:9: expected one of no, ip4-src-address, ip6-src-address, ip4-src-range, ip6-src-range, buckets, timeout, tcp-timeout, tcp-opening-timeout, tcp-closing-timeout, udp-timeout, other-timeout, flow-hash, table, got 'bucket'; did you mean 'buckets'? (LB_CFG_WORD)",
  ],
  [
    'lb set interfaces nat4 in eth0',
    "1:8: expected one of interface, vip, got 'interfaces'; did you mean 'interface'? (LB_CFG_WORD)",
  ],
  [
    'lb set interface nat44 in eth0',
    "1:18: expected one of nat4, nat6, got 'nat44'; did you mean 'nat4'? (LB_CFG_WORD)",
  ],
  ['lb set interface nat4 on eth0', "1:23: expected 'in', got 'on' (LB_CFG_WORD)"],
  ['lb set interface nat4 in eth0 dell', "1:31: expected 'del', got 'dell'; did you mean 'del'? (LB_CFG_WORD)"],
  ['lb flush vips 10.0.0.0/8', "1:10: expected 'vip', got 'vips'; did you mean 'vip'? (LB_CFG_WORD)"],
  ['lb flush vip 10.0.0.0/8 del', "1:25: expected one of protocol, port, got 'del' (LB_CFG_WORD)"],
  ['show lb vipz', "1:9: expected one of vip, vips, got 'vipz'; did you mean 'vip'? (LB_CFG_WORD)"],
  ['show lb vip verbos', "1:13: expected 'verbose', got 'verbos'; did you mean 'verbose'? (LB_CFG_WORD)"],
  ['show lb vip verbose now', "1:21: expected the end of the line, got 'now' (LB_CFG_WORD)"],
  ['show node counter', "1:11: expected 'counters', got 'counter'; did you mean 'counters'? (LB_CFG_WORD)"],
  ['lb', "1:3: expected one of vip, as, conf, set, flush after 'lb', but the line ends (LB_CFG_WORD_MISSING)"],
  ['show', "1:5: expected one of lb, node after 'show', but the line ends (LB_CFG_WORD_MISSING)"],
  ['lb vip', "1:7: expected <prefix> after 'vip', but the line ends (LB_CFG_WORD_MISSING)"],
  ['lb vip   # 10.0.0.0/8', "1:7: expected <prefix> after 'vip', but the line ends (LB_CFG_WORD_MISSING)"],
  [
    'lb vip 10.0.0.0/8 port',
    "1:23: expected a whole number from 1 to 65535 after 'port', but the line ends (LB_CFG_WORD_MISSING)",
  ],
  [
    'lb vip 10.0.0.0/8 encap',
    "1:24: expected one of gre4, gre6, l3dsr, nat4, nat6 after 'encap', but the line ends (LB_CFG_WORD_MISSING)",
  ],
  ['lb as 10.0.0.0/8', '1:17: expected at least one <address>, but the line ends (LB_CFG_WORD_MISSING)'],
  ['lb as 10.0.0.0/8 weight 3 del', '1:30: expected at least one <address>, but the line ends (LB_CFG_WORD_MISSING)'],
  ['lb set interface nat4 in', "1:25: expected <interface> after 'in', but the line ends (LB_CFG_WORD_MISSING)"],
  [
    'lb conf timeout',
    "1:16: expected a whole number from 1 to 604800 after 'timeout', but the line ends (LB_CFG_WORD_MISSING)",
  ],
  ['lb vip 10.0.0.0/8 port 80 new_len 16 port 80', "1:38: 'port' is given twice (LB_CFG_WORD_TWICE)"],
  ['lb vip 10.0.0.0/8 del del', "1:23: 'del' is given twice (LB_CFG_WORD_TWICE)"],
  ['lb as 10.0.0.0/8 192.0.2.1 192.0.2.1', "1:28: AS '192.0.2.1' is given twice (LB_CFG_WORD_TWICE)"],
  [
    'lb conf ip4-src-address 2001:db8::1',
    "1:25: ip4-src-address must be an IPv4 address, got '2001:db8::1'; this is an IPv6 address (LB_CFG_SRC_ADDRESS)",
  ],
  [
    'lb conf ip6-src-address 192.0.2.1',
    "1:25: ip6-src-address must be an IPv6 address, got '192.0.2.1'; this is an IPv4 address (LB_CFG_SRC_ADDRESS)",
  ],
  ['lb conf buckets 1023', "1:17: buckets must be a power of two from 1 to 16777216, got '1023' (LB_CFG_BUCKETS)"],
  [
    'lb conf tcp-closing-timeout 1.5',
    "1:29: tcp-closing-timeout must be a whole number from 1 to 604800, got '1.5' (LB_CFG_TIMEOUT)",
  ],
  [
    'lb conf tcp-opening-timeout 30\nlb conf timeout 20',
    '1:29: tcp-opening-timeout is 30, but must be at most 20, as open TCP connections are kept for so long without packets (LB_CFG_TIMEOUT_ORDER)',
  ],
  ['lb conf timeout 604801', "1:17: timeout must be a whole number from 1 to 604800, got '604801' (LB_CFG_TIMEOUT)"],
  [
    'lb set interface nat4 in an-interface-name-that-goes-on-and-on-for-sixty-four-characters-x',
    "1:26: interface must be an interface name of 1 to 63 characters without spaces or #, got 'an-interface-name-that-goes-on-and-on-for-sixty-four-char...' (LB_CFG_INTERFACE)",
  ],
  [
    'lb vip 10.0.0.0/8/8',
    "1:8: prefix must be an IPv4 prefix (length 0 to 32) or an IPv6 prefix (length 0 to 128), got '10.0.0.0/8/8' (LB_CFG_PREFIX)",
  ],
  ['lb vip 10.0.0.0/8 port 80 protocol sctp', "1:36: protocol must be tcp or udp, got 'sctp' (LB_CFG_PROTOCOL)"],
  ['lb vip 10.0.0.0/8 port 0', "1:24: port must be a whole number from 1 to 65535, got '0' (LB_CFG_PORT)"],
  ['lb vip 10.0.0.0/8 port 080', "1:24: port must be a whole number from 1 to 65535, got '080' (LB_CFG_PORT)"],
  ['lb vip 10.0.0.0/8 port 8e1', "1:24: port must be a whole number from 1 to 65535, got '8e1' (LB_CFG_PORT)"],
  ['lb vip 10.0.0.0/8 port -1', "1:24: port must be a whole number from 1 to 65535, got '-1' (LB_CFG_PORT)"],
  [
    'lb vip 10.0.0.0/8 port 99999999999999999999',
    "1:24: port must be a whole number from 1 to 65535, got '99999999999999999999' (LB_CFG_PORT)",
  ],
  [
    'lb vip 10.0.0.0/8 encap nat4 port 80 target_port 65536',
    "1:50: target_port must be a whole number from 1 to 65535, got '65536' (LB_CFG_TARGET_PORT)",
  ],
  [
    'lb vip 10.0.0.0/8 encap nat4 port 80 node_port 0',
    "1:48: node_port must be a whole number from 1 to 65535, got '0' (LB_CFG_NODE_PORT)",
  ],
  [
    'lb vip 10.0.0.0/8 encap GRE4',
    "1:25: encap must be one of gre4, gre6, l3dsr, nat4, nat6, got 'GRE4'; did you mean 'gre4'? (LB_CFG_ENCAP)",
  ],
  ['lb vip 10.0.0.0/8 encap l3dsr dscp 64', "1:36: dscp must be a whole number from 0 to 63, got '64' (LB_CFG_DSCP)"],
  [
    'lb vip 10.0.0.0/8 type cluster',
    "1:24: type must be clusterip or nodeport, got 'cluster'; did you mean 'clusterip'? (LB_CFG_VIP_TYPE)",
  ],
  ['lb vip 10.0.0.0/8 new_len 0', "1:27: new_len must be a power of two from 1 to 16777216, got '0' (LB_CFG_NEW_LEN)"],
  [
    'lb vip 10.0.0.0/8 new_len 33554432',
    "1:27: new_len must be a power of two from 1 to 16777216, got '33554432' (LB_CFG_NEW_LEN)",
  ],
  [
    'lb vip 10.0.0.0/8\nlb as 10.0.0.0/8 10.1',
    "2:18: address must be a unicast IPv4 or IPv6 address, got '10.1'; write all four numbers in decimal, without leading zeros (LB_CFG_AS_ADDRESS)",
  ],
  [
    'lb vip 10.0.0.0/8\nlb as 10.0.0.0/8 0.0.0.0',
    "2:18: address must be a unicast IPv4 or IPv6 address, got '0.0.0.0'; this is the unspecified address (LB_CFG_AS_ADDRESS)",
  ],
  [
    'lb vip 10.0.0.0/8\nlb as 10.0.0.0/8 192.0.2.1 weight 101',
    "2:35: weight must be a whole number from 0 to 100, got '101' (LB_CFG_WEIGHT)",
  ],
  [
    'lb vip 2001:db8::/32 port 80 encap nat4',
    '1:36: encap nat4 needs an IPv4 VIP, 2001:db8::/32 is IPv6; use nat6: addresses are not translated across families (LB_CFG_NAT_FAMILY)',
  ],
  [
    'lb vip 10.0.0.0/8 encap nat6 port 80',
    '1:25: encap nat6 needs an IPv6 VIP, 10.0.0.0/8 is IPv4; use nat4: addresses are not translated across families (LB_CFG_NAT_FAMILY)',
  ],
  [
    'lb vip 10.0.0.0/8 encap nat4',
    '1:25: encap nat4 needs a port: an all-port VIP cannot be translated; add the port that clients use (LB_CFG_NAT_PORT)',
  ],
  [
    'lb vip 2001:db8::/32 encap l3dsr dscp 3',
    '1:28: encap l3dsr needs an IPv4 VIP, 2001:db8::/32 is IPv6; use gre4 or gre6 (LB_CFG_L3DSR_FAMILY)',
  ],
  ['lb vip 10.0.0.0/8 dscp 3', '1:24: dscp 3 needs encap l3dsr, the encap is gre4 (LB_CFG_DSCP_ENCAP)'],
  [
    'lb vip 10.0.0.0/8 encap gre4 port 80 target_port 80',
    '1:50: target_port 80 needs encap nat4 or nat6, the encap is gre4; gre4 leaves the port as it is (LB_CFG_TARGET_PORT_ENCAP)',
  ],
  [
    'lb vip 10.0.0.0/8 encap gre4 port 80 node_port 80',
    '1:48: node_port 80 needs encap nat4 or nat6, the encap is gre4 (LB_CFG_NODE_PORT_ENCAP)',
  ],
  [
    'lb vip 10.0.0.0/8 encap nat4 port 80 type nodeport',
    '1:43: type nodeport needs a node port, and the VIP has none (LB_CFG_NODE_PORT_MISSING)',
  ],
  [
    'lb vip 10.0.0.0/8\nlb as 10.0.0.0/8 192.0.2.1 2001:db8::1',
    "2:28: AS '2001:db8::1' must be an IPv4 address: encap gre4 sends to IPv4 (LB_CFG_AS_FAMILY)",
  ],
  [
    'lb vip 10.0.0.1\nlb as 10.0.0.1 192.0.2.1 10.0.0.1',
    "2:26: AS '10.0.0.1' is the VIP itself: packets would come back to the balancer for ever; give the server's own address (LB_CFG_AS_IS_VIP)",
  ],
  [
    'lb set vip 10.0.0.0/8 new_len 64',
    '1:12: VIP 10.0.0.0/8 does not exist; there is no VIP at all (LB_CFG_VIP_MISSING)',
  ],
  [
    'lb vip 10.0.0.0/8\nlb set vip 10.0.0.0/8',
    '2:22: expected a setting that changes, but the line ends (LB_CFG_WORD_MISSING)',
  ],
  ['lb set vip 10.0.0.0/8 dscp 3 no dscp', "1:33: 'dscp' is given twice (LB_CFG_WORD_TWICE)"],
  ['lb set vip 10.0.0.0/8 no check check icmp', "1:32: 'check' is given twice (LB_CFG_WORD_TWICE)"],
  [
    'lb set vip 10.0.0.0/8 no port',
    "1:26: expected one of target_port, node_port, encap, dscp, type, new_len, src_ip_sticky, mss_clamp, last_as, panic, check, got 'port' (LB_CFG_WORD)",
  ],
  [
    'lb vip 10.0.0.0/8 encap l3dsr dscp 3\nlb set vip 10.0.0.0/8 encap gre4',
    '2:1: dscp 3 needs encap l3dsr, the encap is gre4 (LB_CFG_DSCP_ENCAP)',
  ],
  [
    'lb vip 10.0.0.0/8\nlb as 10.0.0.0/8 192.0.2.1\nlb set vip 10.0.0.0/8 encap gre6',
    "3:1: AS '192.0.2.1' must be an IPv6 address: encap gre6 sends to IPv6 (LB_CFG_AS_FAMILY)",
  ],
  [
    'lb vip 10.0.0.1 port 80 node_port 30080 encap nat4\nlb vip 10.0.0.2 port 80 encap nat4\nlb set vip 10.0.0.2 port 80 node_port 30080',
    '3:39: node_port 30080 leads already to VIP 10.0.0.1/32 port 80 (LB_CFG_NODE_PORT_CLASH)',
  ],
  [
    'lb conf timeout 60 tcp-opening-timeout 50\nlb conf no timeout',
    '1:40: tcp-opening-timeout is 50, but must be at most 40, as open TCP connections are kept for so long without packets (LB_CFG_TIMEOUT_ORDER)',
  ],
  [
    'lb vip 10.0.0.0/8\nlb as 10.0.0.0/8 192.0.2.1\nlb as 10.0.0.0/8 192.0.2.1 192.0.2.2 del',
    "3:28: AS '192.0.2.2' is not an AS of VIP 10.0.0.0/8; its ASs are 192.0.2.1 (LB_CFG_AS_MISSING)",
  ],
  [
    'lb vip 10.0.0.0/8\nlb as 10.0.0.0/8 192.0.2.2 del',
    "2:18: AS '192.0.2.2' is not an AS of VIP 10.0.0.0/8; it has none (LB_CFG_AS_MISSING)",
  ],
  [
    'lb vip 10.0.0.0/8\nlb vip 10.0.0.0/8 encap gre6',
    "2:8: VIP 10.0.0.0/8 exists already; change it with 'lb set vip', or remove it first, with 'del' (LB_CFG_VIP_EXISTS)",
  ],
  ['lb vip 10.0.0.0/8 del', '1:8: VIP 10.0.0.0/8 does not exist; there is no VIP at all (LB_CFG_VIP_MISSING)'],
  [
    'lb vip 10.0.0.0/8\nlb vip 10.1.0.0/16\nlb as 10.2.0.0/16 192.0.2.1',
    '3:7: VIP 10.2.0.0/16 does not exist; the VIPs are 10.0.0.0/8, 10.1.0.0/16 (LB_CFG_VIP_MISSING)',
  ],
  [
    'lb vip 10.0.0.0/8 port 80\nlb vip 10.0.0.0/8 port 443 protocol tcp\nlb as 10.0.0.0/8 192.0.2.1',
    '3:7: VIP 10.0.0.0/8 does not exist; name the port; its VIPs are 10.0.0.0/8 port 80, 10.0.0.0/8 tcp port 443 (LB_CFG_VIP_MISSING)',
  ],
  [
    'lb vip 10.0.0.0/8 port 443 protocol tcp\nlb as 10.0.0.0/8 port 443 192.0.2.1',
    '2:7: VIP 10.0.0.0/8 port 443 does not exist; its VIPs are 10.0.0.0/8 tcp port 443 (LB_CFG_VIP_MISSING)',
  ],
  [
    'lb vip 10.0.0.0/8\nlb as 10.0.0.0/8 port 80 192.0.2.1',
    '2:7: VIP 10.0.0.0/8 port 80 does not exist; 10.0.0.0/8 is an all-port VIP: leave the port out (LB_CFG_VIP_MISSING)',
  ],
  ['lb flush vip 10.0.0.0/8', '1:14: VIP 10.0.0.0/8 does not exist; there is no VIP at all (LB_CFG_VIP_MISSING)'],
  [
    'lb vip 10.0.0.1 port 80\nlb vip 10.0.0.1 port 80 protocol udp',
    '2:22: port 80 is served already by VIP 10.0.0.1/32 port 80; a port without protocol is for both TCP and UDP: name tcp or udp on each (LB_CFG_PORT_OVERLAP)',
  ],
  [
    'lb vip 10.0.0.1 port 80\nlb vip 10.0.0.1',
    '2:8: VIP 10.0.0.1/32 without a port cannot stand beside VIP 10.0.0.1/32 port 80; a prefix has either one all-port VIP or VIPs with ports (LB_CFG_ALL_PORT_MIX)',
  ],
  [
    'lb vip 10.0.0.1\nlb vip 10.0.0.1 port 80',
    '2:22: port 80 cannot stand beside the all-port VIP 10.0.0.1/32; a prefix has either one all-port VIP or VIPs with ports (LB_CFG_ALL_PORT_MIX)',
  ],
  [
    'lb vip 10.0.0.1 port 80 encap nat4 node_port 30080\nlb vip 10.0.0.2 port 81 encap nat4 node_port 30080',
    '2:46: node_port 30080 leads already to VIP 10.0.0.1/32 port 80 (LB_CFG_NODE_PORT_CLASH)',
  ],
  [
    'lb vip 10.0.0.1 port 80 encap nat4 node_port 30080\nlb vip 10.0.0.9\nlb conf ip4-src-address 10.0.0.9',
    '1:46: node_port 30080 on the node address 10.0.0.9 leads already to VIP 10.0.0.9/32 (LB_CFG_NODE_PORT_CLASH)',
  ],
  [
    'lb set interface nat4 in eth0\nlb set interface nat4 in eth0',
    "2:26: interface 'eth0' takes nat4 return traffic already (LB_CFG_INTERFACE_EXISTS)",
  ],
  [
    'lb set interface nat4 in eth0\nlb set interface nat6 in eth0 del',
    "2:26: interface 'eth0' takes no nat6 return traffic (LB_CFG_INTERFACE_MISSING)",
  ],
  ['lb as 10.0.0.0/8 192.0.2.1 drain enable', "1:34: 'enable' cannot stand beside 'drain' (LB_CFG_WORD_CLASH)"],
  [
    'lb as 10.0.0.0/8 192.0.2.1 disable weight 5 drain',
    "1:45: 'drain' cannot stand beside 'disable' (LB_CFG_WORD_CLASH)",
  ],
  [
    'lb as 10.0.0.0/8 192.0.2.1 over 60',
    "1:33: 'over' needs the weight that is to be reached; as in 'weight 100 over 60' (LB_CFG_WORD_NEEDS)",
  ],
  [
    'lb as 10.0.0.0/8 192.0.2.1 deadline 60 disable',
    "1:37: 'deadline' needs 'drain': it ends the flows that are left then (LB_CFG_WORD_NEEDS)",
  ],
  [
    'lb as 10.0.0.0/8 192.0.2.1 drain deadline 604801',
    "1:43: deadline must be a whole number from 0 to 604800, got '604801' (LB_CFG_DEADLINE)",
  ],
  [
    'lb as 10.0.0.0/8 192.0.2.1 weight 5 over 0',
    "1:42: over must be a whole number from 1 to 86400, got '0' (LB_CFG_RAMP_SECONDS)",
  ],
  ['lb vip 10.0.0.0/8 panic 200', "1:25: panic must be a whole number from 0 to 100, got '200' (LB_CFG_PANIC)"],
  ['lb vip 10.0.0.0/8 last_as hold', "1:27: last_as must be drop or keep, got 'hold' (LB_CFG_LAST_AS)"],
  [
    'lb vip 10.0.0.0/8 check',
    "1:24: expected one of tcp, http, https, udp, icmp after 'check', but the line ends (LB_CFG_WORD_MISSING)",
  ],
  [
    'lb vip 10.0.0.0/8 check htpp',
    "1:25: check must be one of tcp, http, https, udp, icmp, got 'htpp'; did you mean 'http'? (LB_CFG_CHECK_TYPE)",
  ],
  ['lb vip 10.0.0.0/8 check icmp check icmp', "1:30: 'check' is given twice (LB_CFG_WORD_TWICE)"],
  ['lb vip 10.0.0.0/8 check tcp port 1 port 2', "1:36: 'port' is given twice (LB_CFG_WORD_TWICE)"],
  [
    'lb vip 10.0.0.0/8 check icmp interval 1e3',
    "1:39: interval must be a number from 0.1 to 3600, got '1e3' (LB_CFG_CHECK_INTERVAL)",
  ],
  [
    'lb vip 10.0.0.1 port 443 check https tls_verify on',
    "1:49: tls_verify must be true or false, got 'on' (LB_CFG_CHECK_TLS_VERIFY)",
  ],
  [
    'lb vip 10.0.0.0/8 check tcp',
    '1:19: check port is missing: a tcp check needs one, and VIP 10.0.0.0/8 has none; name the port on the servers (LB_CFG_CHECK_PORT_MISSING)',
  ],
  [
    'lb vip 10.0.0.0/8 check tcp port 80 path /',
    '1:42: check path has no use in a check of type tcp; it is for http, https (LB_CFG_CHECK_KEY)',
  ],
];

/** Names of VIPs in URLs and options. */
const VIP_IDS: [string, string][] = [
  [
    '10.0.0.1,tcp',
    "VIP must be <prefix> or <prefix>,<protocol>,<port>, got '10.0.0.1,tcp'; as in 90.1.2.1/32,tcp,80 (LB_CFG_VIP_ID)",
  ],
  [
    '10.0.0.1,tcp,80,',
    "VIP must be <prefix> or <prefix>,<protocol>,<port>, got '10.0.0.1,tcp,80,'; as in 90.1.2.1/32,tcp,80 (LB_CFG_VIP_ID)",
  ],
  [
    '10.0.0',
    "prefix must be an IPv4 prefix (length 0 to 32) or an IPv6 prefix (length 0 to 128), got '10.0.0'; write all four numbers in decimal, without leading zeros (LB_CFG_PREFIX)",
  ],
  ['10.0.0.1,TCP,80', "protocol must be one of tcp, udp, any, got 'TCP' (LB_CFG_PROTOCOL)"],
  ['10.0.0.1,udp,080', "port must be a whole number from 1 to 65535, got '080' (LB_CFG_PORT)"],
  ['10.0.0.1,any,65536', "port must be a whole number from 1 to 65535, got '65536' (LB_CFG_PORT)"],
];

describe('documents', () => {
  test.each(DOCUMENTS)('%j', (text, expected) => {
    expect(refused(() => parseYamlConfig(text))).toEqual([expected]);
  });
});

describe('command lines', () => {
  test.each(COMMANDS)('%j', (text, expected) => {
    expect(refused(() => applyCommands(emptyConfig(), parseCommands(text)))).toEqual([expected]);
  });
});

describe('names of VIPs', () => {
  test.each(VIP_IDS)('%j', (text, expected) => {
    expect(refused(() => parseVipId(text))).toEqual([expected]);
  });
});

test('a message is one line of printable text, whatever it is about', () => {
  const escapeKey = String.fromCharCode(27);
  const key = 'k'.repeat(100);
  const document = `"a\\nb${key}": 1\ntimeout: "1\\n${key}"\nvips: [{prefix: "x\\e[2J", ass: ["\\u2028"]}]`;
  const texts = [
    ...refused(() => parseYamlConfig(document)),
    ...refused(() => parseCommands(`lb ${escapeKey}[2J`)),
    ...refused(() => parseCommands(`lb vip 10.0.0.0/8 port \0${key}`)),
  ];
  expect(texts).toHaveLength(6);
  for (const text of texts) {
    expect(text).toMatch(/^\P{C}+$/u);
    expect(text.length).toBeLessThan(400);
  }
});

test('every code but those of files has a case', () => {
  const used = [...DOCUMENTS, ...COMMANDS, ...VIP_IDS].map(([, expected]) => /\((LB_CFG_\w+)\)$/.exec(expected)?.[1]);
  const known = Object.keys(CONFIG_ERRORS).filter((code) => !code.startsWith('LB_CFG_FILE_'));
  expect([...new Set(used)].sort()).toEqual(known.sort());
});
