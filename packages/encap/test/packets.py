"""Packets for the golden files, put together by scapy from fields; nothing here updates a checksum incrementally."""

from collections import namedtuple

from scapy.layers.inet import (
    ICMP,
    IP,
    TCP,
    UDP,
    IPOption_NOP,
    IPOption_Router_Alert,
    IPOption_Timestamp,
    in4_chksum,
)
from scapy.layers.inet6 import (
    ICMPv6EchoRequest,
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    PadN,
    RouterAlert,
    in6_chksum,
)
from scapy.layers.sctp import SCTP, SCTPChunkData
from scapy.packet import Raw

# `l4` is relative to the IP header; 0: this packet has no transport header.
Packet = namedtuple("Packet", "family data l4 protocol ports")

NUMBERS = {"tcp": 6, "udp": 17, "udp-zero": 17, "icmp": 1, "dccp": 33, "sctp": 132, "udplite": 136}
KINDS = [
    "tcp",
    "udp",
    "udp-zero",
    "icmp",
    "dccp",
    "udplite",
    "sctp",
    "tcp-first",
    "tcp-later",
    "udp-first",
    "udp-later",
    "udp-zero-first",
]
PAYLOAD = bytes(range(1, 72))
FIRST_FRAGMENT_BYTES = 48


def payload_of(kind, sport, dport):
    """Transport header and payload as a scapy layer; UDP-Lite and DCCP are still without a checksum."""
    ports = sport.to_bytes(2, "big") + dport.to_bytes(2, "big")
    if kind == "tcp":
        return TCP(sport=sport, dport=dport, seq=0x01020304, ack=0xA1A2A3A4, flags="PA", window=501) / Raw(PAYLOAD)
    if kind == "udp":
        return UDP(sport=sport, dport=dport) / Raw(PAYLOAD)
    if kind == "udp-zero":
        return UDP(sport=sport, dport=dport, chksum=0) / Raw(PAYLOAD)
    if kind == "sctp":
        return SCTP(sport=sport, dport=dport, tag=0xCAFE) / SCTPChunkData(tsn=1, data=b"data")
    if kind == "dccp":  # data packet, 16-byte generic header (X = 1), checksum over everything
        return Raw(ports + bytes([4, 0, 0, 0, 0x05, 0, 0, 0, 0, 0, 0, 9]) + PAYLOAD)
    if kind == "udplite":  # coverage 0: the whole packet
        return Raw(ports + bytes(4) + PAYLOAD)
    raise ValueError(kind)


def transport_bytes(family, kind, src, dst, sport, dport):
    number = 58 if (family, kind) == (6, "icmp") else NUMBERS[kind]
    if family == 4:
        ip = IP(src=src, dst=dst, proto=number)
        layer = ICMP(id=0x77, seq=3) / Raw(PAYLOAD) if kind == "icmp" else payload_of(kind, sport, dport)
    else:
        ip = IPv6(src=src, dst=dst, nh=number)
        layer = ICMPv6EchoRequest(id=0x77, seq=3, data=PAYLOAD) if kind == "icmp" else payload_of(kind, sport, dport)
    data = bytes(ip / layer)[20 if family == 4 else 40 :]
    if kind in ("dccp", "udplite"):
        checksum = in4_chksum(number, ip, data) if family == 4 else in6_chksum(number, ip, data)
        data = data[:6] + checksum.to_bytes(2, "big") + data[8:]
    return number, data


def build(family, kind, src, dst, sport=40000, dport=80, ttl=63, tos=0x2D, extra=False):
    """One IP packet. `extra`: with IPv4 options, or IPv6 hop-by-hop and destination options."""
    base = kind.removesuffix("-first").removesuffix("-later")
    number, data = transport_bytes(family, base, src, dst, sport, dport)
    first, more = 0, 0
    if kind.endswith("-first"):
        data, more = data[:FIRST_FRAGMENT_BYTES], 1
    elif kind.endswith("-later"):
        data, first = data[FIRST_FRAGMENT_BYTES:], FIRST_FRAGMENT_BYTES // 8
    header = header4 if family == 4 else header6
    packet = header(src, dst, ttl, tos, number, first, more, kind != base, data, extra)
    has_l4 = first == 0
    ports = has_l4 and base in ("tcp", "udp", "udp-zero", "dccp", "udplite")
    return Packet(family, packet, len(packet) - len(data) if has_l4 else 0, number, ports)


def header4(src, dst, ttl, tos, number, first, more, fragment, data, extra):
    options = [IPOption_NOP(), IPOption_Router_Alert(), IPOption_Timestamp(length=8, flg=0)] if extra else []
    flags = "MF" if more else (0 if fragment else "DF")
    ip = IP(src=src, dst=dst, ttl=ttl, tos=tos, id=0x1234, flags=flags, frag=first, proto=number, options=options)
    return bytes(ip / Raw(data))


def header6(src, dst, ttl, tos, number, first, more, fragment, data, extra):
    numbers = ([0] if extra else []) + ([44] if fragment else []) + ([60] if extra else []) + [number]
    packet = IPv6(src=src, dst=dst, hlim=ttl, tc=tos, fl=0x12345, nh=numbers.pop(0))
    if extra:
        packet /= IPv6ExtHdrHopByHop(nh=numbers.pop(0), options=[RouterAlert(), PadN(optdata=b"")])
    # The destination options belong to the fragmentable part: 8 bytes of the first fragment's.
    if fragment:
        offset = first + 1 if first and extra else first
        packet /= IPv6ExtHdrFragment(nh=numbers.pop(0), offset=offset, m=more, id=0xABCDEF)
    if extra and not first:
        packet /= IPv6ExtHdrDestOpt(nh=numbers.pop(0), options=[PadN(optdata=bytes(4))])
    return bytes(packet / Raw(data))
