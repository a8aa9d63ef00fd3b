import { type Frame, isIcmpError } from './tshark.js';
import type { VipType } from './vip-types.js';

/**
 * The servers to which the frames of each flow went, ICMP errors about it included, and the fragments of each datagram: one
 * each if all is well.
 */
export function serversOfFlows(frames: readonly Frame[], type: VipType): Map<string, Set<string>> {
  const servers = new Map<string, Set<string>>();
  for (const frame of frames) {
    const [client, clientPort] = clientOf(frame, type);
    const inner = type.method === 'gre' ? frame.ip[1]! : frame.ip[0]!;
    const keys = [inner.datagram && `datagram ${inner.datagram}`, clientPort && `flow ${client} ${clientPort}`];
    for (const key of keys) {
      if (key) servers.set(key, (servers.get(key) ?? new Set()).add(frame.ip[0]!.dst));
    }
  }
  return servers;
}

function clientOf({ ip, ports, icmp }: Frame, type: VipType): [address: string, port: string | undefined] {
  const error = isIcmpError(icmp);
  const address = error ? ip.at(-1)!.dst : ip[type.method === 'gre' ? 1 : 0]!.src;
  const port = error ? ports?.dst : ports?.src;
  return [address, ports && `${ports.protocol} ${port}`];
}
