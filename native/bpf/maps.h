/* Keys and values of the filter program's maps, for both compilers. No padding but what is named: keys are compared
 * byte by byte. Addresses and ports are in network order; an IPv4 address takes four bytes, zeros behind it. */
#ifndef LBQ_FILTER_MAPS_H
#define LBQ_FILTER_MAPS_H

#include <linux/types.h>

struct lbq_prefix4_key {
	__u32 bits;
	__u8 address[4];
};

struct lbq_prefix6_key {
	__u32 bits;
	__u8 address[16];
};

struct lbq_prefix_value {
	__u32 flags; /* LBQ_PREFIX_* */
	__u32 group;
};

struct lbq_port_key {
	__u32 group;
	__be16 port;
	__u8 protocol;
	__u8 zero;
};

struct lbq_endpoint_key {
	__u8 address[16];
	__be16 port;
	__u8 protocol;
	__u8 family;
};

struct lbq_address_key {
	__u8 address[16];
	__u8 family;
	__u8 zero[3];
};

/* In front of a frame that LBQ_PUNT hands back in generic mode, where it meets the filter once more. */
struct lbq_punt_header {
	__u8 addresses[12];
	__be16 type; /* LBQ_PUNT_TYPE */
	__u16 zero;
	__u64 cookie; /* random, so that nobody else can pass the filter with it */
};

#define LBQ_PUNT_TYPE 0x88b5 /* IEEE 802: local experimental EtherType 1 */

#endif
