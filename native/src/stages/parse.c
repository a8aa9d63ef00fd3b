#include "stages.h"

/* Untagged, unfragmented IPv4 without options and IPv6 without extension headers, TCP or UDP. `end` is the frame's. */

static bool is_plausible_l4(const uint8_t *l4, uint32_t protocol, uint32_t bytes)
{
	uint32_t own;

	if (protocol == PROTOCOL_UDP) {
		if (bytes < 8)
			return false;
		own = swap16(load16(l4 + 4));
		return own >= 8 && own <= bytes;
	}
	if (bytes < 20)
		return false;
	own = (l4[12] >> 4) * 4u;
	return own >= 20 && own <= bytes;
}

/* pipeline/life.ts, tcpLife: `l4` is a whole header. */
static int32_t life_of(const uint8_t *l4, uint32_t protocol)
{
	const uint32_t fin_rst = 0x05, syn_ack_rst = 0x16, syn = 0x02;
	uint32_t flags;

	if (protocol == PROTOCOL_UDP)
		return LIFE_UDP;
	flags = l4[13];
	if ((flags & syn_ack_rst) == syn)
		return LIFE_TCP_SYN;
	return (flags & fin_rst) != 0 ? LIFE_TCP_END : LIFE_TCP_DATA;
}

static bool parse4(const uint8_t *at, uint32_t length, uint32_t *total, uint32_t *protocol)
{
	uint64_t first, second;
	uint32_t sum;

	if (length < 34 || at[0] != 0x45)
		return false;
	*total = swap16(load16(at + 2));
	*protocol = at[9];
	if ((*protocol != PROTOCOL_UDP && *protocol != PROTOCOL_TCP) || (load16(at + 6) & 0xff3f) != 0 || *total < 20 ||
	    *total + 14 > length)
		return false;
	memcpy(&first, at, 8);
	memcpy(&second, at + 8, 8);
	/* Five words of 32 bits cannot overflow 64; then folded to 16. */
	first = (first & 0xffffffff) + (first >> 32) + (second & 0xffffffff) + (second >> 32) + load32(at + 16);
	first = (first & 0xffffffff) + (first >> 32);
	sum = (uint32_t)(first & 0xffff) + (uint32_t)(first >> 16);
	sum = fold(sum);
	return sum == 0xffff && is_plausible_l4(at + 20, *protocol, *total - 20);
}

static bool parse6(const uint8_t *at, uint32_t length, uint32_t *total, uint32_t *protocol)
{
	if (length < 54 || at[0] >> 4 != 6)
		return false;
	*total = 40 + swap16(load16(at + 4));
	*protocol = at[6];
	return (*protocol == PROTOCOL_UDP || *protocol == PROTOCOL_TCP) && *total + 14 <= length &&
	       is_plausible_l4(at + 40, *protocol, *total - 40);
}

int32_t lbq_parse(struct lbq_stages *s)
{
	int32_t *w = words_of(s->burst);
	uint8_t *frames = (uint8_t *)words_of(s->frames);
	int32_t count = s->count, listed = 0, seen = 0, longest = 0;

	for (int32_t i = 0; i < count && i < AHEAD; i++)
		fetch_headers(frames, w, i);
	for (int32_t i = 0; i < count; i++) {
		uint32_t ip = (uint32_t)w[B_OFFSET + i] + 14, length = (uint32_t)w[B_LENGTH + i];
		const uint8_t *at = frames + ip;
		uint32_t total, protocol, type = length < 14 ? 0 : load16(at - 2);

		if (i + AHEAD < count)
			fetch_headers(frames, w, i + AHEAD);
		if (type == 0x0008 && parse4(at, length, &total, &protocol)) {
			w[B_FLAGS + i] = FLAG_PORTS;
			w[B_L4 + i] = (int32_t)ip + 20;
			w[B_SRC + i] = (int32_t)load32(at + 12);
			w[B_DST + i] = (int32_t)load32(at + 16);
			w[B_PORTS + i] = (int32_t)load32(at + 20);
			w[B_LIFE + i] = life_of(at + 20, protocol);
			seen |= FLAG_PORTS;
		} else if (type == 0xdd86 && parse6(at, length, &total, &protocol)) {
			w[B_FLAGS + i] = FLAG_PORTS | FLAG_IPV6;
			w[B_L4 + i] = (int32_t)ip + 40;
			w[B_SRC + i] = (int32_t)ip + 8;
			w[B_DST + i] = (int32_t)ip + 24;
			w[B_PORTS + i] = (int32_t)load32(at + 40);
			w[B_LIFE + i] = life_of(at + 40, protocol);
			w[B_EMBEDDED_L4 + i] = 0;
			w[B_REASON + i] = 0;
			seen |= FLAG_PORTS | FLAG_IPV6;
		} else {
			w[B_MISSES + listed++] = i;
			continue;
		}
		w[B_VERDICT + i] = VERDICT_PENDING;
		w[B_IP + i] = (int32_t)ip;
		w[B_IP_LENGTH + i] = (int32_t)total;
		w[B_PROTOCOL + i] = (int32_t)protocol;
		if ((int32_t)total > longest)
			longest = (int32_t)total;
	}
	s->seen = seen;
	s->longest = longest;
	return listed;
}

/* pipeline/nat-return.ts, isServer. */
static bool is_server(const int32_t *image, const uint8_t *frames, const int32_t *w, int32_t i)
{
	bool six = (w[B_FLAGS + i] & FLAG_IPV6) != 0;
	const uint8_t *from = frames + (uint32_t)w[B_SRC + i];
	uint32_t word[4] = {(uint32_t)w[B_SRC + i], 0, 0, 0};
	uint32_t mask = (uint32_t)image[H_NAT_MASK];
	uint32_t tail = ((uint32_t)w[B_PORTS + i] & 0xffff) | ((uint32_t)w[B_PROTOCOL + i] << 16) | ((six ? 6u : 4u) << 24);

	if (six)
		memcpy(word, from, 16);
	for (uint32_t place = place_of(word[0] ^ word[1] ^ word[2] ^ word[3], tail, mask);; place = (place + 1) & mask) {
		const int32_t *at = image + image[H_NAT] + place * N_WORDS;

		if (at[N_TAIL] == 0)
			return false;
		if (memcmp(at + N_ADDRESS, word, 16) == 0 && (uint32_t)at[N_TAIL] == tail)
			return true;
	}
}

bool lbq_has_nat_return(const struct lbq_stages *s)
{
	const int32_t *w = words_of(s->burst), *image = words_of(s->image);
	const uint8_t *frames = (const uint8_t *)words_of(s->frames);
	/* In JavaScript, shifts are modulo 32. */
	bool four = ((uint32_t)image[H_NAT4_QUEUES] >> (s->input & 31)) & 1, six = ((uint32_t)image[H_NAT6_QUEUES] >> (s->input & 31)) & 1;

	if (!four && !six)
		return false;
	for (int32_t i = 0; i < s->count; i++)
		if (((w[B_FLAGS + i] & FLAG_IPV6) == 0 ? four : six) && is_server(image, frames, w, i))
			return true;
	return false;
}
