import { entriesOf, entryOf, type IpEntry, numberOf, parseIpJson, textOf, textsOf } from './ip-json.js';
import type { KernelHop, KernelRoute } from './snapshot.js';

const EVERYWHERE = { 4: '0.0.0.0/0', 6: '::/0' } as const;
const PREFERENCES = ['high', 'medium', 'low'];

/** iproute2 prints the far end of an IP tunnel under the same key as the destination, behind it. */
const TUNNEL_DST = /("encap":"ip6?"[^{}]*?)"dst":/g;

/** Reads routes from the output of `ip -j -4 route show table main`, or of the same with -6. */
export function readRoutes(text: string, family: 4 | 6): readonly KernelRoute[] {
  return parseIpJson(text.replace(TUNNEL_DST, '$1"tunnel_dst":')).flatMap((entry) => readRoute(entry, family));
}

function readRoute(entry: IpEntry, family: 4 | 6): KernelRoute[] {
  const destination = textOf(entry, 'dst');
  if (destination === undefined || isForSomePacketsOnly(entry)) return [];
  const preference = PREFERENCES.indexOf(textOf(entry, 'pref') ?? 'medium');
  return [
    {
      prefix: destination === 'default' ? EVERYWHERE[family] : destination,
      type: textOf(entry, 'type') ?? 'unicast',
      metric: numberOf(entry, 'metric') ?? 0,
      preference: preference < 0 ? 1 : preference,
      hops: readHops(entry),
    },
  ];
}

/** Routes for one type of service or one source; a tunnel has a `tos` of its own, which selects nothing. */
function isForSomePacketsOnly(entry: IpEntry): boolean {
  return entry.from !== undefined || (entry.tos !== undefined && entry.encap === undefined);
}

function readHops(entry: IpEntry): readonly KernelHop[] {
  const several = entriesOf(entry, 'nexthops');
  const mtu = entriesOf(entry, 'metrics')
    .map((metrics) => numberOf(metrics, 'mtu'))
    .find((value) => value !== undefined);
  return (several.length === 0 ? [entry] : several).flatMap((hop) => readHop(hop, mtu));
}

function readHop(entry: IpEntry, mtu: number | undefined): KernelHop[] {
  const device = textOf(entry, 'dev');
  if (device === undefined) return [];
  // `via` is a gateway of the other family.
  const via = entryOf(entry, 'via');
  const gateway = textOf(entry, 'gateway') ?? (via && textOf(via, 'host'));
  const flags = textsOf(entry, 'flags');
  const noCarrier = flags.includes('linkdown') && !flags.includes('dead');
  return [
    {
      device,
      ...(gateway === undefined ? {} : { gateway }),
      dead: flags.includes('dead') || flags.includes('linkdown'),
      ...(noCarrier ? { noCarrier } : {}),
      kernelOnly: entry.encap !== undefined || (entry.via !== undefined && gateway === undefined),
      ...(mtu === undefined ? {} : { mtu }),
    },
  ];
}
