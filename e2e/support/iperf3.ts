import type { Namespace } from './namespace.js';

/** What came of a stream of UDP datagrams. */
export interface UdpStream {
  readonly sent: number;
  readonly received: number;
  readonly lost: number;
}

/** A second of UDP at 4 Mbit/s, which the receiver's buffer holds for a third of a second, to an iperf3 server, in datagrams of so many bytes; counted where they arrive. */
export async function streamUdp(ns: Namespace, host: string, port: number, datagramBytes = 1000): Promise<UdpStream> {
  const words = [
    '--udp',
    '--bandwidth',
    '4M',
    '--window',
    '400K',
    '--time',
    '1',
    '--length',
    `${datagramBytes}`,
    '--json',
  ];
  const stdout = await ns.must('iperf3', '--client', host, '--port', `${port}`, ...words);
  const { sum } = (JSON.parse(stdout) as { end: { sum?: { packets: number; lost_packets: number } } }).end;
  if (sum === undefined) throw new Error(`iperf3 to ${host} counted nothing: ${stdout}`);
  return { sent: sum.packets, received: sum.packets - sum.lost_packets, lost: sum.lost_packets };
}
