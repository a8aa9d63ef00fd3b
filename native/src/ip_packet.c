#include "ip_packet.h"

#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <stddef.h>

#define MAX_TAGS 2
#define TAG_BYTES 4

static uint16_t read16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

int lbq_find_ip_packet(const uint8_t **at, uint32_t *length)
{
	const uint8_t *data = *at;
	uint32_t offset = offsetof(struct ethhdr, h_proto), bytes;
	uint16_t type;

	if (*length < ETH_HLEN)
		return -1;
	type = read16(data + offset);
	for (int tags = 0; tags < MAX_TAGS && (type == ETH_P_8021Q || type == ETH_P_8021AD); tags++) {
		offset += TAG_BYTES;
		if (*length < offset + sizeof(type))
			return -1;
		type = read16(data + offset);
	}
	offset += sizeof(type);
	data += offset;
	*length -= offset;
	*at = data;
	if (type == ETH_P_IP && *length >= sizeof(struct iphdr))
		bytes = read16(data + offsetof(struct iphdr, tot_len));
	else if (type == ETH_P_IPV6 && *length >= sizeof(struct ipv6hdr))
		bytes = sizeof(struct ipv6hdr) + read16(data + offsetof(struct ipv6hdr, payload_len));
	else
		return -1;
	if (bytes > *length || bytes < sizeof(struct iphdr))
		return -1;
	*length = bytes;
	return type == ETH_P_IP ? IPV4 : IPV6;
}
