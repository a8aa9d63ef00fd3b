import { entriesOf, type IpEntry, numberOf, parseIpJson, textOf, textsOf } from './ip-json.js';
import type { Link } from './snapshot.js';

/** Reads links and their addresses from the output of `ip -j address show`. */
export function readLinks(text: string): readonly Link[] {
  return parseIpJson(text).flatMap(readLink);
}

function readLink(entry: IpEntry): Link[] {
  const name = textOf(entry, 'ifname');
  const index = numberOf(entry, 'ifindex');
  const mtu = numberOf(entry, 'mtu');
  if (name === undefined || index === undefined || mtu === undefined) return [];
  const flags = textsOf(entry, 'flags');
  const mac = textOf(entry, 'address');
  const addresses = entriesOf(entry, 'addr_info').flatMap((info) => {
    const local = textOf(info, 'local');
    const length = numberOf(info, 'prefixlen');
    return local === undefined || length === undefined ? [] : [`${local}/${length}`];
  });
  const link: Link = {
    index,
    name,
    altNames: textsOf(entry, 'altnames'),
    enabled: flags.includes('UP'),
    up: flags.includes('UP') && flags.includes('LOWER_UP'),
    loopback: flags.includes('LOOPBACK'),
    mtu,
    addresses,
  };
  return [textOf(entry, 'link_type') === 'ether' && mac !== undefined ? { ...link, mac } : link];
}
