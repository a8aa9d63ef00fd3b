/**
 * Layout of the image: the flat binary tables a worker reads, one array of 32-bit words, never
 * changed after publication. All positions are word indices from the start of the image. "Raw" words are network bytes
 * as a little-endian host reads them. (Const enums: see burst.ts.)
 */
export const IMAGE_MAGIC = 0x4c42494d;
/** Goes up with every change to this file that native stages have to know of: they say which they were built for. */
export const IMAGE_LAYOUT_VERSION = 3;

/** Header words. */
export const enum H {
  MAGIC = 0,
  VERSION = 1,
  REVISION = 2,
  /** ImageFlag bits. */
  FLAGS = 3,
  /** Records in the VIP and AS sections, vacant ones included. */
  VIP_SLOTS = 5,
  AS_SLOTS = 6,
  /** Positions of the sections. */
  LPM4 = 7,
  LPM6 = 8,
  PREFIXES = 9,
  PORTS = 10,
  /** Places of the port hash minus one. */
  PORTS_MASK = 11,
  VIPS = 12,
  ASS = 13,
  NAT = 14,
  NAT_MASK = 15,
  SEED0 = 16,
  SEED1 = 17,
  /** Longest IP packet that fits on its way whichever AS it goes to; nothing longer needs a look at the MTU. */
  SHORTEST_LIMIT = 18,
  /** Network sections; only with ImageFlag.HAS_NETWORK. */
  NEIGHBOURS = 19,
  NEIGHBOURS_MASK = 20,
  ROUTES4 = 21,
  ROUTES6 = 22,
  HOPS = 23,
  /** Queues on which NAT return traffic may arrive: one bit per queue number below 32. */
  NAT4_QUEUES = 24,
  NAT6_QUEUES = 25,
  /** Bits of the outer GRE source that the flow's identity fills in, raw (IPv6: of its last word). */
  SOURCE4_MASK = 26,
  SOURCE6_MASK = 27,
  /** What packets mean to the life of entries: image/lifetimes.ts. */
  LIFETIMES = 32,
  WORDS = 64,
}

export const enum ImageFlag {
  /** Next hops are known or go through the kernel; without it frames keep their Ethernet addresses. */
  HAS_NETWORK = 1,
  /** Some VIP clamps the TCP maximum segment size. */
  HAS_MSS = 2,
  /** Buckets are chosen by VPP's flow hash. */
  HASH_VPP = 4,
  /** Some VIP translates. */
  HAS_NAT = 8,
  /** Some VIP is src_ip_sticky. */
  HAS_STICKY = 16,
}

/** Prefix record; its number is the value in the longest-prefix tables. */
export const enum P {
  /** VIP slot of an all-port VIP, or PREFIX_PER_PORT. */
  VIP = 0,
  /** 1: a node address, whose other ports belong to the host and are no VIP's. */
  NODE = 1,
  WORDS = 2,
}
export const PREFIX_PER_PORT = 0x7fffffff;

/** Port hash (open addressing, linear): prefix, protocol and port to VIP. */
export const enum Port {
  /** Prefix number, PROTOCOL_TCP or PROTOCOL_UDP. */
  KEY = 0,
  /** Destination port, raw 16 bits, and NODE_PORT for a node port. */
  PORT = 1,
  /** VIP slot + 1; 0 is a free place. */
  VIP = 2,
  WORDS = 4,
  PROTOCOL_TCP = 0x1000000,
  PROTOCOL_UDP = 0x2000000,
  NODE_PORT = 0x10000,
}

/** VIP record. */
export const enum V {
  /** Position of the new-flow table: AS slot + 1 per bucket, 0 = no server. */
  TABLE = 0,
  /** new_len - 1. */
  MASK = 1,
  ENCAP = 2,
  /** VipFlag bits. */
  FLAGS = 3,
  DSCP = 4,
  /** Ports as raw 16-bit values. */
  PORT = 5,
  TARGET_PORT = 6,
  NODE_PORT = 7,
  /** Prefix address, four raw words (IPv4 in the first), and prefix length. */
  ADDRESS = 8,
  PREFIX_LENGTH = 12,
  /** Largest TCP maximum segment size let through, 0 = any. */
  MSS = 13,
  WORDS = 16,
}

export const enum VipFlag {
  STICKY = 1,
  PER_PORT = 2,
  IPV6 = 4,
  /** The slot is in use. */
  USED = 8,
  /** Serves one protocol only; others of its port may be another VIP's. */
  ONE_PROTOCOL = 16,
}

export const enum EncapCode {
  GRE4 = 1,
  GRE6 = 2,
  L3DSR = 3,
  /** From here on: NAT. */
  NAT4 = 4,
  NAT6 = 5,
}

/** AS record: one per AS of each VIP, two cache lines. */
export const enum A {
  /**
   * VIP slot whose flows may use this AS, with AsOwner bits if not all of them may; or AS_VACANT: then a flow-table hit
   * counts as a miss. Anything but the plain slot costs packets of established flows a second look.
   */
  VIP = 0,
  /** A HopKind: KEEP, QUEUE (ETHERNET holds the next hop's addresses) or KERNEL. */
  NEXT_HOP = 1,
  /**
   * An untagged Ethernet header as it is written at an offset of 2 modulo 4: half a word (destination bytes 0-1), two
   * words, and the last word with source bytes 4-5 and the EtherType.
   */
  ETHERNET = 2,
  /** Four raw words (IPv4 in the first). */
  ADDRESS = 6,
  /** Output queue, OUTPUT_KERNEL for the kernel. */
  QUEUE = 10,
  /** Longest IP packet, before encapsulation, that fits the MTU towards this AS. */
  LIMIT = 11,
  /** Encapsulation template of @lb/encap. */
  TEMPLATE = 16,
  WORDS = 32,
}
export const AS_VACANT = -1;

/** Bits of A.VIP. */
export const enum AsOwner {
  VIP = 0xffffff,
  /** Established flows stay, but a TCP SYN is balanced anew. */
  DRAINING = 0x40000000,
  /** With DRAINING: packets of other protocols than TCP are balanced anew. */
  UDP_ENDS = 0x20000000,
}

/** How a next hop is reached. */
export const enum HopKind {
  /** Ethernet addresses stay as they came (offline). */
  KEEP = 0,
  /** Out of a queue, to a known Ethernet address. */
  QUEUE = 1,
  /** Through the kernel's routing: another interface, or an address that is not resolved yet. */
  KERNEL = 2,
}

/** Output "queue" of packets for the kernel to route. */
export const OUTPUT_KERNEL = -1;
/** No limit to a packet's length. */
export const NO_LIMIT = 0x7fffffff;

/** Hop record. Number 0 is the kernel, 1 + q the kernel for what would leave by queue q if it were resolved. */
export const enum Hop {
  /** HopKind. */
  KIND = 0,
  QUEUE = 1,
  MTU = 2,
  /** As A.ETHERNET. */
  ETHERNET = 3,
  WORDS = 8,
}

/**
 * Neighbour hash (open addressing, linear): address to hop. Route tables are longest-prefix tables whose value is twice
 * a hop's number, or one more than twice a queue's for addresses that are neighbours themselves.
 */
export const enum Near {
  /** Four raw words (IPv4: the others 0). */
  ADDRESS = 0,
  /** 4 or 6, and the queue << 8, as one address may stand on several links; 0 is a free place. */
  TAIL = 4,
  HOP = 5,
  WORDS = 8,
}

/** NAT return hash (open addressing, linear): which AS address, target port and protocol answer for some NAT VIP. */
export const enum N {
  /** Four raw words (IPv4: the others 0). */
  ADDRESS = 0,
  /** Target port, raw 16 bits, protocol << 16, family (4, 6) << 24; 0 is a free place. */
  TAIL = 4,
  WORDS = 8,
}

/**
 * Spread of open-addressing keys. Twice, as keys differ in their high bits alone (protocol, family), which a small
 * `mask` sees only once they have been brought down.
 */
export function placeOf(a: number, b: number, mask: number): number {
  let h = a ^ Math.imul(b, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  return (h ^ (h >>> 15)) & mask;
}
