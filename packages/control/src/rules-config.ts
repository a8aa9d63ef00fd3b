import { below, type Finding, finding } from './finding.js';
import { checkVip } from './rules-vip.js';
import type { Config, NatKind, VipConfig } from './schema.js';
import { VipIndex } from './vip-index.js';
import { describeVip, familyOf } from './vip-ref.js';

/** Everything wrong with a configuration whose shape and values are right, in document order. */
export function checkConfig(config: Config): Finding[] {
  const index = new VipIndex();
  const found = [...checkInterfaces(config, 'nat4'), ...checkInterfaces(config, 'nat6')];
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

function checkInterfaces(config: Config, kind: NatKind): Finding[] {
  const names = config.natInterfaces[kind];
  return names.flatMap((name, i) => {
    if (names.indexOf(name) === i) return [];
    return [finding('LB_CFG_INTERFACE_EXISTS', ['natInterfaces', kind, i], `'${name}' is listed already`)];
  });
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
