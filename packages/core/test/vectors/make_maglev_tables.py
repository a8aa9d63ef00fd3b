"""Writes maglev-tables.json: new-flow tables of mode `maglev` from a model independent of the TypeScript.

The model goes through all pairs of AS and bucket in the order of their keys and gives a bucket to an AS when both
are free. It uses nothing but Python's own integers and floats (IEEE 754 doubles, as in JavaScript).

    python3 make_maglev_tables.py            write the file
    python3 make_maglev_tables.py --check    fail if the file differs
"""
import ipaddress
import json
import pathlib
import sys
from fractions import Fraction

P1, P2, P3, P4, P5 = (
    0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5)
M64 = (1 << 64) - 1


def rotl(value, bits):
    return (value << bits | value >> (64 - bits)) & M64


def xxh64_16(data):
    """XXH64 of 16 bytes, seed 0 (xxHash specification, the path for inputs below 32 bytes)."""
    h = P5 + 16
    for at in (0, 8):
        lane = int.from_bytes(data[at:at + 8], "little")
        h ^= rotl(lane * P2 & M64, 31) * P1 & M64
        h = (rotl(h, 27) * P1 + P4) & M64
    h = (h ^ h >> 33) * P2 & M64
    h = (h ^ h >> 29) * P3 & M64
    return h ^ h >> 32


def quotas(weights, new_len):
    """Largest remainder; among equal remainders the first in order."""
    ideal = [Fraction(w * new_len, sum(weights)) for w in weights]
    quota = [int(x) for x in ideal]
    by_remainder = sorted(range(len(weights)), key=lambda i: (quota[i] - ideal[i], i))
    for i in by_remainder[:new_len - sum(quota)]:
        quota[i] += 1
    return quota


def key(claim, weight, new_len):
    x = (claim + 1) / new_len
    return (x * (6 - 3 * x)) / (6 - 6 * x + x * x) / weight


def table(ass, new_len):
    members = []
    for text, weight in ass.items():
        if weight:
            data = ipaddress.ip_address(text).packed.rjust(16, b"\0")
            members.append((xxh64_16(data), data, text, weight))
    members.sort()
    need = quotas([m[3] for m in members], new_len)
    pairs = []
    for i, (h, _, _, weight) in enumerate(members):
        offset, skip = h >> 32, (h & 0xFFFFFFFF) | 1
        for claim in range(new_len):
            pairs.append((key(claim, weight, new_len), i, (offset + claim * skip) % new_len))
    buckets = [None] * new_len
    for _, i, bucket in sorted(pairs):
        if need[i] and buckets[bucket] is None:
            buckets[bucket] = members[i][2]
            need[i] -= 1
    return buckets


CASES = [
    (16, {"10.0.0.1": 3, "10.0.0.2": 1, "10.0.0.3": 2}),
    (16, {"2001:db8::1": 1, "2001:db8::2": 1, "2001:db8::3": 1}),
    (256, {"10.0.0.1": 100, "10.0.0.2": 50, "10.0.0.3": 1, "10.0.0.4": 0, "10.0.0.5": 100}),
    (128, {f"2001:db8::{n:x}": [100, 100, 52, 7][n % 4] for n in range(1, 22)}),
    (8, {f"192.0.2.{n}": 1 for n in range(1, 14)}),
]

tables = [{"newLen": n, "ass": ass, "buckets": table(ass, n)} for n, ass in CASES]
path = pathlib.Path(__file__).with_name("maglev-tables.json")
if "--check" in sys.argv:
    sys.exit(json.loads(path.read_text()) != tables)
path.write_text(json.dumps(tables, indent=2) + "\n")
