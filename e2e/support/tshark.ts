import { run } from './run.js';

/** One IP header of a frame, the outermost first. */
export interface IpHeader {
  readonly version: 4 | 6;
  readonly src: string;
  readonly dst: string;
  /** TTL or hop limit. */
  readonly ttl: number;
  readonly dscp: number;
  readonly ecn: number;
  /** Length of header and payload as the header says. */
  readonly lengthBytes: number;
  /** Set for a fragment: `<id>/<protocol or next header>`, the same for all of a datagram. */
  readonly datagram: string | undefined;
}

/** One frame as tshark sees it. */
export interface Frame {
  readonly number: number;
  /** Dissectors from the outside in, such as `eth:ethertype:ip:gre:ip:tcp:http`. */
  readonly protocols: readonly string[];
  /** Ethernet addresses and VLAN ids, which offline forwarding leaves alone. */
  readonly link: string;
  readonly ip: readonly IpHeader[];
  /** Ports of the innermost TCP or UDP header. */
  readonly ports: { readonly protocol: 'tcp' | 'udp'; readonly src: number; readonly dst: number } | undefined;
  readonly icmp: { readonly version: 4 | 6; readonly type: number } | undefined;
  /** What identifies the payload however the headers changed: TCP sequence and acknowledgement numbers and payload lengths. */
  readonly payload: string;
  /** Bad checksums, malformed parts and everything else that tshark holds to be an error. */
  readonly problems: readonly string[];
}

const fields = [
  'frame.number',
  'frame.protocols',
  'eth.src',
  'eth.dst',
  'ieee8021ad.id',
  'vlan.id',
  'ip.src',
  'ip.dst',
  'ip.ttl',
  'ip.dsfield.dscp',
  'ip.dsfield.ecn',
  'ip.len',
  'ip.id',
  'ip.proto',
  'ip.flags.mf',
  'ip.frag_offset',
  'ipv6.src',
  'ipv6.dst',
  'ipv6.hlim',
  'ipv6.tclass.dscp',
  'ipv6.tclass.ecn',
  'ipv6.plen',
  'ipv6.fraghdr.ident',
  'ipv6.fraghdr.nxt',
  'tcp.srcport',
  'tcp.dstport',
  'tcp.seq_raw',
  'tcp.ack_raw',
  'tcp.len',
  'udp.srcport',
  'udp.dstport',
  'udp.length',
  'icmp.type',
  'icmpv6.type',
  'ip.checksum.status',
  'tcp.checksum.status',
  'udp.checksum.status',
  'icmp.checksum.status',
  'icmpv6.checksum.status',
  '_ws.malformed',
  '_ws.expert.severity',
  '_ws.expert.message',
] as const;
type Field = (typeof fields)[number];
type Row = Record<Field, string[]>;

/** Between the occurrences of a field; no message holds it. */
const separator = '\u001f';

const preferences = [
  'ip.check_checksum:TRUE',
  'tcp.check_checksum:TRUE',
  'udp.check_checksum:TRUE',
  // Streams are the programs' business: a retransmission is no error of the balancer's.
  'tcp.desegment_tcp_streams:FALSE',
  'tcp.analyze_sequence_numbers:FALSE',
];

/** Decodes a capture with every checksum verified, those of fragmented datagrams once they are whole. */
export async function decode(path: string): Promise<Frame[]> {
  const { status, stdout, stderr } = await run('tshark', [
    ...['-n', '-r', path, '-T', 'fields', '-E', 'occurrence=a', '-E', `aggregator=${separator}`],
    ...preferences.flatMap((preference) => ['-o', preference]),
    ...fields.flatMap((field) => ['-e', field]),
  ]);
  if (status !== 0) throw new Error(`tshark can't read ${path}: ${stderr}`);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => frame(row(line)));
}

function row(line: string): Row {
  const values = line.split('\t');
  const entries = fields.map((field, index) => [field, (values[index] ?? '').split(separator).filter(Boolean)]);
  return Object.fromEntries(entries) as Row;
}

function frame(row: Row): Frame {
  const protocols = (row['frame.protocols'][0] ?? '').split(':');
  const ip = ipHeaders(row, protocols);
  return {
    number: Number(row['frame.number'][0]),
    protocols,
    link: [...row['eth.src'], ...row['eth.dst'], ...row['ieee8021ad.id'], ...row['vlan.id']].join(' '),
    ip,
    ports: ports(row),
    icmp: icmp(row),
    payload: ['tcp.seq_raw', 'tcp.ack_raw', 'tcp.len', 'udp.length'].map((name) => row[name as Field].join()).join('/'),
    problems: problems(row, ip),
  };
}

function ipHeaders(row: Row, protocols: readonly string[]): IpHeader[] {
  let v4 = 0;
  let v6 = 0;
  return protocols.flatMap((protocol) => {
    if (protocol === 'ip') return [ip4Header(row, v4++)];
    if (protocol === 'ipv6') return [ip6Header(row, v6++)];
    return [];
  });
}

function ip4Header(row: Row, index: number): IpHeader {
  const fragment = row['ip.flags.mf'][index] === '1' || Number(row['ip.frag_offset'][index]) > 0;
  return {
    version: 4,
    src: row['ip.src'][index]!,
    dst: row['ip.dst'][index]!,
    ttl: Number(row['ip.ttl'][index]),
    dscp: Number(row['ip.dsfield.dscp'][index]),
    ecn: Number(row['ip.dsfield.ecn'][index]),
    lengthBytes: Number(row['ip.len'][index]),
    datagram: fragment ? `${row['ip.id'][index]}/${row['ip.proto'][index]}` : undefined,
  };
}

/** The fragment header, where there is one, belongs to the last IPv6 header: nothing fragments a tunnel here. */
function ip6Header(row: Row, index: number): IpHeader {
  const last = index === row['ipv6.src'].length - 1;
  const identity = last ? row['ipv6.fraghdr.ident'][0] : undefined;
  return {
    version: 6,
    src: row['ipv6.src'][index]!,
    dst: row['ipv6.dst'][index]!,
    ttl: Number(row['ipv6.hlim'][index]),
    dscp: Number(row['ipv6.tclass.dscp'][index]),
    ecn: Number(row['ipv6.tclass.ecn'][index]),
    lengthBytes: 40 + Number(row['ipv6.plen'][index]),
    datagram: identity === undefined ? undefined : `${identity}/${row['ipv6.fraghdr.nxt'][0]}`,
  };
}

function ports(row: Row): Frame['ports'] {
  for (const protocol of ['tcp', 'udp'] as const) {
    const src = row[`${protocol}.srcport`].at(-1);
    const dst = row[`${protocol}.dstport`].at(-1);
    if (src !== undefined && dst !== undefined) return { protocol, src: Number(src), dst: Number(dst) };
  }
  return undefined;
}

function icmp(row: Row): Frame['icmp'] {
  if (row['icmp.type'][0] !== undefined) return { version: 4, type: Number(row['icmp.type'][0]) };
  if (row['icmpv6.type'][0] !== undefined) return { version: 6, type: Number(row['icmpv6.type'][0]) };
  return undefined;
}

/** Whether the message is an error, which quotes the packet that it is about. */
export function isIcmpError(message: Frame['icmp']): boolean {
  if (message === undefined) return false;
  return message.version === 4 ? [3, 4, 5, 11, 12].includes(message.type) : message.type <= 4;
}

/** tshark's figures for `Bad` and for `Error`. */
const badChecksum = '0';
const severityError = 0x800000;

function problems(row: Row, ip: readonly IpHeader[]): string[] {
  // tshark sums up what an ICMP error quotes even where the quote ends early; such a sum says nothing.
  const quoteCut = isIcmpError(icmp(row)) && isCut(ip.at(-2)!, ip.at(-1)!);
  const layers = ['ip', 'icmp', 'icmpv6', ...(quoteCut ? [] : ['tcp', 'udp'])];
  const bad = layers
    .filter((layer) => row[`${layer}.checksum.status` as Field].includes(badChecksum))
    .map((layer) => `bad ${layer} checksum`);
  const errors = row['_ws.expert.message'].filter(
    (message, index) =>
      Number(row['_ws.expert.severity'][index]) >= severityError && !message.startsWith('Bad checksum'),
  );
  return [...bad, ...errors, ...row['_ws.malformed']];
}

/** Whether the packet quoted by an ICMP error is longer than what the error has room for behind its own 8 bytes. */
function isCut(error: IpHeader, quoted: IpHeader): boolean {
  return quoted.lengthBytes > error.lengthBytes - (error.version === 4 ? 20 : 40) - 8;
}
