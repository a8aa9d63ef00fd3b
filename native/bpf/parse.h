/* Reads as much of a packet as the filter needs: addresses, protocol, ports, fragment or not. Nothing is validated beyond
 * what that takes; the worker does the rest. */
#ifndef LBQ_FILTER_PARSE_H
#define LBQ_FILTER_PARSE_H

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#define always_inline inline __attribute__((always_inline))

struct packet {
	__u8 source[16];
	__u8 destination[16];
	__be16 source_port;
	__be16 destination_port;
	__u8 family; /* 4 or 6 */
	__u8 protocol;
	__u8 has_ports; /* TCP or UDP, whole or first fragment */
	__u8 later_fragment; /* not the first */
};

struct vlan_tag {
	__be16 tci;
	__be16 type;
};

/* IPv6 extension headers; hop-by-hop, routing and destination options have the same first two bytes. */
struct extension {
	__u8 next;
	__u8 length; /* in units of 8 bytes, not counting the first */
	__be16 offset; /* of the fragment header */
};

#define MAX_EXTENSIONS 6
#define MAX_OFFSET 511 /* where the last header read may start */

/* `size` bytes of the packet at `offset`, or 0 if they are not there. */
static always_inline void *bytes(struct xdp_md *context, __u32 offset, __u32 size)
{
	void *at = (void *)(long)context->data;

	if (offset > MAX_OFFSET)
		return 0;
	at += offset;
	return at + size > (void *)(long)context->data_end ? 0 : at;
}

/* Both return the offset behind what they read, or -1. */
static always_inline int parse_ipv4(struct xdp_md *context, __u32 offset, struct packet *packet)
{
	struct iphdr *ip = bytes(context, offset, sizeof(*ip));

	if (!ip || ip->version != 4 || ip->ihl < 5)
		return -1;
	packet->family = 4;
	__builtin_memcpy(packet->source, &ip->saddr, 4);
	__builtin_memcpy(packet->destination, &ip->daddr, 4);
	packet->protocol = ip->protocol;
	packet->later_fragment = (ip->frag_off & bpf_htons(0x1fff)) != 0;
	return offset + ip->ihl * 4;
}

static always_inline int parse_ipv6(struct xdp_md *context, __u32 offset, struct packet *packet)
{
	struct ipv6hdr *ip = bytes(context, offset, sizeof(*ip));

	if (!ip || ip->version != 6)
		return -1;
	packet->family = 6;
	__builtin_memcpy(packet->source, &ip->saddr, 16);
	__builtin_memcpy(packet->destination, &ip->daddr, 16);
	packet->protocol = ip->nexthdr;
	offset += sizeof(*ip);
	for (int i = 0; i < MAX_EXTENSIONS && !packet->later_fragment; i++) {
		struct extension *extension;

		if (packet->protocol != IPPROTO_FRAGMENT && packet->protocol != IPPROTO_HOPOPTS &&
		    packet->protocol != IPPROTO_ROUTING && packet->protocol != IPPROTO_DSTOPTS)
			break;
		extension = bytes(context, offset, sizeof(*extension));
		if (!extension)
			return -1;
		if (packet->protocol == IPPROTO_FRAGMENT) {
			packet->later_fragment = (extension->offset & bpf_htons(0xfff8)) != 0;
			offset += 8;
		} else {
			offset += 8 + extension->length * 8;
		}
		packet->protocol = extension->next;
	}
	return offset;
}

/* `type` is the Ethernet type. Returns where the transport header starts, or -1 for what is not IP or cut off before it.
 * Not inlined and not static: the verifier then looks at it once, not once for each way that leads here. */
__attribute__((noinline)) int parse_ip(struct xdp_md *context, __u32 offset, __u32 type, struct packet *packet)
{
	__be16 *port;
	int transport = -1;

	if (!packet)
		return -1;
	__builtin_memset(packet, 0, sizeof(*packet));
	if (type == bpf_htons(ETH_P_IP))
		transport = parse_ipv4(context, offset, packet);
	else if (type == bpf_htons(ETH_P_IPV6))
		transport = parse_ipv6(context, offset, packet);
	if (transport < 0 || packet->later_fragment || (packet->protocol != IPPROTO_TCP && packet->protocol != IPPROTO_UDP))
		return transport;
	port = bytes(context, transport, 2 * sizeof(*port));
	if (port) {
		packet->source_port = port[0];
		packet->destination_port = port[1];
		packet->has_ports = 1;
	}
	return transport;
}

/* Skips Ethernet and up to two VLAN tags. Returns where the next header starts, or -1. */
static always_inline int parse_ethernet(struct xdp_md *context, __be16 *type)
{
	struct ethhdr *ethernet = bytes(context, 0, sizeof(*ethernet));
	__u32 offset = sizeof(*ethernet);

	if (!ethernet)
		return -1;
	*type = ethernet->h_proto;
	for (int i = 0; i < 2; i++) {
		struct vlan_tag *tag;

		if (*type != bpf_htons(ETH_P_8021Q) && *type != bpf_htons(ETH_P_8021AD))
			break;
		tag = bytes(context, offset, sizeof(*tag));
		if (!tag)
			return -1;
		*type = tag->type;
		offset += sizeof(*tag);
	}
	return offset;
}

#endif
