#include "stages.h"

/* Header words of the packet as the TypeScript stages write them: packages/encap/src and pipeline/rewrite-*.ts. */

static inline uint32_t change16(uint32_t from, uint32_t to)
{
	return (~from & 0xffff) + to;
}

static inline uint32_t change32(uint32_t from, uint32_t to)
{
	return (~from & 0xffff) + (~from >> 16) + (to & 0xffff) + (to >> 16);
}

static inline uint32_t apply_change(uint32_t checksum, uint32_t change)
{
	return ~fold((~checksum & 0xffff) + change) & 0xffff;
}

static inline uint32_t checksum_offset(uint32_t protocol)
{
	if (protocol == PROTOCOL_TCP)
		return 16;
	return protocol == PROTOCOL_UDP || protocol == PROTOCOL_UDPLITE || protocol == PROTOCOL_DCCP ? 6 : 0;
}

static inline void update_l4_checksum(uint8_t *at, uint32_t protocol, uint32_t change)
{
	uint32_t before = load16(at), updated = apply_change(before, change);

	if (protocol == PROTOCOL_UDP || protocol == PROTOCOL_UDPLITE)
		updated = before == 0 ? 0 : updated == 0 ? 0xffff : updated;
	store16(at, updated);
}

static inline void set_next_hop(uint8_t *eth, const int32_t *as)
{
	if (as[A_NEXT_HOP] != HOP_KIND_QUEUE)
		return;
	store16(eth, (uint32_t)as[A_ETHERNET]);
	memcpy(eth + 2, as + A_ETHERNET + 1, 8);
	store16(eth + 10, (uint32_t)as[A_ETHERNET + 3]);
}

/* pipeline/next-hop.ts, pushEthernet: `bytes` of Ethernet header, tags included. */
static inline void push_ethernet(uint8_t *eth, uint32_t bytes, uint32_t overhead, const int32_t *as, uint32_t type)
{
	uint8_t *to = eth - overhead;

	if (bytes == 14 && as[A_NEXT_HOP] == HOP_KIND_QUEUE) {
		store16(to, (uint32_t)as[A_ETHERNET]);
		memcpy(to + 2, as + A_ETHERNET + 1, 12);
		return;
	}
	memmove(to, eth, bytes - 2);
	store16(to + bytes - 2, type);
	set_next_hop(to, as);
}

static inline uint32_t spread(uint32_t source, uint32_t mask, uint32_t identity)
{
	return (source & ~mask) | (identity & mask);
}

static inline void gre4(uint8_t *ip, uint32_t bytes, const int32_t *as, uint32_t source_mask, uint32_t identity)
{
	const uint32_t *template = (const uint32_t *)(as + A_TEMPLATE);
	uint8_t *outer = ip - 24;
	uint32_t length = swap16(bytes + 24), source = template[3], destination = template[4], sum = template[6];

	if (source_mask != 0) {
		source = spread(source, source_mask, identity);
		sum = template[0] + template[2] + (source & 0xffff) + (source >> 16) + (destination & 0xffff) + (destination >> 16);
	}
	/* From registers: a header put together in memory is read back wider than it was written, which waits (6 ns). */
	store64(outer, template[0] | length << 16, template[1]);
	store64(outer + 8, template[2] | ~fold(sum + length) << 16, source);
	store64(outer + 16, destination, template[5]);
}

static inline void gre6(uint8_t *ip, uint32_t bytes, const int32_t *as, uint32_t source_mask, uint32_t identity)
{
	const uint32_t *template = (const uint32_t *)(as + A_TEMPLATE);
	uint8_t *outer = ip - 44;

	memcpy(outer, template, 44);
	store32(outer + 4, template[1] | swap16(bytes + 4));
	if (source_mask != 0)
		store32(outer + 20, spread(template[5], source_mask, identity));
}

/* packages/encap/src/ttl.ts, and the header's checksum once for that, for the new destination and for `change`. */
static inline void set_destination4(uint8_t *ip, uint32_t address, uint32_t to_address, uint32_t change)
{
	uint32_t before = load32(ip + 8), ttl = before & 0xffff, less = (ttl & 0xff00) | ((ttl - 1) & 0xff);

	store32(ip + 8, less | apply_change(before >> 16, to_address + change + change16(ttl, less)) << 16);
	store32(ip + 16, address);
}

static inline void l3dsr(uint8_t *ip, uint8_t *l4, uint32_t protocol, uint32_t address, uint32_t dscp)
{
	uint32_t first = load16(ip), marked = (first & 0x03ff) | (dscp << 10);
	uint32_t change = change32(load32(ip + 16), address), offset;

	set_destination4(ip, address, change, change16(first, marked));
	store16(ip, marked);
	offset = l4 == NULL ? 0 : checksum_offset(protocol);
	if (offset != 0 && l4 + offset + 2 <= ip + swap16(load16(ip + 2)))
		update_l4_checksum(l4 + offset, protocol, change);
}

/* packages/encap/src/nat.ts, natL4 on the destination's side. */
static inline void nat_l4(uint8_t *l4, const uint8_t *end, uint32_t protocol, uint32_t change, uint32_t port)
{
	uint32_t offset = protocol == PROTOCOL_ICMP6 ? 2 : checksum_offset(protocol);

	if (offset == 0 || l4 + offset + 2 > end)
		return;
	if (protocol != PROTOCOL_ICMP6) {
		change += change16(load16(l4 + 2), port);
		store16(l4 + 2, port);
	}
	update_l4_checksum(l4 + offset, protocol, change);
}

static inline void nat4(uint8_t *ip, uint8_t *l4, uint32_t protocol, uint32_t address, uint32_t port)
{
	uint32_t change = change32(load32(ip + 16), address);

	set_destination4(ip, address, change, 0);
	/* ICMP's checksum does not cover addresses. */
	if (l4 != NULL && checksum_offset(protocol) != 0)
		nat_l4(l4, ip + swap16(load16(ip + 2)), protocol, change, port);
}

static inline void nat6(uint8_t *ip, uint8_t *l4, uint32_t protocol, const int32_t *address, uint32_t port)
{
	uint32_t change = 0;

	for (int k = 0; k < 4; k++)
		change += change32(load32(ip + 24 + 4 * k), (uint32_t)address[k]);
	memcpy(ip + 24, address, 16);
	if (l4 != NULL)
		nat_l4(l4, ip + 40 + swap16(load16(ip + 4)), protocol, change, port);
}

/* pipeline/forward.ts, notForwarded. */
static void count_other(double *values, const int32_t *w, int32_t i)
{
	int32_t verdict = w[B_VERDICT + i];

	if (verdict == VERDICT_REPLY)
		values[WORKER_COUNTER_REPLIED] += 1;
	if (verdict != VERDICT_DROP && verdict != VERDICT_PUNT)
		return;
	values[verdict == VERDICT_DROP ? WORKER_COUNTER_DROPPED : WORKER_COUNTER_PUNTED] += 1;
	values[WORKER_COUNTER_REASONS + w[B_REASON + i]] += 1;
}

static void drop_too_big(double *values, int32_t *w, int32_t i)
{
	w[B_VERDICT + i] = VERDICT_DROP;
	w[B_REASON + i] = REASON_ENCAP_TOO_BIG;
	count_other(values, w, i);
}

/* Rewrites and counts; lists return traffic, whose way is looked up elsewhere, and NAT that is not usual. */
int32_t lbq_rewrite(struct lbq_stages *s)
{
	int32_t *w = words_of(s->burst);
	const int32_t *image = words_of(s->image);
	uint8_t *frames = (uint8_t *)words_of(s->frames);
	double *values = (double *)(uintptr_t)s->counters;
	uint32_t mask4 = (uint32_t)image[H_SOURCE4_MASK], mask6 = (uint32_t)image[H_SOURCE6_MASK];
	bool network = (image[H_FLAGS] & IMAGE_FLAG_HAS_NETWORK) != 0;
	int32_t count = s->count, listed = 0, forwarded = 0;
	const int32_t *ass = image + image[H_ASS], *vips = image + image[H_VIPS];

	for (int32_t i = 0; i < count; i++) {
		int32_t encap = w[B_ENCAP + i], offset = w[B_OFFSET + i], at = w[B_IP + i], bytes = w[B_IP_LENGTH + i];
		const int32_t *as;
		const int32_t *vip;
		uint8_t *ip, *eth, *l4;
		uint32_t protocol, flags, header, overhead = 0;
		double *counter;

		if (w[B_VERDICT + i] != VERDICT_PENDING) {
			if (w[B_VERDICT + i] == VERDICT_FORWARD) {
				w[B_MISSES + listed++] = i;
				continue;
			}
			if (network && w[B_VERDICT + i] == VERDICT_REPLY)
				w[B_OUTPUT + i] = s->input;
			count_other(values, w, i);
			continue;
		}
		as = ass + w[B_AS + i] * A_WORDS;
		ip = frames + (uint32_t)at;
		eth = frames + (uint32_t)offset;
		header = (uint32_t)(at - offset);
		if (encap == ENCAP_CODE_GRE4) {
			if (bytes > 65535 - 24) {
				drop_too_big(values, w, i);
				continue;
			}
			overhead = 24;
			push_ethernet(eth, header, overhead, as, 0x0008);
			gre4(ip, (uint32_t)bytes, as, mask4, (uint32_t)w[B_LO + i]);
		} else if (encap == ENCAP_CODE_GRE6) {
			if (bytes > 65535 - 4) {
				drop_too_big(values, w, i);
				continue;
			}
			overhead = 44;
			push_ethernet(eth, header, overhead, as, 0xdd86);
			gre6(ip, (uint32_t)bytes, as, mask6, (uint32_t)w[B_LO + i]);
		} else {
			flags = (uint32_t)w[B_FLAGS + i];
			protocol = (uint32_t)w[B_PROTOCOL + i];
			l4 = w[B_L4 + i] == 0 ? NULL : frames + (uint32_t)w[B_L4 + i];
			vip = vips + w[B_VIP + i] * V_WORDS;
			if (encap == ENCAP_CODE_L3DSR) {
				/* The column holds the flow's protocol, which for an ICMP error is that of the embedded packet. */
				l3dsr(ip, l4, (flags & FLAG_ICMP_ERROR) != 0 ? PROTOCOL_ICMP : protocol, (uint32_t)as[A_ADDRESS],
				      (uint32_t)vip[V_DSCP]);
			} else {
				if ((flags & FLAG_ICMP_ERROR) != 0 || w[B_CLIENT_PORT + i] != (w[B_PORTS + i] & 0xffff)) {
					w[B_MISSES + listed++] = i;
					continue;
				}
				if ((flags & FLAG_IPV6) == 0) {
					nat4(ip, l4, protocol, (uint32_t)as[A_ADDRESS], (uint32_t)vip[V_TARGET_PORT]);
					} else {
					nat6(ip, l4, protocol, as + A_ADDRESS, (uint32_t)vip[V_TARGET_PORT]);
					ip[7]--;
				}
			}
			set_next_hop(eth, as);
		}
		w[B_OFFSET + i] = offset - (int32_t)overhead;
		w[B_LENGTH + i] = (int32_t)(header + overhead) + bytes;
		w[B_VERDICT + i] = VERDICT_FORWARD;
		if (network)
			w[B_OUTPUT + i] = as[A_QUEUE];
		forwarded++;
		counter = values + s->ass_at + w[B_AS + i] * AS_COUNTER_COUNT;
		counter[AS_COUNTER_PACKETS] += 1;
		counter[AS_COUNTER_BYTES] += bytes;
	}
	values[WORKER_COUNTER_FORWARDED] += forwarded;
	values[WORKER_COUNTER_RECEIVED] += s->received;
	values[WORKER_COUNTER_BURSTS] += 1;
	return listed;
}
