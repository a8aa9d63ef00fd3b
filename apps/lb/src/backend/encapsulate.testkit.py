"""A balancer for one server, as small as can be: it stands in for the real one in the backend's live test.

    /usr/bin/python3 encapsulate.testkit.py SERVER4 SERVER6 MODE=PREFIX...

Makes the TUN interface `balancer`, reads packets that the client's kernel routes there, and sends each on as scapy encapsulates
it: MODE is gre4, gre6 or l3dsr-N with N the DSCP value. Says "ready" when it does.
"""

import fcntl
import ipaddress
import os
import socket
import struct
import subprocess
import sys

from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import GRE
from scapy.packet import Raw

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000


def encapsulate(mode, data, server4, server6):
    version = data[0] >> 4
    if mode.startswith("l3dsr-"):
        packet = IP(data)
        packet.dst, packet.tos, packet.ttl = server4, (int(mode[6:]) << 2) | (packet.tos & 3), packet.ttl - 1
        del packet.chksum
        for layer in (TCP, UDP):
            if layer in packet:
                del packet[layer].chksum
        return packet
    gre = GRE(proto=0x800 if version == 4 else 0x86DD) / Raw(data)
    return IP(dst=server4, id=0, ttl=128, proto=47) / gre if mode == "gre4" else IPv6(dst=server6, nh=47) / gre


def main(server4, server6, *rules):
    modes = [(ipaddress.ip_network(prefix), mode) for mode, prefix in (rule.split("=") for rule in rules)]
    tun = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", b"balancer", IFF_TUN | IFF_NO_PI))
    subprocess.run(["ip", "link", "set", "balancer", "mtu", "1400", "up"], check=True)
    for prefix, _ in modes:
        subprocess.run(["ip", "route", "add", str(prefix), "dev", "balancer"], check=True)
    out4 = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    out6 = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)
    print("ready", flush=True)
    while True:
        data = os.read(tun, 65536)
        destination = ipaddress.ip_address(data[16:20] if data[0] >> 4 == 4 else data[24:40])
        mode = next((mode for prefix, mode in modes if destination in prefix), None)
        if mode is None:
            continue
        packet = encapsulate(mode, data, server4, server6)
        if isinstance(packet, IP):
            out4.sendto(bytes(packet), (server4, 0))
        else:
            out6.sendto(bytes(packet), (server6, 0, 0, 0))


main(*sys.argv[1:])
