import { networkError } from './errors.js';

/** One entry of `ip -j` output, nothing about it taken for granted. */
export type IpEntry = Readonly<Record<string, unknown>>;

/**
 * Reads the output of an `ip -j … show` command.
 * @throws LbError LB_NET_IP_OUTPUT
 */
export function parseIpJson(text: string): readonly IpEntry[] {
  // Older versions print nothing for an empty table.
  if (text.trim() === '') return [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Reported below.
  }
  if (Array.isArray(value)) return value.filter(isEntry);
  const start = JSON.stringify(text.slice(0, 60));
  const hint = 'iproute2 5.3 or newer is needed; the `ip` of BusyBox will not do';
  throw networkError('LB_NET_IP_OUTPUT', `ip printed ${start} where a JSON list was expected`, hint);
}

function isEntry(value: unknown): value is IpEntry {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function textOf(entry: IpEntry, key: string): string | undefined {
  const value = entry[key];
  return typeof value === 'string' ? value : undefined;
}

export function numberOf(entry: IpEntry, key: string): number | undefined {
  const value = entry[key];
  return typeof value === 'number' ? value : undefined;
}

export function textsOf(entry: IpEntry, key: string): readonly string[] {
  const value = entry[key];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

export function entriesOf(entry: IpEntry, key: string): readonly IpEntry[] {
  const value = entry[key];
  return Array.isArray(value) ? value.filter(isEntry) : [];
}

export function entryOf(entry: IpEntry, key: string): IpEntry | undefined {
  const value = entry[key];
  return isEntry(value) ? value : undefined;
}
