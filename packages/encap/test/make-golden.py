"""Writes golden/*.json, the bytes that the encap tests expect, with scapy as the independent implementation.

    /usr/bin/python3 packages/encap/test/make-golden.py

Run with Debian's python3-scapy 2.5.0. Output is the same on every run.
"""

import ipaddress
import json
import pathlib

import scapy
from packets import KINDS, build
from scapy.layers.inet import (
    ICMP,
    IP,
    TCP,
    UDP,
    IPOption_LSRR,
    IPOption_NOP,
    IPOption_RR,
    IPOption_Router_Alert,
    fragment,
)
from scapy.layers.inet6 import (
    ICMPv6DestUnreach,
    ICMPv6EchoReply,
    ICMPv6EchoRequest,
    ICMPv6PacketTooBig,
    ICMPv6TimeExceeded,
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrHopByHop,
    PadN,
    RouterAlert,
)
from scapy.layers.l2 import GRE, Dot1AD, Dot1Q, Ether
from scapy.packet import Raw

GOLDEN = pathlib.Path(__file__).parent / "golden"
CLIENT = {4: "198.51.100.23", 6: "2001:db8:c::23"}
VIP = {4: "90.1.2.1", 6: "2004::5"}
AS = {4: "10.0.0.7", 6: "2001:db8:a::7"}
ROUTER = {4: "203.0.113.254", 6: "2001:db8:ff::fe"}
NODE = {4: "192.0.2.10", 6: "2001:db8:1::10"}
VPORT, TARGET, CPORT = 3306, 3307, 51515


def raw_address(text):
    return ipaddress.ip_address(text).packed.hex()


def write(name, cases):
    document = {"origin": f"scapy {scapy.__version__}, packages/encap/test/make-golden.py", "cases": cases}
    (GOLDEN / f"{name}.json").write_text(json.dumps(document, indent=2) + "\n")


def every_kind(family):
    for extra in (False, True):
        for kind in KINDS:
            yield f"ip{family} {kind}{' with options' if extra else ''}", kind, extra


def gre_cases():
    cases = []
    for family in (4, 6):
        for i, (name, kind, extra) in enumerate(every_kind(family)):
            inner = build(family, kind, CLIENT[family], VIP[family], CPORT, VPORT, extra=extra).data
            ether_type = 0x800 if family == 4 else 0x86DD
            for outer_family in (4, 6):
                src, dst = NODE[outer_family], AS[outer_family]
                if outer_family == 4:
                    outer = IP(src=src, dst=dst, tos=0, id=0, flags=0, ttl=128, proto=47)
                else:
                    outer = IPv6(src=src, dst=dst, tc=0, fl=0, hlim=128, nh=47)
                packet = bytes(outer / GRE(proto=ether_type) / Raw(inner))
                tags = i % 3
                cases.append(
                    {
                        "name": f"{name} in gre{outer_family}, {tags} tags",
                        "innerFamily": family,
                        "outerFamily": outer_family,
                        "ethernetBytes": 14 + 4 * tags,
                        "src": raw_address(src),
                        "dst": raw_address(dst),
                        "input": (ethernet(tags, ether_type) + inner).hex(),
                        "expected": (ethernet(tags, 0x800 if outer_family == 4 else 0x86DD) + packet).hex(),
                    }
                )
    return cases


def ethernet(tags, ether_type):
    frame = Ether(dst="02:00:00:00:00:01", src="02:00:00:00:00:02", type=[ether_type, 0x8100, 0x88A8][tags])
    if tags == 2:
        frame /= Dot1AD(vlan=77, prio=5, type=0x8100)
    if tags >= 1:
        frame /= Dot1Q(vlan=1234, prio=3, type=ether_type)
    return bytes(frame)


def gre_parse_cases():
    cases = []
    variants = {
        "plain": {},
        "checksum": {"chksum_present": 1},
        "key": {"key_present": 1, "key": 0xC0FFEE},
        "sequence": {"seqnum_present": 1, "sequence_number": 9},
        "checksum, key and sequence": {
            "chksum_present": 1,
            "key_present": 1,
            "key": 7,
            "seqnum_present": 1,
            "sequence_number": 10,
        },
    }
    outers = {
        "ip4": IP(src=NODE[4], dst=AS[4], proto=47),
        "ip4 options": IP(src=NODE[4], dst=AS[4], proto=47, options=[IPOption_Router_Alert()]),
        "ip6": IPv6(src=NODE[6], dst=AS[6], nh=47),
        "ip6 extensions": IPv6(src=NODE[6], dst=AS[6])
        / IPv6ExtHdrHopByHop(options=[RouterAlert(), PadN(optdata=b"")])
        / IPv6ExtHdrDestOpt(nh=47, options=[PadN(optdata=bytes(4))]),
    }
    for outer_name, outer in outers.items():
        for name, fields in variants.items():
            for family in (4, 6):
                inner = build(family, "udp", CLIENT[family], VIP[family], CPORT, VPORT).data
                packet = bytes(outer / GRE(proto=0x800 if family == 4 else 0x86DD, **fields) / Raw(inner))
                cases.append(
                    {
                        "name": f"{outer_name}, {name}, ip{family} inside",
                        "innerFamily": family,
                        "innerOffset": len(packet) - len(inner),
                        "input": packet.hex(),
                    }
                )
    return cases


def l3dsr_cases():
    cases = []
    for i, (name, kind, extra) in enumerate(every_kind(4)):
        ecn, dscp = i % 4, (2, 63, 0, 17)[(i // 4) % 4]
        before = build(4, kind, CLIENT[4], VIP[4], CPORT, VPORT, ttl=64, tos=0xA8 | ecn, extra=extra)
        after = build(4, kind, CLIENT[4], AS[4], CPORT, VPORT, ttl=63, tos=(dscp << 2) | ecn, extra=extra)
        cases.append(packet_case(f"{name}, dscp {dscp}, ecn {ecn}", before, after, dst=raw_address(AS[4]), dscp=dscp))
    return cases


def nat_cases():
    cases = []
    for family in (4, 6):
        for name, kind, extra in every_kind(family):
            has_ports = build(family, kind, CLIENT[family], VIP[family], extra=extra).ports
            target, vport = (TARGET, VPORT) if has_ports else (VPORT, TARGET)
            before = build(family, kind, CLIENT[family], VIP[family], CPORT, VPORT, ttl=64, extra=extra)
            after = build(family, kind, CLIENT[family], AS[family], CPORT, target, ttl=63, extra=extra)
            port = TARGET if has_ports else -1
            cases.append(packet_case(f"{name} in", before, after, side=1, addr=raw_address(AS[family]), port=port))
            before = build(family, kind, AS[family], CLIENT[family], TARGET, CPORT, ttl=64, extra=extra)
            after = build(family, kind, VIP[family], CLIENT[family], vport, CPORT, ttl=63, extra=extra)
            port = VPORT if has_ports else -1
            cases.append(packet_case(f"{name} out", before, after, side=0, addr=raw_address(VIP[family]), port=port))
    return cases


def packet_case(name, before, after, **parameters):
    return {
        "name": name,
        "family": before.family,
        "l4": before.l4,
        "protocol": before.protocol,
        **parameters,
        "input": before.data.hex(),
        "expected": after.data.hex(),
    }


def icmp_nat_cases():
    cases = []
    for family in (4, 6):
        for name, kind, extra in every_kind(family):
            for cut in (False, True):
                for direction in ("towards the server", "from the server", "from behind the server"):
                    cases.append(icmp_nat_case(family, name, kind, extra, cut, direction))
    return cases


def icmp_nat_case(family, name, kind, extra, cut, direction):
    client, vip, server, router = CLIENT[family], VIP[family], AS[family], ROUTER[family]
    inwards = direction == "towards the server"
    has_ports = build(family, kind, client, vip, extra=extra).ports
    vport, target = (VPORT, TARGET) if has_ports else (VPORT, VPORT)
    if inwards:
        old = build(family, kind, vip, client, vport, CPORT, ttl=9, extra=extra)
        new = build(family, kind, server, client, target, CPORT, ttl=9, extra=extra)
        outer_old, outer_new = (router, vip), (router, server)
    else:
        old = build(family, kind, client, server, CPORT, target, ttl=9, extra=extra)
        new = build(family, kind, client, vip, CPORT, vport, ttl=9, extra=extra)
        leaves = direction == "from behind the server"
        outer_old, outer_new = (router if leaves else server, client), (router if leaves else vip, client)
    # 8 bytes of the transport header (RFC 792), or 28 of a fragment's payload.
    keep = len(old.data) if not cut else old.l4 + 8 if old.l4 else len(old.data) - 3
    before, icmp = icmp_error(family, kind, *outer_old, old.data[:keep])
    after, _ = icmp_error(family, kind, *outer_new, new.data[:keep])
    embedded = icmp + 8
    return {
        "name": f"{name}{', cut' if cut else ''}, {direction}",
        "family": family,
        "icmp": icmp,
        "side": 1 if inwards else 0,
        "rewriteOuter": direction != "from behind the server",
        "addr": raw_address(server if inwards else vip),
        "embeddedAddr": raw_address(server if inwards else vip),
        "embeddedPort": (target if inwards else vport) if has_ports else -1,
        "embeddedIp": embedded,
        "embeddedL4": embedded + old.l4 if old.l4 else 0,
        "embeddedProtocol": old.protocol,
        "input": before.hex(),
        "expected": after.hex(),
    }


def icmp_error(family, kind, src, dst, embedded):
    if family == 4:
        icmp = {
            "tcp": ICMP(type=3, code=4, nexthopmtu=1400),
            "udp": ICMP(type=3, code=3),
        }.get(kind, ICMP(type=11, code=0))
        return bytes(IP(src=src, dst=dst, ttl=50, tos=0xC0, id=77) / icmp / Raw(embedded)), 20
    icmp = {"tcp": ICMPv6PacketTooBig(mtu=1400), "udp": ICMPv6DestUnreach(code=4)}.get(kind, ICMPv6TimeExceeded())
    return bytes(IPv6(src=src, dst=dst, hlim=50) / icmp / Raw(embedded)), 40


def icmp_echo_cases():
    cases = []
    for length in (0, 1, 56, 1399):
        data = bytes(i & 0xFF for i in range(length))
        for extra in (False, True):
            options = [IPOption_Router_Alert()] if extra else []
            fields = {"tos": 0x11, "id": 0x4321, "flags": "DF", "options": options}
            before = IP(src=CLIENT[4], dst=VIP[4], ttl=3, **fields) / ICMP(type=8, id=7, seq=9) / Raw(data)
            after = IP(src=VIP[4], dst=CLIENT[4], ttl=64, **fields) / ICMP(type=0, id=7, seq=9) / Raw(data)
            cases.append(echo_case(f"ip4 {length} bytes{' with options' if extra else ''}", 4, length, before, after))
            chain = IPv6ExtHdrDestOpt(options=[PadN(optdata=bytes(4))]) if extra else None
            before = ip6(CLIENT[6], VIP[6], 255, chain) / ICMPv6EchoRequest(id=7, seq=9, data=data)
            after = ip6(VIP[6], CLIENT[6], 64, chain) / ICMPv6EchoReply(id=7, seq=9, data=data)
            cases.append(echo_case(f"ip6 {length} bytes{' with options' if extra else ''}", 6, length, before, after))
    before = IP(src=CLIENT[4], dst=VIP[4]) / ICMP(type=8, id=0, seq=0)
    after = IP(src=VIP[4], dst=CLIENT[4]) / ICMP(type=0, id=0, seq=0)
    cases.append(echo_case("ip4 reply of all zeros", 4, 0, before, after))
    return cases


def ip6(src, dst, hlim, chain):
    header = IPv6(src=src, dst=dst, hlim=hlim, tc=0x11, fl=0x54321)
    return header / chain if chain else header


def echo_case(name, family, data_bytes, before, after):
    return {
        "name": name,
        "family": family,
        "icmp": len(bytes(before)) - data_bytes - 8,
        "input": bytes(before).hex(),
        "expected": bytes(after).hex(),
    }


def icmp_errors_cases():
    cases = []
    for length in (0, 1, 519, 520, 521, 1472):
        offender = bytes(IP(src=CLIENT[4], dst=VIP[4], flags="DF", ttl=1) / UDP(sport=1, dport=2) / Raw(data(length)))
        outer = IP(src=NODE[4], dst=CLIENT[4], tos=0xC0, id=0, flags="DF", ttl=64)
        for error, icmp in (
            ("fragmentation needed", ICMP(type=3, code=4, nexthopmtu=1476)),
            ("time exceeded", ICMP(type=11, code=0)),
        ):
            expected = bytes(outer / icmp / Raw(offender[: 576 - 28]))
            cases.append(error_case(error, 4, offender, expected, NODE[4]))
    for length in (0, 1, 1183, 1184, 1185, 1452):
        offender = bytes(IPv6(src=CLIENT[6], dst=VIP[6], hlim=1) / UDP(sport=1, dport=2) / Raw(data(length)))
        outer = IPv6(src=NODE[6], dst=CLIENT[6], tc=0, fl=0, hlim=64)
        for error, icmp in (
            ("packet too big", ICMPv6PacketTooBig(mtu=1476)),
            ("time exceeded", ICMPv6TimeExceeded(code=0)),
        ):
            expected = bytes(outer / icmp / Raw(offender[: 1280 - 48]))
            cases.append(error_case(error, 6, offender, expected, NODE[6]))
    return cases


def data(length):
    return bytes((i * 7 + 1) & 0xFF for i in range(length))


def error_case(error, family, offender, expected, src):
    return {
        "name": f"{error} about {len(offender)} bytes of ip{family}",
        "error": error,
        "family": family,
        "src": raw_address(src),
        "mtu": 1476,
        "input": offender.hex(),
        "expected": expected.hex(),
    }


def fragment_cases():
    alert, nop = IPOption_Router_Alert(), IPOption_NOP()
    record = IPOption_RR(pointer=4, routers=["0.0.0.0"] * 3)
    source_route = IPOption_LSRR(pointer=4, routers=["192.0.2.1", "192.0.2.2"])
    cases = [
        fragment_case("even blocks", 1000, 572, [], []),
        fragment_case("odd MTU", 1400, 575, [], []),
        fragment_case("last one takes a partial block more", 2 * 544 + 12 + 544, 567, [], []),
        fragment_case("exactly two", 2 * 552, 572, [], []),
        fragment_case("fits to the byte", 552, 572, [], []),
        fragment_case("one byte too long", 553, 572, [], []),
        fragment_case("smallest MTU", 100, 28, [], []),
        fragment_case("copied option", 1000, 600, [alert], [alert]),
        fragment_case("option of the first fragment only", 1000, 600, [record], []),
        fragment_case("mixed options", 1000, 600, [nop, source_route, record, nop, alert], [source_route, alert]),
        fragment_case("a first fragment again", 1000, 572, [], [], flags="MF"),
        fragment_case("a middle fragment again", 1000, 572, [alert], [alert], flags="MF", offset=185),
        fragment_case("a last fragment again", 1003, 572, [], [], offset=370),
    ]
    return cases


def fragment_case(name, length, mtu, options, later_options, flags=0, offset=0):
    fields = {"src": CLIENT[4], "dst": VIP[4], "id": 0x5150, "ttl": 61, "tos": 4, "proto": 17}
    payload = data(length)
    packet = IP(flags=flags, frag=offset, options=options, **fields) / Raw(payload)
    fragments, start = [], 0
    while True:
        head = IP(options=later_options if start else options, **fields)
        room = mtu - len(bytes(head))
        rest = payload[start:]
        last = len(rest) <= room
        piece = rest if last else rest[: room & ~7]
        head.flags = flags if last else "MF"
        head.frag = offset + start // 8
        fragments.append(bytes(head / Raw(piece)))
        start += len(piece)
        if last:
            break
    if not options and (mtu - 20) % 8 == 0:
        assert [bytes(f) for f in fragment(packet, fragsize=mtu - 20)] == fragments, name
    return {"name": name, "mtu": mtu, "input": bytes(packet).hex(), "fragments": [f.hex() for f in fragments]}


def mss_cases():
    lists = {
        "alone": lambda mss: [("MSS", mss)],
        "common": lambda mss: [("MSS", mss), ("SAckOK", b""), ("Timestamp", (1, 0)), ("NOP", None), ("WScale", 7)],
        "at an odd offset": lambda mss: [("NOP", None), ("MSS", mss), ("NOP", None), ("NOP", None), ("NOP", None)],
        "after a window scale": lambda mss: [("WScale", 7), ("MSS", mss), ("EOL", None)],
        "behind the end of the list": lambda mss: [("EOL", None), ("NOP", None), ("NOP", None), ("NOP", None)]
        + [("MSS", 1460)],
        "none": lambda mss: [("SAckOK", b""), ("WScale", 7)],
    }
    cases = []
    for name, options in lists.items():
        for family in (4, 6):
            for flags, old, new in (("S", 1460, 1380), ("SA", 8960, 1380), ("S", 1380, 1380), ("S", 536, 536)):
                before, after = mss_packet(family, flags, options(old)), mss_packet(family, flags, options(new))
                cases.append(mss_case(f"ip{family} {name}, {flags} {old}", family, before, after))
    not_syn = mss_packet(4, "A", lists["alone"](1460))
    cases.append(mss_case("no SYN", 4, not_syn, not_syn))
    return cases


def mss_packet(family, flags, options):
    header = IP(src=CLIENT[4], dst=VIP[4]) if family == 4 else IPv6(src=CLIENT[6], dst=VIP[6])
    return bytes(header / TCP(sport=CPORT, dport=80, seq=5, flags=flags, options=options))


def mss_case(name, family, before, after):
    return {
        "name": name,
        "l4": 20 if family == 4 else 40,
        "mss": 1380,
        "input": before.hex(),
        "expected": after.hex(),
    }


write("gre", gre_cases())
write("gre-parse", gre_parse_cases())
write("l3dsr", l3dsr_cases())
write("nat", nat_cases())
write("icmp-nat", icmp_nat_cases())
write("icmp-echo", icmp_echo_cases())
write("icmp-errors", icmp_errors_cases())
write("ipv4-fragment", fragment_cases())
write("mss", mss_cases())
