import { type FrameHeader, frameHeaders } from './frame-headers.js';

/** Who a packet is from and to: `198.51.100.1:1234 > 90.1.2.1:80/tcp`; of one that is no IP packet its EtherType. */
export function packetText(frame: Uint8Array): string {
  const headers = frameHeaders(frame);
  const at = headers.findIndex(({ name }) => name === 'IPv4' || name === 'IPv6');
  const ip = headers[at];
  if (ip === undefined) return etherText(headers);
  const inner = headers.slice(at + 1).find(({ name }) => name !== 'extension');
  const protocol = protocolText(ip, headers.slice(at + 1, headers.indexOf(inner!)), inner);
  const [from, to] = ['source', 'destination'].map((side) => {
    const port = inner && fieldOf(inner, `${side} port`);
    const address = fieldOf(ip, side)!;
    if (port === undefined) return address;
    return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  });
  return `${from} > ${to}/${protocol}`;
}

function protocolText(ip: FrameHeader, extensions: readonly FrameHeader[], inner: FrameHeader | undefined): string {
  const isFragment = [ip, ...extensions].some((header) => Number(fieldOf(header, 'fragment offset') ?? 0) > 0);
  if (isFragment) return 'fragment';
  if (inner === undefined || inner.name === 'data') {
    const last = extensions.at(-1) ?? ip;
    return `protocol ${fieldOf(last, 'protocol') ?? fieldOf(last, 'next header')}`;
  }
  const flags = inner.name === 'TCP' ? ` ${fieldOf(inner, 'flags')}` : '';
  return `${inner.name.toLowerCase()}${flags}`;
}

const ETHER_TYPES: Readonly<Record<string, string>> = {
  '0x0806': 'ARP',
  '0x88cc': 'LLDP',
  '0x0800': 'IPv4',
  '0x86dd': 'IPv6',
};

function etherText(headers: readonly FrameHeader[]): string {
  const type = headers.map((header) => fieldOf(header, 'type')).findLast((value) => value !== undefined);
  if (type === undefined) return 'cut short within Ethernet';
  const name = ETHER_TYPES[type] ?? `EtherType ${type}`;
  return name.startsWith('IPv') ? `${name}, cut short` : name;
}

function fieldOf({ fields }: FrameHeader, name: string): string | undefined {
  return fields.find((field) => field.name === name)?.value;
}
