import type { LbError } from '@lb/core';
import { captureError } from './errors.js';

/** LINKTYPE_ETHERNET, the only link type whose packets the engine can forward. */
export const LINK_TYPE_ETHERNET = 1;

/** Link types people meet, by number (the registry is https://www.tcpdump.org/linktypes.html). */
export const LINK_TYPE_NAMES: Readonly<Record<number, string>> = {
  0: 'BSD loopback',
  1: 'Ethernet',
  6: 'token ring',
  9: 'PPP',
  10: 'FDDI',
  12: 'raw IP',
  14: 'raw IP',
  50: 'PPP in HDLC framing',
  51: 'PPPoE session',
  101: 'raw IP',
  104: 'Cisco HDLC',
  105: 'IEEE 802.11',
  107: 'frame relay',
  108: 'OpenBSD loopback',
  113: 'Linux cooked capture v1',
  119: 'IEEE 802.11 with Prism header',
  127: 'IEEE 802.11 with radiotap header',
  129: 'ARCnet',
  187: 'Bluetooth HCI',
  189: 'Linux USB',
  192: 'per-packet information',
  195: 'IEEE 802.15.4',
  220: 'Linux USB, memory mapped',
  227: 'CAN bus',
  228: 'raw IPv4',
  229: 'raw IPv6',
  239: 'Linux netfilter log',
  247: 'InfiniBand',
  249: 'Windows USB',
  252: 'Wireshark upper protocol',
  253: 'Linux netlink',
  274: 'Ethernet mPacket',
  276: 'Linux cooked capture v2',
  287: 'DOCSIS with MAC header',
};

const COOKED = new Set([113, 276]);
const RAW_IP = new Set([12, 14, 101, 228, 229]);

/** `Ethernet (1)`, `raw IP (101)`, … or `unknown (n)`. */
export function linkTypeName(linkType: number): string {
  return `${LINK_TYPE_NAMES[linkType] ?? 'unknown'} (${linkType})`;
}

/**
 * The error for a packet that was not recorded on Ethernet; readers hand out every link type, so the consumer throws it.
 *
 * @param where names the file and the packet, for instance `in.pcap: record 3`.
 */
export function linkTypeError(where: string, linkType: number): LbError {
  let hint = 'Record on an Ethernet interface.';
  if (COOKED.has(linkType)) hint = 'Record on one Ethernet interface (tcpdump -i eth0) rather than on all (-i any).';
  if (RAW_IP.has(linkType)) hint = 'Tunnel interfaces have no Ethernet header: record on the Ethernet interface below.';
  return captureError(
    'LB_CAP_LINK_TYPE',
    `${where}: link type is ${linkTypeName(linkType)}; only ${linkTypeName(LINK_TYPE_ETHERNET)} is accepted`,
    hint,
  );
}
