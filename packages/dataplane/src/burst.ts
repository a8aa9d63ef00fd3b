/**
 * A burst: up to {@link BURST_PACKETS} packets in struct-of-arrays form, allocated once per worker. Frames stay where
 * the queue put them; the burst holds byte offsets into frame memory.
 *
 * All columns lie in one Int32Array, column `c` of packet `i` at `words[B.c + i]`: with an array object per column the
 * hot loops run out of registers for bases and lengths (parse: 21 ns against 11 ns a packet, docs/performance.md).
 * For everything that is not hot each column is also there as an array of its own (`burst.offset[i]`).
 * All values are signed: raw words compare equal only to words read through an Int32Array.
 *
 * `B`, `Flag` and the other constants of hot loops are const enums because tsc writes their values into the code;
 * an imported `const` is loaded and checked at every use (parse: 35 % slower).
 */

/** Most packets a queue puts into a burst. */
export const BURST_PACKETS = 256;
/**
 * Places of a burst: behind a full one there is room for a second fragment of each packet, all of them too long for
 * their way, and for fragments released by their first.
 */
export const BURST_CAPACITY = 544;

/** First index of each column in {@link Burst.words}. */
export const enum B {
  /** Ethernet header in frame memory, bytes. Set by the queue, moved by rewrite. */
  OFFSET = 0,
  /** Frame length in bytes, likewise. */
  LENGTH = 544,
  /** A Verdict, set by any stage. */
  VERDICT = 1088,
  /** Reason code of a drop or punt. */
  REASON = 1632,
  /** Flag bits, set by parse. */
  FLAGS = 2176,
  /** IP header, byte offset. */
  IP = 2720,
  /** IP packet length in bytes. */
  IP_LENGTH = 3264,
  /** Transport header, byte offset; 0 in a later fragment. */
  L4 = 3808,
  /** Protocol of the flow: the packet's own, or that of the packet embedded in an ICMP error. */
  PROTOCOL = 4352,
  /** Flow's source: raw word for IPv4, byte offset of the 16 address bytes for IPv6. */
  SRC = 4896,
  DST = 5440,
  /** Flow's ports, raw: source low, destination high; 0 if there are none. */
  PORTS = 5984,
  /** VIP slot, set by classify. */
  VIP = 6528,
  /** Ports and protocol that identify the flow (0 when the VIP ignores them), set by hash if some VIP is sticky. */
  ID_PORTS = 7072,
  ID_PROTOCOL = 7616,
  /** Flow identity and its first line in the flow table, set by hash. */
  LO = 8160,
  HI = 8704,
  LINE = 9248,
  /** AS slot, set by select; −1 for return traffic. */
  AS = 9792,
  /** A Tracking value, set by select. */
  TRACKING = 10336,
  /** Bucket consulted for a new flow, set by select. */
  BUCKET = 10880,
  /** Headers embedded in an ICMP error: valid with Flag.ICMP_ERROR. EMBEDDED_L4 0: none. */
  EMBEDDED_IP = 11424,
  EMBEDDED_L4 = 11968,
  /** Raw identification of a fragment: valid with the fragment flags. */
  FRAGMENT_ID = 12512,
  /** NAT: session key, its line, and the client port the AS sees (raw); set by nat-forward. */
  NAT_LO = 13056,
  NAT_HI = 13600,
  NAT_LINE = 14144,
  CLIENT_PORT = 14688,
  /** Sending order, valid when {@link Burst.reordered}: a released fragment has its first fragment's place. */
  SEQUENCE = 15232,
  /** What a fragment's own header says follows: protocol of its datagram, in IPv6 maybe an extension header. */
  FRAGMENT_NEXT = 15776,
  /** EncapCode of the VIP, set by classify. */
  ENCAP = 16320,
  /** Numbers of the packets whose flow is not in its first line; set by select. */
  MISSES = 16864,
  /** Output queue of a packet to forward or reply, OUTPUT_KERNEL for the kernel to route; set by output. */
  OUTPUT = 17408,
  /** NAT, IPv4: what a session key is made of (AS address, ports and tagged protocol as the AS answers). */
  NAT_AS = 17952,
  NAT_PORTS = 18496,
  NAT_PROTOCOL = 19040,
  /** Position of the session in its table, -1 if it is not in its first line. */
  NAT_AT = 19584,
  /** Bytes of its datagram that a fragment carries, and where they end if it is the last one (else 0). */
  FRAGMENT_BYTES = 20128,
  FRAGMENT_TOTAL = 20672,
  /** A Life, set by parse; what it is for the flow's entry, set by hash if some VIP is sticky. */
  LIFE = 21216,
  ID_LIFE = 21760,
  END = 22304,
}

export const enum Flag {
  IPV6 = 1,
  /** First fragment (offset 0, more to come). */
  FRAGMENT_FIRST = 2,
  /** Later fragment (offset > 0): no transport header. */
  FRAGMENT_LATER = 4,
  /** ICMP error whose embedded packet names the flow. */
  ICMP_ERROR = 8,
  ECHO_REQUEST = 16,
  /** Came to node address:node port. */
  NODE_PORT = 32,
  /** The flow's ports are known. */
  PORTS = 64,
  /** IPv6 with a routing header that has segments left: the destination is not the final one. */
  SOURCE_ROUTED = 128,
}

/**
 * What a packet says about the life of its flow. The numbers are steps of four: they go into the image's lifetimes
 * (image/lifetimes.ts) together with a flow's state.
 */
export const enum Life {
  OTHER = 0,
  UDP = 4,
  /** Of a TCP flow without showing flags: a later fragment, an ICMP error. */
  TCP_REST = 8,
  /** Neither of the next two. */
  TCP_DATA = 12,
  /** FIN or RST. */
  TCP_END = 16,
  /** The first of a connection: SYN with neither ACK nor RST (RFC 9293 section 3.10.7). */
  TCP_SYN = 20,
  /** One of many flows of a client that share an entry. */
  SHARED = 24,
  /** The same where all of them are of TCP. */
  SHARED_TCP = 28,
  END = 32,
}

/** How the AS of a packet was found. */
export const enum Tracking {
  NONE = 0,
  EXISTING = 1,
  FIRST = 2,
  UNTRACKED = 3,
}

export class Burst {
  /** Packets in use. */
  count = 0;
  /** Current tick (clock.ts). */
  now = 0;
  /** Number of the queue the burst came from. */
  input = 0;
  /** Length of the longest IP packet; set by parse. */
  longest = 0;
  /** OR of the packets' flags: which stages have anything to do. */
  seen = 0;
  /** Encaps wanted by packets of this burst: bit 1 << EncapCode. */
  encaps = 0;
  /** Whether packets are to be sent in another order than they stand (SEQUENCE is valid). */
  reordered = false;
  readonly words = new Int32Array(B.END);

  readonly offset = this.column(B.OFFSET);
  readonly length = this.column(B.LENGTH);
  readonly verdict = this.column(B.VERDICT);
  readonly reason = this.column(B.REASON);
  readonly flags = this.column(B.FLAGS);
  readonly ip = this.column(B.IP);
  readonly ipLength = this.column(B.IP_LENGTH);
  readonly l4 = this.column(B.L4);
  readonly protocol = this.column(B.PROTOCOL);
  readonly src = this.column(B.SRC);
  readonly dst = this.column(B.DST);
  readonly ports = this.column(B.PORTS);
  readonly vip = this.column(B.VIP);
  readonly lo = this.column(B.LO);
  readonly hi = this.column(B.HI);
  readonly as = this.column(B.AS);
  readonly tracking = this.column(B.TRACKING);
  readonly bucket = this.column(B.BUCKET);
  readonly embeddedIp = this.column(B.EMBEDDED_IP);
  readonly embeddedL4 = this.column(B.EMBEDDED_L4);
  readonly fragmentId = this.column(B.FRAGMENT_ID);
  readonly natLo = this.column(B.NAT_LO);
  readonly natHi = this.column(B.NAT_HI);
  readonly natLine = this.column(B.NAT_LINE);
  readonly clientPort = this.column(B.CLIENT_PORT);
  readonly fragmentBytes = this.column(B.FRAGMENT_BYTES);
  readonly fragmentTotal = this.column(B.FRAGMENT_TOTAL);
  readonly fragmentNext = this.column(B.FRAGMENT_NEXT);
  readonly output = this.column(B.OUTPUT);
  readonly life = this.column(B.LIFE);
  readonly sequence = this.column(B.SEQUENCE);

  /**
   * Append a copy of packet `i` that leaves right behind it (and behind what was appended to it before). Returns its
   * index; the caller gives it a frame. There must be room.
   */
  append(i: number): number {
    if (!this.reordered) {
      this.reordered = true;
      for (let p = 0; p < this.count; p++) this.sequence[p] = p;
    }
    const to = this.count++;
    for (let c = 0; c < B.END; c += BURST_CAPACITY) this.words[c + to] = this.words[c + i];
    return to;
  }

  private column(from: number): Int32Array {
    return this.words.subarray(from, from + BURST_CAPACITY);
  }
}
