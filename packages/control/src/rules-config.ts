import type { ConfigErrorCode } from './errors.js';
import { below, type Finding, finding, type Path } from './finding.js';
import { checkVip } from './rules-vip.js';
import type { Config, ListenerConfig, NatKind, VipConfig } from './schema.js';
import { checkTimeouts } from './timeouts.js';
import { VipIndex } from './vip-index.js';
import { describeVip, familyOf } from './vip-ref.js';

/** Everything wrong with a configuration whose shape and values are right, in document order. */
export function checkConfig(config: Config): Finding[] {
  const index = new VipIndex();
  const found = [
    ...checkTimeouts(config),
    ...checkTwice(
      'LB_CFG_INTERFACE_TWICE',
      ['interfaces'],
      'name',
      config.interfaces.map(({ name }) => name),
    ),
    ...checkListeners(config.listeners),
    ...checkNatInterfaces(config, 'nat4'),
    ...checkNatInterfaces(config, 'nat6'),
  ];
  config.vips.forEach((vip, i) => {
    const ofVip = [...checkVip(vip), ...index.checkAgainst(vip)];
    found.push(...ofVip.map((item) => below(['vips', i], item)));
    if (index.get(vip) === undefined) index.set(vip);
  });
  config.vips.forEach((vip, i) => {
    found.push(...checkNodeAddress(config, index, vip).map((item) => below(['vips', i], item)));
  });
  return found;
}

/** Findings for items whose name an earlier one has. */
function checkTwice(code: ConfigErrorCode, path: Path, key: string | undefined, names: readonly string[]): Finding[] {
  const firstAt = new Map<string, number>();
  return names.flatMap((name, i) => {
    const first = firstAt.get(name);
    if (first === undefined) {
      firstAt.set(name, i);
      return [];
    }
    const says = `'${name}' is listed already, as ${path.at(-1)}[${first}]`;
    return [finding(code, [...path, i, ...(key === undefined ? [] : [key])], says)];
  });
}

function checkListeners(listeners: readonly ListenerConfig[]): Finding[] {
  const open = listeners.flatMap(({ address, tls }, i) => {
    if (tls !== undefined || isLoopback(address)) return [];
    const says = `'${address}' can be reached from other machines and needs tls`;
    return [
      finding(
        'LB_CFG_LISTENER_TLS',
        ['listeners', i, 'address'],
        says,
        'add tls with cert and key, or use a loopback address',
      ),
    ];
  });
  const addresses = listeners.map(({ address }) => address);
  return [...checkTwice('LB_CFG_LISTENER_TWICE', ['listeners'], 'address', addresses), ...open];
}

/** Of a canonical address with a port. */
function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address.startsWith('[::1]:');
}

function checkNatInterfaces(config: Config, kind: NatKind): Finding[] {
  return checkTwice('LB_CFG_INTERFACE_EXISTS', ['natInterfaces', kind], undefined, config.natInterfaces[kind]);
}

/** A node port on an address that is itself a VIP with that port would lead to two services. */
function checkNodeAddress(config: Config, index: VipIndex, vip: VipConfig): Finding[] {
  if (vip.nodePort === undefined) return [];
  const node = familyOf(vip.prefix) === 4 ? config.ip4SrcAddress : config.ip6SrcAddress;
  if (node === undefined) return [];
  const host = `${node}/${familyOf(node) === 4 ? 32 : 128}`;
  const { protocol, nodePort: port } = vip;
  const other = index.serving({ prefix: host, port, ...(protocol === undefined ? {} : { protocol }) });
  if (other === undefined || other === vip) return [];
  const says = `${vip.nodePort} on the node address ${node} leads already to VIP ${describeVip(other)}`;
  return [finding('LB_CFG_NODE_PORT_CLASH', ['nodePort'], says)];
}
