import type { FlowView } from '@lb/control/client';

/** The flow in the form that searches take: `198.51.100.1:1234 > 90.1.2.1:80/tcp`; what is not known is `?`. */
export function flowText(
  flow: Pick<FlowView, 'client' | 'clientPort' | 'destination' | 'destinationPort' | 'protocol'>,
): string {
  const { client, clientPort, destination, destinationPort, protocol } = flow;
  const from = endpoint(client, clientPort, protocol);
  return `${from} > ${endpoint(destination, destinationPort, protocol)}/${protocol ?? '?'}`;
}

/** Whether all of the flow is known, so that it can be searched and explained. */
export function isKnownFlow({ client, destination, protocol }: FlowView): boolean {
  return client !== null && destination !== null && protocol !== null;
}

function endpoint(address: string | null, port: number | null, protocol: string | null): string {
  if (protocol?.startsWith('icmp')) return address ?? '?';
  const host = address?.includes(':') ? `[${address}]` : (address ?? '?');
  return `${host}:${port ?? '?'}`;
}
