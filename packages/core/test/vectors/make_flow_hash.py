"""Writes flow-hash.json: flow hashes by an independent model of the rule in src/flow-hash.ts, straight from its text.

Run: python3 make_flow_hash.py   (--check compares instead of writing)
"""

import ipaddress
import json
import pathlib
import random
import sys

MASK = 0xFFFFFFFF
M = [0x85EBCA6B, 0xC2B2AE35, 0x9E3779B1, 0xCC9E2D51, 0x1B873593, 0x2545F491, 0x27D4EB2F]


def raw_words(packed):
    return [int.from_bytes(packed[i : i + 4], "little") for i in range(0, len(packed), 4)]


def flow_hash(seed0, seed1, src, dst, ports, protocol):
    """src, dst: packed addresses; ports: the four port bytes as they stand in a header."""
    sources, destinations = raw_words(src), raw_words(dst)
    (port_word,) = raw_words(ports)
    if len(sources) == 1:
        a, b = absorb(seed0 ^ destinations[0], seed1 ^ protocol)
        a ^= sources[0]
    else:
        a, b = seed0, seed1 ^ 0x10000
        for s, d in zip(sources, destinations):
            a, b = absorb(a ^ d, b ^ s)
        a ^= protocol
    b ^= port_word
    a = a * M[2] & MASK
    a ^= a >> 15
    b = (b + a) * M[3] & MASK
    b ^= b >> 14
    a = (a + b) * M[4] & MASK
    a ^= a >> 16
    b = (b ^ a) * M[5] & MASK
    b ^= b >> 15
    a = (a + b) * M[6] & MASK
    a ^= a >> 15
    return a, (b + a) & MASK


def absorb(a, b):
    a = a * M[0] & MASK
    a ^= a >> 16
    b = (b + a) * M[1] & MASK
    b ^= b >> 15
    return (a + b) & MASK, b


def rows():
    rng = random.Random(20260101)
    result = []
    for k in range(60):
        size = 4 if k % 2 == 0 else 16
        src, dst = rng.randbytes(size), rng.randbytes(size)
        sport, dport = (0, 0) if k % 10 < 2 else (rng.randrange(65536), rng.randrange(65536))
        protocol = rng.choice([6, 17, 1, 58, 0])
        seed0, seed1 = (0x4D61676C, 0x65762121) if k < 20 else (rng.getrandbits(32), rng.getrandbits(32))
        ports = sport.to_bytes(2, "big") + dport.to_bytes(2, "big")
        lo, hi = flow_hash(seed0, seed1, src, dst, ports, protocol)
        result.append({
            "seed": [seed0, seed1], "src": str(ipaddress.ip_address(src)), "dst": str(ipaddress.ip_address(dst)),
            "sport": sport, "dport": dport, "protocol": protocol, "lo": f"{lo:08x}", "hi": f"{hi:08x}",
        })
    return result


text = "[\n" + ",\n".join("  " + json.dumps(row) for row in rows()) + "\n]\n"
path = pathlib.Path(__file__).with_name("flow-hash.json")
if "--check" in sys.argv:
    sys.exit(0 if path.read_text() == text else f"{path.name} differs")
path.write_text(text)
