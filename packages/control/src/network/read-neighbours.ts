import { type IpEntry, parseIpJson, textOf, textsOf } from './ip-json.js';
import type { KernelNeighbour } from './snapshot.js';

/** Reads neighbours from the output of `ip -j neigh show nud all`. */
export function readNeighbours(text: string): readonly KernelNeighbour[] {
  const found = parseIpJson(text).flatMap(readNeighbour);
  // The kernel tells them in the order of a hash table, which changes as it grows.
  return found
    .map((entry) => ({ entry, key: `${entry.device} ${entry.address}` }))
    .sort(byKey)
    .map(({ entry }) => entry);
}

function readNeighbour(entry: IpEntry): KernelNeighbour[] {
  const address = textOf(entry, 'dst');
  const device = textOf(entry, 'dev');
  if (address === undefined || device === undefined) return [];
  const mac = textOf(entry, 'lladdr');
  const state = textsOf(entry, 'state')[0] ?? 'NONE';
  return [{ address, device, ...(mac === undefined ? {} : { mac }), state }];
}

function byKey(a: { readonly key: string }, b: { readonly key: string }): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}
