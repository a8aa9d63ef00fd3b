import type { Namespace } from './namespace.js';
import { until } from './until.js';

const table = 'inet arrivals';
const udpHeaderBytes = 8;
const datagrams = 150;

export interface UdpStreamOptions {
  readonly from: Namespace;
  /** Where the iperf3 server runs. */
  readonly to: Namespace;
  /** What the client is told. */
  readonly host: string;
  readonly port: number;
  readonly datagramBytes?: number;
}

/**
 * 150 datagrams at 4 Mbit/s to an iperf3 server. Returns how many datagrams were sent once the server's kernel has had each of
 * them, whole and once; an error if it has not.
 *
 * iperf3's own count is of no use for that: it knows nothing of what is lost after the last datagram that arrived, and on a busy
 * machine the server reads too late for its socket's buffer.
 */
export async function streamUdp(options: UdpStreamOptions): Promise<number> {
  const { from, to, host, port, datagramBytes = 1000 } = options;
  await to.must('nft', countArrivals(port, datagramBytes));
  try {
    const words = [
      '--udp',
      '--bandwidth',
      '4M',
      '--blockcount',
      `${datagrams}`,
      '--length',
      `${datagramBytes}`,
      '--json',
    ];
    const stdout = await from.must('iperf3', '--client', host, '--port', `${port}`, ...words);
    const { sum } = (JSON.parse(stdout) as { end: { sum?: { packets: number } } }).end;
    if (sum === undefined) throw new Error(`iperf3 to ${host} counted nothing: ${stdout}`);
    await until(`each of ${sum.packets} datagrams has arrived once`, async () => {
      const [, arrived] = /packets (\d+)/.exec(await to.must('nft', 'list', 'counters', 'table', table)) ?? [];
      if (Number(arrived) !== sum.packets) throw new Error(`${arrived} of ${sum.packets} datagrams arrived`);
      return true;
    });
    return sum.packets;
  } finally {
    await to.must('nft', 'delete', 'table', table);
  }
}

/** Rules that count datagrams of this length on their way to a socket. Connection tracking puts fragments together before they do. */
function countArrivals(port: number, datagramBytes: number): string {
  return [
    `table ${table} {`,
    '  counter whole {}',
    '  chain before { type filter hook prerouting priority raw; ct state new accept; }',
    '  chain arrived {',
    '    type filter hook input priority filter;',
    `    udp dport ${port} udp length ${udpHeaderBytes + datagramBytes} counter name whole`,
    '  }',
    '}',
  ].join('\n');
}
