/* The layouts that TypeScript writes down and the stages here read: the burst, the image, the flow table, the counters.
 * A test holds every constant against its original (packages/dataplane/test/native-layout.test.ts). */
#ifndef LBQ_STAGES_LAYOUT_H
#define LBQ_STAGES_LAYOUT_H

/* packages/dataplane/src/image/layout.ts. */
enum { IMAGE_LAYOUT_VERSION = 3 };

/* Columns of a burst: packages/dataplane/src/burst.ts, B. */
enum {
	B_OFFSET = 0,
	B_LENGTH = 544,
	B_VERDICT = 1088,
	B_REASON = 1632,
	B_FLAGS = 2176,
	B_IP = 2720,
	B_IP_LENGTH = 3264,
	B_L4 = 3808,
	B_PROTOCOL = 4352,
	B_SRC = 4896,
	B_DST = 5440,
	B_PORTS = 5984,
	B_VIP = 6528,
	B_ID_PORTS = 7072,
	B_ID_PROTOCOL = 7616,
	B_LO = 8160,
	B_HI = 8704,
	B_LINE = 9248,
	B_AS = 9792,
	B_TRACKING = 10336,
	B_EMBEDDED_L4 = 11968,
	B_NAT_LO = 13056,
	B_NAT_HI = 13600,
	B_NAT_LINE = 14144,
	B_CLIENT_PORT = 14688,
	B_ENCAP = 16320,
	B_MISSES = 16864,
	B_OUTPUT = 17408,
	B_NAT_AS = 17952,
	B_NAT_PORTS = 18496,
	B_NAT_PROTOCOL = 19040,
	B_NAT_AT = 19584,
	B_LIFE = 21216,
	B_ID_LIFE = 21760,
};

/* Entries of a column: burst.ts, BURST_CAPACITY. */
enum { BURST_CAPACITY = 544 };

/* burst.ts, Flag and Tracking. */
enum {
	FLAG_IPV6 = 1,
	FLAG_FRAGMENT_FIRST = 2,
	FLAG_FRAGMENT_LATER = 4,
	FLAG_ICMP_ERROR = 8,
	FLAG_ECHO_REQUEST = 16,
	FLAG_NODE_PORT = 32,
	FLAG_PORTS = 64,
	FLAG_SOURCE_ROUTED = 128,
};
enum { TRACKING_EXISTING = 1 };

/* burst.ts, Life. */
enum {
	LIFE_UDP = 4,
	LIFE_TCP_REST = 8,
	LIFE_TCP_DATA = 12,
	LIFE_TCP_END = 16,
	LIFE_TCP_SYN = 20,
	LIFE_SHARED = 24,
	LIFE_SHARED_TCP = 28,
	LIFE_END = 32,
};

/* image/lifetimes.ts: FlowState, in the value of an entry and in a rule, and the ticks of a rule. */
enum { FLOW_STATE_MASK = 0x30000000, FLOW_STATE_SHIFT = 28 };
#define RULE_TICKS 0xffffff

/* verdicts.ts, Verdict and Reason. */
enum { VERDICT_PENDING = 0, VERDICT_FORWARD = 1, VERDICT_REPLY = 2, VERDICT_PUNT = 3, VERDICT_DROP = 4 };
enum {
	REASON_NO_VIP = 2,
	REASON_OTHER_PORT = 3,
	REASON_ECHO_FRAGMENT = 5,
	REASON_TTL_EXPIRED = 19,
	REASON_ENCAP_TOO_BIG = 21,
	REASON_NAT_ROUTING_HEADER = 27,
};

/* image/layout.ts: H, ImageFlag, P, Port, V, VipFlag, EncapCode, A, HopKind, N. */
enum {
	H_FLAGS = 3,
	H_AS_SLOTS = 6,
	H_LPM4 = 7,
	H_LPM6 = 8,
	H_PREFIXES = 9,
	H_PORTS = 10,
	H_PORTS_MASK = 11,
	H_VIPS = 12,
	H_ASS = 13,
	H_NAT = 14,
	H_NAT_MASK = 15,
	H_SEED0 = 16,
	H_SEED1 = 17,
	H_SHORTEST_LIMIT = 18,
	H_NAT4_QUEUES = 24,
	H_NAT6_QUEUES = 25,
	H_SOURCE4_MASK = 26,
	H_SOURCE6_MASK = 27,
	H_LIFETIMES = 32,
};
enum { IMAGE_FLAG_HAS_NETWORK = 1, IMAGE_FLAG_HAS_MSS = 2, IMAGE_FLAG_HAS_STICKY = 16 };
enum { P_VIP = 0, P_NODE = 1, P_WORDS = 2 };
#define PREFIX_PER_PORT 0x7fffffff
enum {
	PORT_KEY = 0,
	PORT_PORT = 1,
	PORT_VIP = 2,
	PORT_WORDS = 4,
	PORT_PROTOCOL_TCP = 0x1000000,
	PORT_PROTOCOL_UDP = 0x2000000,
	PORT_NODE_PORT = 0x10000,
};
enum { V_ENCAP = 2, V_FLAGS = 3, V_DSCP = 4, V_TARGET_PORT = 6, V_WORDS = 16 };
enum { VIP_FLAG_STICKY = 1, VIP_FLAG_PER_PORT = 2, VIP_FLAG_ONE_PROTOCOL = 16 };
enum { ENCAP_CODE_GRE4 = 1, ENCAP_CODE_GRE6 = 2, ENCAP_CODE_L3DSR = 3, ENCAP_CODE_NAT4 = 4, ENCAP_CODE_NAT6 = 5 };
enum { A_VIP = 0, A_NEXT_HOP = 1, A_ETHERNET = 2, A_ADDRESS = 6, A_QUEUE = 10, A_TEMPLATE = 16, A_WORDS = 32 };
enum { HOP_KIND_QUEUE = 1 };
enum { N_ADDRESS = 0, N_TAIL = 4, N_WORDS = 8 };

/* counters.ts: WorkerCounter, VipCounter, AsCounter. */
enum {
	WORKER_COUNTER_RECEIVED = 0,
	WORKER_COUNTER_FORWARDED = 1,
	WORKER_COUNTER_REPLIED = 2,
	WORKER_COUNTER_PUNTED = 3,
	WORKER_COUNTER_DROPPED = 4,
	WORKER_COUNTER_BURSTS = 5,
	WORKER_COUNTER_REASONS = 16,
};
enum { VIP_COUNTER_EXISTING = 0, VIP_COUNTER_COUNT = 8 };
enum { AS_COUNTER_PACKETS = 0, AS_COUNTER_BYTES = 1, AS_COUNTER_COUNT = 4 };

/* A line of a flow table, words: packages/core/src/flow-table.ts. */
enum { LINE_ENTRIES = 4, LINE_HI = 4, LINE_EXPIRY = 8, LINE_VALUE = 12 };
#define FLOW_AS_MASK 0xffffff

/* NAT sessions: pipeline/nat-sessions.ts. */
enum { SESSION_SIDE_WORDS = 8, SESSION_NODE_PORT = 0x1000000, SESSION_TAG = 0x8000 };

/* Prefix tables: packages/core/src/lpm4.ts and lpm6.ts. */
enum { LPM6_HEADER_WORDS = 4, LPM6_MASK_WORDS = 4, LPM6_SLOT_SHIFT = 3, LPM6_SLOT_MASK_AT = 4, LPM6_SLOT_VALUE = 5 };

enum { PROTOCOL_ICMP = 1, PROTOCOL_TCP = 6, PROTOCOL_UDP = 17, PROTOCOL_DCCP = 33, PROTOCOL_ICMP6 = 58, PROTOCOL_UDPLITE = 136 };

#endif
