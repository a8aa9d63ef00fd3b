import type { Namespace } from './namespace.js';

/** One end of a veth pair. */
export interface Device {
  readonly ns: Namespace;
  readonly name: string;
  readonly mac?: string;
  /** Receive and transmit queues. */
  readonly queues?: number;
}

/** Makes a veth pair between two namespaces and switches both ends on. */
export async function link(one: Device, other: Device): Promise<void> {
  await one.ns.ip(`link add ${end(one)} type veth peer name ${end(other)} netns ${other.ns.name}`);
  for (const { ns, name } of [one, other]) {
    await offloadsOff(ns, [name]);
    await ns.ip(`link set ${name} up`);
  }
}

/** Without offloads every checksum is the one that would be on a wire, and no frame exceeds the MTU. */
export async function offloadsOff(ns: Namespace, names: readonly string[]): Promise<void> {
  const features = ['tx', 'rx', 'sg', 'tso', 'gso', 'gro', 'txvlan', 'rxvlan'];
  for (const name of names) await ns.must('ethtool', '-K', name, ...features.flatMap((feature) => [feature, 'off']));
}

function end({ name, mac, queues }: Device): string {
  const words = [name];
  if (mac !== undefined) words.push(`address ${mac}`);
  if (queues !== undefined) words.push(`numrxqueues ${queues} numtxqueues ${queues}`);
  return words.join(' ');
}
