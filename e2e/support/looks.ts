import { type Frame, type IpHeader, isIcmpError } from './tshark.js';
import { asAddresses, l3dsrDscp, nodeAddress, targetPorts, type VipType } from './vip-types.js';

/** What a forwarded frame looks like; the headers of its way to the server apart from what the client sent. */
export interface Looks {
  link: string;
  outer: string;
  headers: string[];
  ports: string;
  payload: string;
}

/** How the recorded frame has to look when it is forwarded; `AS` stands for whichever server it went to. */
export function expectedLooks(frame: Frame, type: VipType): Looks {
  const { link, payload } = frame;
  const [received, ...quoted] = frame.ip;
  const node = nodeAddress[type.as];
  if (type.method === 'gre') {
    const outer = `${type.as}: ${node} > AS ttl 128 dscp 0 ecn 0`;
    return { link, outer, headers: frame.ip.map(describeHeader), ports: portsOf(frame), payload };
  }
  const sent = { ...received!, dst: 'AS', ttl: received!.ttl - 1 };
  if (type.method === 'l3dsr') {
    const headers = [{ ...sent, dscp: l3dsrDscp }, ...quoted].map(describeHeader);
    return { link, outer: '', headers, ports: portsOf(frame), payload };
  }
  const headers = [sent, ...quoted.map((header) => ({ ...header, src: 'AS' }))].map(describeHeader);
  return { link, outer: '', headers, ports: portsOf(frame, targetPorts), payload };
}

/** How the forwarded frame does look, with the name `AS` for the address that it was sent to. */
export function actualLooks(frame: Frame, before: Frame, type: VipType): Looks {
  const { link, payload } = frame;
  const as = frame.ip[0]!.dst;
  if (!(asAddresses[type.as] as readonly string[]).includes(as)) throw new Error(`frame ${frame.number} went to ${as}`);
  const name = (text: string) => text.replaceAll(` ${as} `, ' AS ');
  if (type.method === 'gre') {
    const { version, src, dst, ttl, dscp, ecn, lengthBytes } = frame.ip[0]!;
    const overhead = (version === 4 ? 20 : 40) + 4;
    if (lengthBytes !== before.ip[0]!.lengthBytes + overhead) throw new Error(`frame ${frame.number}: outer length`);
    const outer = name(`${version}: ${src} > ${dst} ttl ${ttl} dscp ${dscp} ecn ${ecn}`);
    return { link, outer, headers: frame.ip.slice(1).map(describeHeader), ports: portsOf(frame), payload };
  }
  return { link, outer: '', headers: frame.ip.map(describeHeader).map(name), ports: portsOf(frame), payload };
}

function describeHeader({ version, src, dst, ttl, dscp, ecn, lengthBytes, datagram = 'whole' }: IpHeader): string {
  return `${version}: ${src} > ${dst} ttl ${ttl} dscp ${dscp} ecn ${ecn} ${lengthBytes} bytes, ${datagram}`;
}

/** The ports, with the service's translated; in the packet that an ICMP error quotes the service is the source. */
function portsOf({ ports, icmp }: Frame, translation?: ReadonlyMap<number, number>): string {
  if (ports === undefined) return 'none';
  const { protocol, src, dst } = ports;
  const translated = (port: number) => translation?.get(port) ?? port;
  return isIcmpError(icmp) ? `${protocol} ${translated(src)} > ${dst}` : `${protocol} ${src} > ${translated(dst)}`;
}
