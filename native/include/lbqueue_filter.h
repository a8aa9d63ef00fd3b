/* What the XDP filter program and its user-space side agree on. Read by both compilers: no includes but the kernel's. */
#ifndef LBQUEUE_FILTER_H
#define LBQUEUE_FILTER_H

#include <linux/types.h>

/* Kinds of filter entries: which map an entry goes to. */
#define LBQ_FILTER_PREFIX 1      /* destination prefix: family, prefix_length, address, flags, group */
#define LBQ_FILTER_PREFIX_PORT 2 /* a port of a "ports only" prefix: group, protocol, port */
#define LBQ_FILTER_NODE_PORT 3   /* destination on this host: family, address, protocol, port */
#define LBQ_FILTER_NAT_SOURCE 4  /* source on a NAT server: family, address, protocol, port */
#define LBQ_FILTER_NAT_ADDRESS 5 /* source address of a NAT server: family, address */

/* Flags of a LBQ_FILTER_PREFIX entry. */
#define LBQ_PREFIX_PORTS_ONLY 1 /* only its LBQ_FILTER_PREFIX_PORT entries, its fragments and its ICMP are taken */
#define LBQ_PREFIX_KERNEL 2     /* an exemption: everything to this prefix stays with the kernel */

/* Why the filter program decided as it did; the indices of its counters. */
#define LBQ_FILTER_OTHER 0     /* not IP, malformed, or nothing matched: to the kernel */
#define LBQ_FILTER_EXEMPT 1    /* LBQ_PREFIX_KERNEL: to the kernel */
#define LBQ_FILTER_NEIGHBOUR 2 /* ICMPv6 router and neighbour discovery: to the kernel */
#define LBQ_FILTER_VIP 3       /* destination prefix: to the worker */
#define LBQ_FILTER_VIP_PORT 4  /* destination prefix and port: to the worker */
#define LBQ_FILTER_NODE 5      /* node port, or an ICMP error about one: to the worker */
#define LBQ_FILTER_NAT 6       /* NAT return traffic: to the worker */
#define LBQ_FILTER_NO_SOCKET 7 /* a match on a queue that no socket serves: to the kernel */
#define LBQ_FILTER_PUNTED 8    /* generic mode: a frame that LBQ_PUNT handed back: to the kernel */
#define LBQ_FILTER_REASONS 9

/* One entry of any kind, 28 bytes. Fields that a kind does not name are zero. Address and port are in network order; an
 * IPv4 address takes the first four bytes, the rest is zero. */
struct lbq_filter_entry {
	__u8 family; /* 4 or 6 */
	__u8 prefix_length;
	__u8 protocol; /* IANA number: 6 TCP, 17 UDP */
	__u8 flags;
	__be16 port;
	__u16 reserved;
	__u32 group; /* ties a "ports only" prefix to its ports; any number that no other prefix uses */
	__u8 address[16];
};

#endif
