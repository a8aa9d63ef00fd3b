#!/usr/bin/env python3
"""Makes the captures of this folder and of test/captures/malformed; README.md says what they are.

Needs root (one network namespace), tcpdump, tshark, editcap, mergecap and scapy (Debian: python3-scapy). The recorded
files get new times and ports on every run. What the files contain is read back by tshark into samples.json, and the
record boundaries come from the walkers below, so that no expectation comes from the code under test.
"""
import json
import os
import re
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
MALFORMED = os.path.normpath(os.path.join(HERE, '../../../test/captures/malformed'))
NAMESPACE = 'lb-samples'

# Two UDP datagrams and a frame of odd length, as bytes.
FRAMES = [
    bytes.fromhex('02000000000b02000000000a08004500001e00010000401166cd0a0000010a0000020035d431000a0c0b6869'),
    bytes.fromhex('02000000000b02000000000a86dd600000000009114020010db800000000000000000000000120010db80000000000000000000000020035d43100092ae121'),
    bytes.fromhex('02000000000b02000000000a88b5') + bytes(range(33)),
]
TIMES = [(1700000000, 123456789), (1700000001, 1000), (4294967295, 999999999)]


def run(*command):
    return subprocess.run(command, check=True, capture_output=True).stdout


def here(name):
    return os.path.join(HERE, name)


# Classic pcap

def pcap(order, nano, frames=FRAMES, times=TIMES, link=1, snaplen=262144, originals=None, version=(2, 4)):
    out = struct.pack(order + 'IHHIIII', 0xA1B23C4D if nano else 0xA1B2C3D4, *version, 0, 0, snaplen, link)
    for i, (frame, (sec, nsec)) in enumerate(zip(frames, times)):
        original = originals[i] if originals else len(frame)
        out += struct.pack(order + 'IIII', sec, nsec if nano else nsec // 1000, len(frame), original) + frame
    return out


# pcapng

def pad(data):
    return data + bytes(-len(data) % 4)


def block(order, kind, body):
    total = 12 + len(body)
    return struct.pack(order + 'II', kind, total) + body + struct.pack(order + 'I', total)


def option(order, code, value):
    return struct.pack(order + 'HH', code, len(value)) + pad(value)


def section(order, minor=0, length=-1, options=b''):
    return block(order, 0x0A0D0D0A, struct.pack(order + 'IHHq', 0x1A2B3C4D, 1, minor, length) + options)


def interface(order, link=1, snaplen=0, options=b''):
    return block(order, 1, struct.pack(order + 'HHI', link, 0, snaplen) + options)


def enhanced(order, ident, units, frame, original=None, options=b''):
    head = struct.pack(order + 'IIIII', ident, units >> 32, units & 0xFFFFFFFF, len(frame), original or len(frame))
    return block(order, 6, head + pad(frame) + options)


def obsolete(order, ident, units, frame, drops=7):
    head = struct.pack(order + 'HHIIII', ident, drops, units >> 32, units & 0xFFFFFFFF, len(frame), len(frame))
    return block(order, 2, head + pad(frame))


def simple(order, frame, original=None):
    return block(order, 3, struct.pack(order + 'I', original or len(frame)) + pad(frame))


COMMENTS = ['before: 10.0.0.1 → VIP 90.1.2.1', None, 'drop ttl_expired']


def commented():
    """What PcapngWriter writes for interfaces rx (snaplen 262144) and tx (snaplen 40)."""
    order = '<'
    nano = option(order, 9, b'\x09') + struct.pack('<I', 0)
    out = section(order)
    out += interface(order, 1, 262144, option(order, 2, b'rx') + nano)
    out += interface(order, 1, 40, option(order, 2, b'tx-side') + nano)
    for i, (frame, (sec, nsec), comment) in enumerate(zip(FRAMES, TIMES, COMMENTS)):
        options = b'' if comment is None else option(order, 1, comment.encode()) + struct.pack('<I', 0)
        kept = frame[:40] if i == 1 else frame
        out += enhanced(order, 1 if i == 1 else 0, sec * 10**9 + nsec, kept, len(frame), options)
    return out


def every_block(order):
    """All packet blocks, blocks to skip, and interfaces with every kind of time resolution."""
    out = section(order, minor=2, options=option(order, 1, b'every kind of block') + struct.pack(order + 'I', 0))
    out += interface(order, 1, 48)
    out += interface(order, 101, 0, option(order, 2, b'raw') + option(order, 9, b'\x03'))
    out += interface(order, 113, 0, option(order, 9, bytes([0x80 | 10])) + option(order, 14, struct.pack(order + 'q', 3600)))
    out += interface(order, 276, 0, option(order, 9, b'\x0c') + option(order, 14, struct.pack(order + 'q', -86400)))
    out += interface(order, 1, 0, option(order, 9, bytes([0x80 | 33])) + struct.pack(order + 'I', 0))
    out += interface(order, 1, 0, option(order, 9, b'\x00'))
    out += block(order, 4, struct.pack(order + 'HH', 0, 0))
    out += simple(order, FRAMES[0])
    out += simple(order, FRAMES[1][:48], len(FRAMES[1]))
    out += block(order, 0x0BAD, struct.pack(order + 'I', 32473) + b'anything')
    out += enhanced(order, 0, 1700000000 * 10**6 + 654321, FRAMES[2])
    out += enhanced(order, 1, 1700000000 * 10**3 + 321, FRAMES[0][14:], options=option(order, 1, b'a comment'))
    out += enhanced(order, 2, 1700000000 * 2**10 + 513, b'\0' * 16)
    out += block(order, 5, struct.pack(order + 'III', 0, 0, 0))
    out += enhanced(order, 3, 1700000000 * 10**9 + 123456789, b'\0' * 20)
    out += enhanced(order, 4, 1700000000 * 2**30 + 12345678901, FRAMES[0])
    out += enhanced(order, 5, 1700000000, FRAMES[0])
    out += obsolete(order, 1, 1700000000 * 10**3 + 999, FRAMES[1][14:])
    out += block(order, 0x80000001, b'')
    return out


def sections():
    nano = option('<', 9, b'\x09')
    out = section('<') + interface('<', 1, 0, nano) + enhanced('<', 0, 1700000000 * 10**9 + 1, FRAMES[0])
    out += section('>') + interface('>') + interface('>', 1, 0, option('>', 9, b'\x09'))
    out += enhanced('>', 1, 1700000001 * 10**9 + 2, FRAMES[1]) + enhanced('>', 0, 1700000002 * 10**6 + 3, FRAMES[2])
    out += section('<') + interface('<', 1, 0, nano) + enhanced('<', 0, 1700000003 * 10**9 + 4, FRAMES[0])
    return out


# Where files can be cut without losing part of a record: independent walkers

def pcap_boundaries(data):
    order = '<' if data[0] in (0xD4, 0x4D) else '>'
    ends = [24]
    while ends[-1] < len(data):
        ends.append(ends[-1] + 16 + struct.unpack_from(order + 'I', data, ends[-1] + 8)[0])
    return ends, ends[1:]


def pcapng_boundaries(data):
    ends, packets, at, order = [], [], 0, '<'
    while at < len(data):
        if data[at:at + 4] == b'\x0a\x0d\x0d\x0a':
            order = '<' if data[at + 8] == 0x4D else '>'
        kind, total = struct.unpack_from(order + 'II', data, at)
        at += total
        ends.append(at)
        if kind in (2, 3, 6):
            packets.append(at)
    return ends, packets


def describe(name, origin, link_types=None):
    """The contents as tshark sees them. Link types are given for files made here; the tools recorded on Ethernet."""
    path = here(name)
    with open(path, 'rb') as file:
        data = file.read()
    ends, packet_ends = pcapng_boundaries(data) if name.endswith('ng') else pcap_boundaries(data)
    fields = ['frame.time_epoch', 'frame.cap_len', 'frame.len', 'frame.interface_id', 'frame.comment']
    # tshark also lists custom blocks, which have no link type.
    only_packets = ('-Y', 'frame.encap_type')
    rows = run('tshark', '-r', path, *only_packets, '-T', 'fields', *[x for f in fields for x in ('-e', f)]).decode().split('\n')[:-1]
    raw = json.loads(run('tshark', '-r', path, *only_packets, '-T', 'jsonraw', '-J', 'frame'))
    assert len(rows) == len(raw) == len(packet_ends), (name, len(rows), len(raw), len(packet_ends))
    packets = []
    for i, (row, frame) in enumerate(zip(rows, raw)):
        epoch, captured, length, ident, comment = row.split('\t')
        sec, nsec = (epoch or '0.000000000').split('.')
        packet = {
            'end': packet_ends[i], 'sec': int(sec), 'nsec': int(nsec), 'captured': int(captured), 'length': int(length),
            'interface': int(ident or 0), 'linkType': link_types[i] if link_types else 1,
            'hex': frame['_source']['layers']['frame_raw'][0],
        }
        if comment:
            packet['comment'] = comment
        packets.append(packet)
    return {'file': name, 'origin': origin, 'boundaries': ends, 'packets': packets}


# Recordings

TALK = """
import socket
for text in (b'odd', b'even'):
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(text, ('127.0.0.1', 9))
socket.socket().connect_ex(('127.0.0.1', 80))
"""


def record(path, *options):
    """Records two datagrams to a closed port with the ICMP errors they cause, and a refused TCP connection."""
    run('ip', 'netns', 'add', NAMESPACE)
    inside = ('ip', 'netns', 'exec', NAMESPACE)
    dump = None
    try:
        run(*inside, 'ip', 'link', 'set', 'lo', 'up')
        dump = subprocess.Popen([*inside, 'tcpdump', '-i', 'lo', '-U', '-Z', 'root', '-c', '6', '-w', path, *options, 'ip'],
                                stderr=subprocess.PIPE)
        while b'listening' not in dump.stderr.readline():
            pass
        run(*inside, sys.executable, '-c', TALK)
        dump.wait(10)
    finally:
        if dump is not None:
            dump.kill()
        run('ip', 'netns', 'del', NAMESPACE)


def forget_kernel(name):
    """Blanks the kernel version that Wireshark's tools note in the section header; nothing else changes."""
    with open(here(name), 'rb') as file:
        data = file.read()
    write(HERE, name, re.sub(rb'(?<=Linux )[\x21-\x7e]+', lambda found: b'-' * len(found[0]), data))


def write(folder, name, data):
    with open(os.path.join(folder, name), 'wb') as file:
        file.write(data)


def make_samples():
    samples = []
    add = lambda *args: samples.append(describe(*args))

    record(here('tcpdump.pcap'))
    add('tcpdump.pcap', 'tcpdump -i lo')
    record(here('tcpdump-nano.pcap'), '--time-stamp-precision=nano', '-s', '50')
    add('tcpdump-nano.pcap', 'tcpdump -i lo --time-stamp-precision=nano -s 50')
    for name, kind in (('editcap.pcap', 'pcap'), ('editcap-nano.pcap', 'nsecpcap'), ('editcap.pcapng', 'pcapng')):
        run('editcap', '-F', kind, here('tcpdump-nano.pcap'), here(name))
        forget_kernel(name)
        add(name, f'editcap -F {kind} tcpdump-nano.pcap')
    run('mergecap', '-F', 'pcapng', '-I', 'none', '-w', here('mergecap.pcapng'), here('tcpdump.pcap'), here('tcpdump-nano.pcap'))
    forget_kernel('mergecap.pcapng')
    add('mergecap.pcapng', 'mergecap -F pcapng -I none tcpdump.pcap tcpdump-nano.pcap')

    from scapy.all import Ether, wrpcap
    from scapy.utils import PcapNgWriter
    packets = []
    for frame, (sec, nsec) in zip(FRAMES, TIMES):
        packet = Ether(frame)
        packet.time = sec + nsec // 1000 / 1e6
        packets.append(packet)
    wrpcap(here('scapy.pcap'), packets)
    add('scapy.pcap', 'scapy wrpcap')
    writer = PcapNgWriter(here('scapy.pcapng'))
    for packet in packets:
        writer.write(packet)
    writer.close()
    add('scapy.pcapng', 'scapy PcapNgWriter')

    for name, order, nano in (('struct-le.pcap', '<', False), ('struct-le-nano.pcap', '<', True),
                              ('struct-be.pcap', '>', False), ('struct-be-nano.pcap', '>', True)):
        write(HERE, name, pcap(order, nano))
        add(name, 'struct.pack')
    write(HERE, 'struct-comments.pcapng', commented())
    add('struct-comments.pcapng', 'struct.pack')
    links = [1, 1, 1, 101, 113, 276, 1, 1, 101]
    for name, order in (('struct-le.pcapng', '<'), ('struct-be.pcapng', '>')):
        write(HERE, name, every_block(order))
        add(name, 'struct.pack', links)
    write(HERE, 'struct-sections.pcapng', sections())
    add('struct-sections.pcapng', 'struct.pack')
    return samples


def make_malformed():
    order = '<'
    start = section(order) + interface(order)
    good = enhanced(order, 0, 1700000000 * 10**6, FRAMES[0])
    trailer = bytearray(good)
    trailer[-4] ^= 4
    gz = tempfile.mktemp(suffix='.pcap')
    with open(gz, 'wb') as file:
        file.write(pcap('<', True))
    compressed = {kind: run(*command, gz) for kind, command in (('gz', ('gzip', '-nc')), ('zst', ('zstd', '-qc')))}
    os.unlink(gz)
    files = {
        'empty.pcap': ('LB_CAP_TRUNCATED', b''),
        'text.pcap': ('LB_CAP_NOT_A_CAPTURE', b'10:00:00 IP 10.0.0.1.53 > 10.0.0.2.54321: UDP, length 2\n'),
        'short-text.pcap': ('LB_CAP_NOT_A_CAPTURE', b'hi'),
        'modified.pcap': ('LB_CAP_NOT_A_CAPTURE', struct.pack('<IHHIIII', 0xA1B2CD34, 2, 4, 0, 0, 65535, 1)),
        'gzip.pcap.gz': ('LB_CAP_COMPRESSED', compressed['gz']),
        'zstd.pcap.zst': ('LB_CAP_COMPRESSED', compressed['zst']),
        'header-only-half.pcap': ('LB_CAP_TRUNCATED', pcap('<', True)[:13]),
        'truncated.pcap': ('LB_CAP_TRUNCATED', pcap('<', True)[:-5]),
        'old-version.pcap': ('LB_CAP_VERSION', pcap('<', False, version=(1, 2))),
        'record-too-large.pcap': ('LB_CAP_RECORD_TOO_LARGE', pcap('<', True)
                                  + struct.pack('<IIII', 1700000000, 0, 262145, 262145)),
        'length-all-ones.pcap': ('LB_CAP_RECORD_TOO_LARGE', pcap('<', True)
                                 + struct.pack('<IIII', 1700000000, 0, 0xFFFFFFFF, 0xFFFFFFFF)),
        'raw-ip.pcap': ('LB_CAP_LINK_TYPE', pcap('<', True, [FRAMES[0][14:]], link=101)),
        'cooked.pcap': ('LB_CAP_LINK_TYPE', pcap('<', True, [FRAMES[0][14:]], link=113)),
        'second-interface-raw-ip.pcapng': ('LB_CAP_LINK_TYPE', start + interface(order, 101) + good
                                           + enhanced(order, 1, 0, FRAMES[0][14:])),
        'truncated.pcapng': ('LB_CAP_TRUNCATED', start + good + good[:-9]),
        'truncated-unknown.pcapng': ('LB_CAP_TRUNCATED', start + good + struct.pack('<II', 0x99, 0xFFFFFFFC) + bytes(64)),
        'version.pcapng': ('LB_CAP_VERSION', start.replace(struct.pack('<HH', 1, 0), struct.pack('<HH', 2, 0), 1)),
        'byte-order-magic.pcapng': ('LB_CAP_NOT_A_CAPTURE', block('<', 0x0A0D0D0A, bytes(16))),
        'block-length-zero.pcapng': ('LB_CAP_BLOCK_LENGTH', start + good + struct.pack('<III', 0x99, 0, 0)),
        'block-length-eight.pcapng': ('LB_CAP_BLOCK_LENGTH', start + good + struct.pack('<III', 0x99, 8, 8)),
        'block-length-odd.pcapng': ('LB_CAP_BLOCK_LENGTH', start + good + struct.pack('<II', 0x99, 13) + bytes(1)
                                    + struct.pack('<I', 13)),
        'block-length-differs.pcapng': ('LB_CAP_BLOCK_LENGTH', start + good + bytes(trailer)),
        'unknown-length-differs.pcapng': ('LB_CAP_BLOCK_LENGTH', start + good + struct.pack('<III', 0x99, 12, 16)),
        'packet-block-too-short.pcapng': ('LB_CAP_BLOCK_LENGTH', start + good + block('<', 6, bytes(16))),
        'interface-block-too-short.pcapng': ('LB_CAP_BLOCK_LENGTH', start + good + block('<', 1, struct.pack('<HH', 1, 0))),
        'section-block-too-short.pcapng': ('LB_CAP_BLOCK_LENGTH', start + good
                                           + block('<', 0x0A0D0D0A, struct.pack('<IHH', 0x1A2B3C4D, 1, 0))),
        'packet-beyond-block.pcapng': ('LB_CAP_BLOCK_LENGTH', start + good
                                       + block('<', 6, struct.pack('<IIIII', 0, 0, 0, 61, 61) + bytes(60))),
        'simple-beyond-block.pcapng': ('LB_CAP_BLOCK_LENGTH', start + good
                                       + block('<', 3, struct.pack('<I', 61) + bytes(60))),
        'option-beyond-block.pcapng': ('LB_CAP_BLOCK_LENGTH', start + good
                                       + interface(order, 1, 0, struct.pack('<HH', 2, 400) + bytes(8))),
        'tsresol-length.pcapng': ('LB_CAP_BLOCK_LENGTH', start + good + interface(order, 1, 0, option('<', 9, b'\x06\x06'))),
        'tsoffset-length.pcapng': ('LB_CAP_BLOCK_LENGTH', start + good + interface(order, 1, 0, option('<', 14, bytes(4)))),
        'packet-too-large.pcapng': ('LB_CAP_RECORD_TOO_LARGE', start + good
                                    + block('<', 6, struct.pack('<IIIII', 0, 0, 0, 262145, 262145) + bytes(60))),
        'held-block-too-large.pcapng': ('LB_CAP_RECORD_TOO_LARGE', start + good + struct.pack('<II', 6, 0xFFFFFFF0) + bytes(64)),
        'no-interface.pcapng': ('LB_CAP_INTERFACE', section(order) + good),
        'simple-no-interface.pcapng': ('LB_CAP_INTERFACE', section(order) + simple(order, FRAMES[0])),
        'unknown-interface.pcapng': ('LB_CAP_INTERFACE', start + good + enhanced(order, 1, 0, FRAMES[0])),
        'interface-of-last-section.pcapng': ('LB_CAP_INTERFACE', start + good + section(order) + good),
    }
    for name, (_, data) in files.items():
        write(MALFORMED, name, data)
    return {name: code for name, (code, _) in files.items()}


def save(path, value):
    with open(path, 'w', encoding='utf-8') as file:
        json.dump(value, file, ensure_ascii=False)
    run('npx', 'biome', 'format', '--write', path)


if __name__ == '__main__':
    os.makedirs(MALFORMED, exist_ok=True)
    save(here('samples.json'), make_samples())
    save(os.path.join(MALFORMED, 'codes.json'), make_malformed())
