/* Gives workers what is theirs and leaves the rest of the host to the kernel. In this order:
 *
 *   0. what the worker has handed back (LBQ_PUNT in generic mode; native ones do not come by)  kernel
 *   1. not IP (ARP, …), malformed, ICMPv6 133-137 (router and neighbour discovery)    kernel
 *   2. node port: destination, or source of the packet inside an ICMP error            worker
 *   3. destination in a prefix (longest wins):
 *        LBQ_PREFIX_KERNEL                                                            kernel
 *        plain                                                                         worker
 *        LBQ_PREFIX_PORTS_ONLY: a port of its set, ICMP, a later fragment               worker, else go on
 *   4. NAT return: source in the set; a later fragment from a NAT server;
 *        an ICMP error from one or about a packet to one                               worker
 *   5. anything else                                                                  kernel
 *
 * "Worker" is the socket of the packet's receive queue; with none there, the packet goes to the kernel. */
#include "maps.h"
#include "parse.h"

#include "lbqueue_filter.h"

#define MAX_QUEUES 256

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, MAX_QUEUES);
	__type(key, __u32);
	__type(value, __u32);
} sockets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct lbq_prefix4_key);
	__type(value, struct lbq_prefix_value);
} prefix4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct lbq_prefix6_key);
	__type(value, struct lbq_prefix_value);
} prefix6 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct lbq_port_key);
	__type(value, __u64);
} prefix_port SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct lbq_endpoint_key);
	__type(value, __u64);
} node_port SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct lbq_endpoint_key);
	__type(value, __u64);
} nat_source SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct lbq_address_key);
	__type(value, __u64);
} nat_address SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, LBQ_FILTER_REASONS);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} punt_cookie SEC(".maps");

static always_inline void count(__u32 reason)
{
	__u64 *counter = bpf_map_lookup_elem(&counters, &reason);

	if (counter)
		(*counter)++;
}

static always_inline int has_endpoint(void *map, const __u8 *address, __be16 port, const struct packet *packet)
{
	struct lbq_endpoint_key key = { .port = port, .protocol = packet->protocol, .family = packet->family };

	__builtin_memcpy(key.address, address, sizeof(key.address));
	return bpf_map_lookup_elem(map, &key) != 0;
}

static always_inline int is_nat_server(const __u8 *address, __u8 family)
{
	struct lbq_address_key key = { .family = family };

	__builtin_memcpy(key.address, address, sizeof(key.address));
	return bpf_map_lookup_elem(&nat_address, &key) != 0;
}

static always_inline struct lbq_prefix_value *find_prefix(const struct packet *packet)
{
	if (packet->family == 4) {
		struct lbq_prefix4_key key = { .bits = 32 };

		__builtin_memcpy(key.address, packet->destination, sizeof(key.address));
		return bpf_map_lookup_elem(&prefix4, &key);
	} else {
		struct lbq_prefix6_key key = { .bits = 128 };

		__builtin_memcpy(key.address, packet->destination, sizeof(key.address));
		return bpf_map_lookup_elem(&prefix6, &key);
	}
}

static always_inline int is_icmp(const struct packet *packet)
{
	return packet->family == 4 ? packet->protocol == IPPROTO_ICMP : packet->protocol == IPPROTO_ICMPV6;
}

/* RFC 792: unreachable, source quench, redirect, time exceeded, parameter problem; RFC 4443 section 2.1: below 128. */
static always_inline int is_icmp_error(const struct packet *packet, __u8 type)
{
	if (packet->family == 6)
		return type < 128;
	return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
}

/* Returns LBQ_FILTER_VIP, _VIP_PORT, _EXEMPT, or _OTHER to go on. */
static always_inline __u32 match_prefix(const struct packet *packet)
{
	struct lbq_prefix_value *prefix = find_prefix(packet);

	if (!prefix)
		return LBQ_FILTER_OTHER;
	if (prefix->flags & LBQ_PREFIX_KERNEL)
		return LBQ_FILTER_EXEMPT;
	if (!(prefix->flags & LBQ_PREFIX_PORTS_ONLY) || is_icmp(packet) || packet->later_fragment)
		return LBQ_FILTER_VIP;
	if (packet->has_ports) {
		struct lbq_port_key key = { prefix->group, packet->destination_port, packet->protocol, 0 };

		if (bpf_map_lookup_elem(&prefix_port, &key))
			return LBQ_FILTER_VIP_PORT;
	}
	return LBQ_FILTER_OTHER;
}

/* `inside` is the packet within an ICMP error, all zero if this is none. Not inlined: see parse_ip. */
__attribute__((noinline)) int match(const struct packet *packet, const struct packet *inside)
{
	__u32 reason;

	if (!packet || !inside)
		return LBQ_FILTER_OTHER;
	if (packet->has_ports && has_endpoint(&node_port, packet->destination, packet->destination_port, packet))
		return LBQ_FILTER_NODE;
	if (inside->has_ports && has_endpoint(&node_port, inside->source, inside->source_port, inside))
		return LBQ_FILTER_NODE;
	reason = match_prefix(packet);
	if (reason != LBQ_FILTER_OTHER)
		return reason;
	if (packet->has_ports && has_endpoint(&nat_source, packet->source, packet->source_port, packet))
		return LBQ_FILTER_NAT;
	if ((packet->later_fragment || inside->family) && is_nat_server(packet->source, packet->family))
		return LBQ_FILTER_NAT;
	if (inside->family && is_nat_server(inside->destination, inside->family))
		return LBQ_FILTER_NAT;
	return LBQ_FILTER_OTHER;
}

static always_inline int is_punted(struct xdp_md *context)
{
	struct lbq_punt_header *header = bytes(context, 0, sizeof(*header));
	__u32 key = 0;
	__u64 *cookie = bpf_map_lookup_elem(&punt_cookie, &key);

	return header && cookie && header->type == bpf_htons(LBQ_PUNT_TYPE) && header->cookie == *cookie;
}

static always_inline __u32 classify(struct xdp_md *context)
{
	struct packet packet = { 0 }, inside = { 0 };
	__be16 type = 0;
	int offset = parse_ethernet(context, &type);

	if (offset < 0)
		return LBQ_FILTER_OTHER;
	if (type == bpf_htons(LBQ_PUNT_TYPE))
		return is_punted(context) ? LBQ_FILTER_PUNTED : LBQ_FILTER_OTHER;
	offset = parse_ip(context, offset, type, &packet);
	if (offset < 0)
		return LBQ_FILTER_OTHER;
	if (is_icmp(&packet) && !packet.later_fragment) {
		__u8 *icmp = bytes(context, offset, 8);

		if (icmp && packet.family == 6 && *icmp >= 133 && *icmp <= 137)
			return LBQ_FILTER_NEIGHBOUR;
		if (icmp && is_icmp_error(&packet, *icmp))
			parse_ip(context, offset + 8, type, &inside);
	}
	return match(&packet, &inside);
}

SEC("xdp")
int lb_filter(struct xdp_md *context)
{
	__u32 reason = classify(context);
	int action;

	if (reason < LBQ_FILTER_VIP || reason == LBQ_FILTER_PUNTED) {
		count(reason);
		if (reason == LBQ_FILTER_PUNTED)
			bpf_xdp_adjust_head(context, sizeof(struct lbq_punt_header));
		return XDP_PASS;
	}
	action = bpf_redirect_map(&sockets, context->rx_queue_index, XDP_PASS);
	count(action == XDP_REDIRECT ? reason : LBQ_FILTER_NO_SOCKET);
	return action;
}

char filter_license[] SEC("license") = "Apache-2.0";
