#include "frames.h"

#include <arpa/inet.h>
#include <string.h>

static const uint8_t mark[4] = { 'L', 'B', 'Q', '!' };

static uint8_t *put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
	return at + 2;
}

static uint8_t *put32(uint8_t *at, uint32_t value)
{
	return put16(put16(at, value >> 16), value & 0xffff);
}

static uint8_t *put_ethernet(uint8_t *at, const struct frame_options *o, uint16_t type)
{
	memset(at, 0xff, 6);
	memset(at + 6, 0, 6);
	if (o->destination_mac)
		memcpy(at, o->destination_mac, 6);
	if (o->source_mac)
		memcpy(at + 6, o->source_mac, 6);
	at += 12;
	for (int i = 0; i < 2; i++) {
		if (!o->vlan[i])
			continue;
		/* IEEE 802.1ad: the outer of two tags is a service tag. */
		at = put16(at, i == 0 && o->vlan[1] ? 0x88a8 : 0x8100);
		at = put16(at, o->vlan[i]);
	}
	return put16(at, type);
}

static void ipv4_checksum(uint8_t *ip, uint32_t length)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < length; i += 2)
		sum += (uint32_t)ip[i] << 8 | ip[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	put16(ip + 10, ~sum & 0xffff);
}

static uint8_t *put_ipv4(uint8_t *ip, const struct frame_options *o, uint32_t behind)
{
	uint32_t header = o->options ? 24 : 20;

	memset(ip, 0, header);
	ip[0] = (uint8_t)(0x40 | header / 4);
	put16(ip + 2, header + behind);
	put16(ip + 6, (uint32_t)o->fragment_offset | (o->more_fragments ? 0x2000u : 0));
	ip[8] = 64;
	ip[9] = o->protocol;
	inet_pton(AF_INET, o->source, ip + 12);
	inet_pton(AF_INET, o->destination, ip + 16);
	if (o->options)
		memset(ip + 20, 1, 4);
	ipv4_checksum(ip, header);
	return ip + header;
}

static uint8_t *put_ipv6(uint8_t *ip, const struct frame_options *o, uint32_t behind)
{
	int fragment = o->fragment_offset || o->more_fragments;
	uint8_t *next = ip + 6, *at = ip + 40;

	memset(ip, 0, 56);
	ip[0] = 0x60;
	put16(ip + 4, behind + (o->options ? 8 : 0) + (fragment ? 8 : 0));
	ip[7] = 64;
	inet_pton(AF_INET6, o->source, ip + 8);
	inet_pton(AF_INET6, o->destination, ip + 24);
	if (o->options) {
		*next = 60;
		next = at;
		at[2] = 1; /* PadN of 4 bytes */
		at[3] = 4;
		at += 8;
	}
	if (fragment) {
		*next = 44;
		next = at;
		memset(at, 0, 8);
		put16(at + 2, (uint32_t)o->fragment_offset << 3 | o->more_fragments);
		at += 8;
	}
	*next = o->protocol;
	return at;
}

static uint32_t transport_bytes(uint8_t protocol)
{
	return protocol == 6 ? 20 : 8;
}

static uint8_t *put_transport(uint8_t *at, const struct frame_options *o)
{
	memset(at, 0, 20);
	if (o->protocol == 1 || o->protocol == 58) {
		at[0] = o->icmp_type;
		return at + 8;
	}
	put16(put16(at, o->source_port), o->destination_port);
	if (o->protocol == 6) {
		at[12] = 0x50;
		at[13] = 2;
		return at + 20;
	}
	put16(at + 4, 8 + o->payload);
	return at + 8;
}

uint32_t frame_build(uint8_t *frame, const struct frame_options *o)
{
	int is_ipv6 = strchr(o->destination, ':') != NULL;
	uint32_t behind = (o->fragment_offset ? 0 : transport_bytes(o->protocol)) + o->inside_length + o->payload;
	uint8_t *at = put_ethernet(frame, o, is_ipv6 ? 0x86dd : 0x0800);

	at = is_ipv6 ? put_ipv6(at, o, behind) : put_ipv4(at, o, behind);
	if (!o->fragment_offset)
		at = put_transport(at, o);
	if (o->inside_length)
		memcpy(at, o->inside, o->inside_length);
	at += o->inside_length;
	for (uint32_t i = 8; i < o->payload; i++)
		at[i] = (uint8_t)(i * 7 + o->sequence);
	put32(at, o->sequence);
	memcpy(at + 4, mark, sizeof(mark));
	return (uint32_t)(at + o->payload - frame);
}

int frame_is_marked(const uint8_t *frame, uint32_t length)
{
	return memmem(frame, length, mark, sizeof(mark)) != NULL;
}
