/* What the filter decides, written a second time and plainly, after the list at the top of lb_filter.bpf.c. Shares with it the
 * limits of what it reads: six IPv6 extension headers, none that starts behind byte 511. */
#include "filter_reference.h"

#include <string.h>

#include "entries.h"
#include "lbqueue_filter.h"

enum { TCP = 6, UDP = 17, ICMP = 1, ICMP6 = 58, HOP_BY_HOP = 0, ROUTING = 43, FRAGMENT = 44, OPTIONS = 60 };
enum { MOST_EXTENSIONS = 6, LAST_START = 511 };

struct frame {
	const uint8_t *bytes;
	size_t length;
};

struct seen {
	int family; /* 0: nothing was read */
	uint8_t source[16], destination[16];
	int protocol;
	bool later_fragment, has_ports;
	int source_port, destination_port;
	size_t transport;
};

static bool has(const struct frame *frame, size_t at, size_t count)
{
	return at <= LAST_START && at + count <= frame->length;
}

static int read16(const struct frame *frame, size_t at)
{
	return frame->bytes[at] * 256 + frame->bytes[at + 1];
}

static bool read_ip4(const struct frame *frame, size_t at, struct seen *seen)
{
	const uint8_t *ip = frame->bytes + at;

	if (!has(frame, at, 20) || ip[0] / 16 != 4 || ip[0] % 16 < 5)
		return false;
	seen->family = 4;
	memcpy(seen->source, ip + 12, 4);
	memcpy(seen->destination, ip + 16, 4);
	seen->protocol = ip[9];
	seen->later_fragment = (read16(frame, at + 6) & 0x1fff) != 0;
	seen->transport = at + (size_t)(ip[0] % 16) * 4;
	return true;
}

static bool read_ip6(const struct frame *frame, size_t at, struct seen *seen)
{
	const uint8_t *ip = frame->bytes + at;

	if (!has(frame, at, 40) || ip[0] / 16 != 6)
		return false;
	seen->family = 6;
	memcpy(seen->source, ip + 8, 16);
	memcpy(seen->destination, ip + 24, 16);
	seen->protocol = ip[6];
	at += 40;
	for (int n = 0; n < MOST_EXTENSIONS && !seen->later_fragment; n++) {
		int type = seen->protocol;

		if (type != HOP_BY_HOP && type != ROUTING && type != FRAGMENT && type != OPTIONS)
			break;
		if (!has(frame, at, 4))
			return false;
		seen->protocol = frame->bytes[at];
		if (type == FRAGMENT)
			seen->later_fragment = read16(frame, at + 2) / 8 != 0;
		at += type == FRAGMENT ? 8 : 8 + (size_t)frame->bytes[at + 1] * 8;
	}
	seen->transport = at;
	return true;
}

static bool read_ip(const struct frame *frame, size_t at, int type, struct seen *seen)
{
	bool whole = type == 0x0800 ? read_ip4(frame, at, seen) : type == 0x86dd && read_ip6(frame, at, seen);

	if (whole && !seen->later_fragment && (seen->protocol == TCP || seen->protocol == UDP) && has(frame, seen->transport, 4)) {
		seen->has_ports = true;
		seen->source_port = read16(frame, seen->transport);
		seen->destination_port = read16(frame, seen->transport + 2);
	}
	return whole;
}

static bool is_listed(const struct endpoint *list, size_t count, const struct seen *seen, const uint8_t *address, int port)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].family == seen->family && list[i].protocol == seen->protocol && list[i].port == port &&
		    memcmp(list[i].address, address, 16) == 0)
			return true;
	return false;
}

static bool is_nat_server(int family, const uint8_t *address)
{
	for (size_t i = 0; i < COUNT(nat_sources); i++)
		if (nat_sources[i].family == family && memcmp(nat_sources[i].address, address, 16) == 0)
			return true;
	return false;
}

static bool is_in(const struct prefix *prefix, const struct seen *seen)
{
	for (int bit = 0; bit < prefix->bits; bit++)
		if ((seen->destination[bit / 8] >> (7 - bit % 8) & 1) != (prefix->address[bit / 8] >> (7 - bit % 8) & 1))
			return false;
	return prefix->family == seen->family;
}

static bool is_icmp(const struct seen *seen)
{
	return seen->protocol == (seen->family == 4 ? ICMP : ICMP6);
}

static int by_prefix(const struct seen *seen)
{
	const struct prefix *longest = NULL;

	for (size_t i = 0; i < COUNT(prefixes); i++)
		if (is_in(&prefixes[i], seen) && (longest == NULL || prefixes[i].bits > longest->bits))
			longest = &prefixes[i];
	if (longest == NULL)
		return LBQ_FILTER_OTHER;
	if (longest->flags == LBQ_PREFIX_KERNEL)
		return LBQ_FILTER_EXEMPT;
	if (longest->flags == 0 || is_icmp(seen) || seen->later_fragment)
		return LBQ_FILTER_VIP;
	for (size_t i = 0; seen->has_ports && i < COUNT(ports); i++)
		if (ports[i].group == longest->group && ports[i].protocol == seen->protocol && ports[i].port == seen->destination_port)
			return LBQ_FILTER_VIP_PORT;
	return LBQ_FILTER_OTHER;
}

static bool is_error(const struct seen *seen, int type)
{
	if (seen->family == 6)
		return type < 128;
	return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
}

static int decide(const struct frame *frame)
{
	struct seen seen = { 0 }, inside = { 0 };
	size_t at = 12;
	int type, reason;

	if (frame->length < 14)
		return LBQ_FILTER_OTHER;
	type = read16(frame, at);
	for (int tags = 0; tags < 2 && (type == 0x8100 || type == 0x88a8); tags++) {
		if (frame->length < at + 6)
			return LBQ_FILTER_OTHER;
		at += 4;
		type = read16(frame, at);
	}
	if (type == 0x88b5) {
		uint64_t cookie = COOKIE;

		/* Only right in front: its own type, two bytes, the number. */
		if (at == 12 && frame->length >= 24 && memcmp(frame->bytes + 16, &cookie, sizeof(cookie)) == 0)
			return LBQ_FILTER_PUNTED;
		return LBQ_FILTER_OTHER;
	}
	if (!read_ip(frame, at + 2, type, &seen))
		return LBQ_FILTER_OTHER;
	if (is_icmp(&seen) && !seen.later_fragment && has(frame, seen.transport, 8)) {
		int icmp = frame->bytes[seen.transport];

		if (seen.family == 6 && icmp >= 133 && icmp <= 137)
			return LBQ_FILTER_NEIGHBOUR;
		if (is_error(&seen, icmp))
			read_ip(frame, seen.transport + 8, type, &inside);
	}
	if (seen.has_ports && is_listed(node_ports, COUNT(node_ports), &seen, seen.destination, seen.destination_port))
		return LBQ_FILTER_NODE;
	if (inside.has_ports && is_listed(node_ports, COUNT(node_ports), &inside, inside.source, inside.source_port))
		return LBQ_FILTER_NODE;
	reason = by_prefix(&seen);
	if (reason != LBQ_FILTER_OTHER)
		return reason;
	if (seen.has_ports && is_listed(nat_sources, COUNT(nat_sources), &seen, seen.source, seen.source_port))
		return LBQ_FILTER_NAT;
	if ((seen.later_fragment || inside.family != 0) && is_nat_server(seen.family, seen.source))
		return LBQ_FILTER_NAT;
	if (inside.family != 0 && is_nat_server(inside.family, inside.destination))
		return LBQ_FILTER_NAT;
	return LBQ_FILTER_OTHER;
}

int expect_reason(const uint8_t *bytes, size_t length, uint32_t queue)
{
	const struct frame frame = { bytes, length };
	int reason = decide(&frame);
	bool to_worker = reason >= LBQ_FILTER_VIP && reason <= LBQ_FILTER_NAT;

	return to_worker && queue != 0 ? LBQ_FILTER_NO_SOCKET : reason;
}
