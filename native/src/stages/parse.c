#include "stages.h"

/* Untagged, unfragmented IPv4 without options and IPv6 without extension headers, TCP or UDP. Packets of one family come in
 * blocks: what matters of their headers goes into rows first, a word each, which are then looked at as vectors. */

/* Packets of a block: so many that what was written last is not waited for. */
#define BLOCK 256

/* Raw words of the packets' headers, beside those that are columns; IPv6 has no third word of interest. */
struct rows {
	uint32_t first[BLOCK], second[BLOCK], third[BLOCK];
	/* UDP: length and checksum. */
	uint32_t lengths[BLOCK];
	/* TCP: data offset, flags, window. */
	uint32_t control[BLOCK];
	/* Out: length of a packet that is usual, else 0. */
	uint32_t usual[BLOCK];
};

/* Without branches, as all of this is done side by side. */
INLINE uint32_t is_plausible_l4(uint32_t protocol, uint32_t bytes, uint32_t lengths, uint32_t control)
{
	uint32_t udp = protocol == PROTOCOL_UDP, tcp = protocol == PROTOCOL_TCP;
	uint32_t own = udp ? swap16(lengths & 0xffff) : (control >> 2 & 0x3c), least = udp ? 8 : 20;

	return (udp | tcp) & (own >= least) & (own <= bytes);
}

/* pipeline/life.ts, tcpLife. */
INLINE int32_t life_of(uint32_t protocol, uint32_t control)
{
	const uint32_t fin_rst = 0x0500, syn_ack_rst = 0x1600, syn = 0x0200;
	int32_t other = (control & fin_rst) != 0 ? LIFE_TCP_END : LIFE_TCP_DATA;
	int32_t tcp = (control & syn_ack_rst) == syn ? LIFE_TCP_SYN : other;

	return protocol == PROTOCOL_UDP ? LIFE_UDP : tcp;
}

/* Columns of one packet, of both families. */
INLINE void put_columns(int32_t *w, uint32_t total, uint32_t protocol, uint32_t control, int32_t l4)
{
	w[B_VERDICT] = VERDICT_PENDING;
	w[B_IP] = w[B_OFFSET] + 14;
	w[B_IP_LENGTH] = (int32_t)total;
	w[B_L4] = w[B_OFFSET] + 14 + l4;
	w[B_PROTOCOL] = (int32_t)protocol;
	w[B_LIFE] = life_of(protocol, control);
}

INLINE uint32_t halves(uint32_t word)
{
	return (word & 0xffff) + (word >> 16);
}

/* The columns of the first `count` packets of a block, `w` being the burst's first word for the first of them. */
WIDEST static void parse4(int32_t *restrict w, struct rows *restrict rows, int32_t count)
{
	for (int k = 0; k < count; k++) {
		uint32_t first = rows->first[k], second = rows->second[k], third = rows->third[k];
		uint32_t total = swap16(first >> 16), protocol = third >> 8 & 0xff;
		uint32_t sum = halves(first) + halves(second) + halves(third) + halves((uint32_t)w[B_SRC + k]) +
			       halves((uint32_t)w[B_DST + k]);
		uint32_t ok = ((first & 0xff) == 0x45) & ((second >> 16 & 0xff3f) == 0) & (total >= 20) &
			      (total + 14 <= (uint32_t)w[B_LENGTH + k]) & (fold(sum) == 0xffff) &
			      is_plausible_l4(protocol, total - 20, rows->lengths[k], rows->control[k]);

		rows->usual[k] = ok != 0 ? total : 0;
		w[B_FLAGS + k] = FLAG_PORTS;
		put_columns(w + k, total, protocol, rows->control[k], 20);
	}
}

WIDEST static void parse6(int32_t *restrict w, struct rows *restrict rows, int32_t count)
{
	for (int k = 0; k < count; k++) {
		uint32_t total = 40 + swap16(rows->second[k] & 0xffff), protocol = rows->second[k] >> 16 & 0xff;
		uint32_t ok = ((rows->first[k] & 0xf0) == 0x60) & (total + 14 <= (uint32_t)w[B_LENGTH + k]) &
			      is_plausible_l4(protocol, total - 40, rows->lengths[k], rows->control[k]);

		rows->usual[k] = ok != 0 ? total : 0;
		w[B_FLAGS + k] = FLAG_PORTS | FLAG_IPV6;
		put_columns(w + k, total, protocol, rows->control[k], 40);
		w[B_REASON + k] = 0;
		w[B_SRC + k] = w[B_OFFSET + k] + 22;
		w[B_DST + k] = w[B_OFFSET + k] + 38;
		w[B_EMBEDDED_L4 + k] = 0;
	}
}

/* Words of packet `i` of the burst and `k` of the block, whose IP header has `l4` bytes. */
INLINE void gather(int32_t *w, struct rows *rows, int32_t i, int32_t k, const uint8_t *ip, uint32_t l4, uint32_t length)
{
	/* What is too short for a TCP header is not read as one. */
	uint32_t control = length < 14 + l4 + 20 ? l4 : l4 + 12;

	rows->first[k] = load32(ip);
	rows->second[k] = load32(ip + 4);
	if (l4 == 20) {
		rows->third[k] = load32(ip + 8);
		w[B_SRC + i] = (int32_t)load32(ip + 12);
		w[B_DST + i] = (int32_t)load32(ip + 16);
	}
	w[B_PORTS + i] = (int32_t)load32(ip + l4);
	rows->lengths[k] = load32(ip + l4 + 4);
	rows->control[k] = load32(ip + control);
}

#define IPV4 0x0008
#define IPV6 0xdd86

/* Gathers the packets from `from` on that have this Ethernet type, up to a block. Returns how many. */
INLINE int32_t gather_run(int32_t *w, const uint8_t *frames, int32_t from, int32_t count, struct rows *rows, uint32_t type,
			  uint32_t l4)
{
	int32_t k = 0, most = count - from < BLOCK ? count - from : BLOCK;

	for (; k < most; k++) {
		uint32_t length = (uint32_t)w[B_LENGTH + from + k];
		const uint8_t *ip = frames + (uint32_t)w[B_OFFSET + from + k] + 14;

		/* Behind the burst's end, columns go on. */
		fetch_headers(frames, w, from + k + AHEAD);
		if (length < 14 + l4 + 8 || load16(ip - 2) != type)
			break;
		gather(w, rows, from + k, k, ip, l4, length);
	}
	return k;
}

int32_t lbq_parse(struct lbq_stages *s)
{
	int32_t *w = words_of(s->burst);
	const uint8_t *frames = (const uint8_t *)words_of(s->frames);
	int32_t count = s->count, listed = 0, seen = 0;
	uint32_t longest = 0;
	struct rows rows;

	for (int32_t i = 0; i < count && i < AHEAD; i++)
		fetch_headers(frames, w, i);
	for (int32_t i = 0; i < count;) {
		int32_t run = gather_run(w, frames, i, count, &rows, IPV4, 20), flags = FLAG_PORTS;

		if (run > 0) {
			parse4(w + i, &rows, run);
		} else if ((run = gather_run(w, frames, i, count, &rows, IPV6, 40)) > 0) {
			parse6(w + i, &rows, run);
			flags |= FLAG_IPV6;
		} else {
			w[B_MISSES + listed++] = i++;
			continue;
		}
		for (int32_t k = 0; k < run; k++) {
			uint32_t total = rows.usual[k];

			if (total == 0) {
				w[B_MISSES + listed++] = i + k;
				continue;
			}
			seen |= flags;
			if (total > longest)
				longest = total;
		}
		i += run;
	}
	s->seen = seen;
	s->longest = (int32_t)longest;
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
