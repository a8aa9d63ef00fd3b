#include "stages.h"

/* Packets hashed side by side: lanes of the processor's widest vectors. */
#define LANES 16


#define M1 0x85ebca6bu
#define M2 0xc2b2ae35u
#define M3 0x9e3779b1u
#define M4 0xcc9e2d51u
#define M5 0x1b873593u
#define M6 0x2545f491u
#define M7 0x27d4eb2fu
#define FAMILY6 0x10000u

/* The end of both hashes; a and b as flow-hash.ts has them before the ports are mixed in. */
#define END(a, b)                                                                                                      \
	do {                                                                                                           \
		a *= M3;                                                                                               \
		a ^= a >> 15;                                                                                          \
		b = (b + a) * M4;                                                                                      \
		b ^= b >> 14;                                                                                          \
		a = (a + b) * M5;                                                                                      \
		a ^= a >> 16;                                                                                          \
		b = (b ^ a) * M6;                                                                                      \
		b ^= b >> 15;                                                                                          \
		a = (a + b) * M7;                                                                                      \
		a ^= a >> 15;                                                                                          \
	} while (0)

WIDEST void lbq_hash_columns4(int32_t *w, int32_t count, const struct lbq_table *table, uint32_t seed0, uint32_t seed1,
			      int32_t src, int32_t dst, int32_t ports, int32_t protocol, int32_t lo, int32_t hi, int32_t line)
{
	/* Columns have room behind a full burst, so the last lanes may run over what is in use. */
	for (int32_t i = 0; i < count; i += LANES) {
		uint32_t in[4][LANES], out[3][LANES];

		memcpy(in[0], w + src + i, sizeof(in[0]));
		memcpy(in[1], w + dst + i, sizeof(in[1]));
		memcpy(in[2], w + ports + i, sizeof(in[2]));
		memcpy(in[3], w + protocol + i, sizeof(in[3]));
		for (int k = 0; k < LANES; k++) {
			uint32_t a = (seed0 ^ in[1][k]) * M1, b;

			a ^= a >> 16;
			b = ((seed1 ^ in[3][k]) + a) * M2;
			b ^= b >> 15;
			a = (a + b) ^ in[0][k];
			b ^= in[2][k];
			END(a, b);
			out[0][k] = a;
			b += a;
			out[1][k] = b;
			SCATTER(a, b, table);
			out[2][k] = LINE_OF(a, table);
		}
		memcpy(w + lo + i, out[0], sizeof(out[0]));
		memcpy(w + hi + i, out[1], sizeof(out[1]));
		memcpy(w + line + i, out[2], sizeof(out[2]));
	}
}

/* What is hashed of IPv6 packets, a row for each word: four of the source, four of the destination, ports, protocol. */
enum { SRC = 0, DST = 4, PORTS = 8, PROTOCOL = 9, ROWS = 10 };

WIDEST static void hash_rows6(uint32_t in[restrict ROWS][BURST_CAPACITY], int32_t count,
			      uint32_t *restrict lo, uint32_t *restrict hi, uint32_t *restrict line, const struct lbq_table *of,
			      uint32_t seed0, uint32_t seed1)
{
	/* A copy of its own, which no store of the loop can change: else there are no vectors. */
	const struct lbq_table copy = *of, *table = &copy;

	for (int32_t from = 0; from < count; from += LANES)
		for (int k = 0; k < LANES; k++) {
			int32_t at = from + k;
			uint32_t a = seed0, b = seed1 ^ FAMILY6;

			for (int word = 0; word < 4; word++) {
				a = (a ^ in[DST + word][at]) * M1;
				a ^= a >> 16;
				b = ((b ^ in[SRC + word][at]) + a) * M2;
				b ^= b >> 15;
				a += b;
			}
			a ^= in[PROTOCOL][at];
			b ^= in[PORTS][at];
			END(a, b);
			lo[at] = a;
			b += a;
			hi[at] = b;
			SCATTER(a, b, table);
			line[at] = LINE_OF(a, table);
		}
}

void lbq_hash_listed6(int32_t *w, int32_t count, const struct lbq_table *table, uint32_t seed0, uint32_t seed1,
		      const struct lbq_list6 *list, int32_t ports, int32_t protocol, int32_t lo, int32_t hi, int32_t line)
{
	uint32_t in[ROWS][BURST_CAPACITY], out[3][BURST_CAPACITY];
	/* The first packets of the burst, as in most bursts that have any: rows and columns run side by side. Only if the last
	 * lanes are full, too: they would write over the packets behind. */
	bool all = count > 0 && list->packet[count - 1] == count - 1 && count % LANES == 0;

	/* All before the first is hashed: words just written can't be read as vectors without waiting. */
	for (int32_t k = 0; k < count; k++) {
		const uint8_t *src = list->src[k], *dst = list->dst[k];

		for (int word = 0; word < 4; word++) {
			in[SRC + word][k] = load32(src + 4 * word);
			in[DST + word][k] = load32(dst + 4 * word);
		}
	}
	if (all) {
		memcpy(in[PORTS], w + ports, (size_t)count * 4);
		memcpy(in[PROTOCOL], w + protocol, (size_t)count * 4);
	}
	for (int32_t k = 0; k < count && !all; k++) {
		in[PORTS][k] = (uint32_t)w[ports + list->packet[k]];
		in[PROTOCOL][k] = (uint32_t)w[protocol + list->packet[k]];
	}
	/* The last lanes are hashed as they happen to be, and forgotten. */
	for (int row = 0; row < ROWS; row++)
		memset(&in[row][count], 0, sizeof(uint32_t) * (size_t)(-count & (LANES - 1)));
	if (all) {
		hash_rows6(in, count, (uint32_t *)w + lo, (uint32_t *)w + hi, (uint32_t *)w + line, table, seed0, seed1);
		return;
	}
	hash_rows6(in, count, out[0], out[1], out[2], table, seed0, seed1);
	for (int32_t k = 0; k < count; k++) {
		int32_t i = list->packet[k];

		w[lo + i] = (int32_t)out[0][k];
		w[hi + i] = (int32_t)out[1][k];
		w[line + i] = (int32_t)out[2][k];
	}
}

/* pipeline/hash.ts, stickyColumns */
static void sticky_columns(int32_t *w, const int32_t *image, int32_t count)
{
	for (int32_t i = 0; i < count; i++) {
		uint32_t ports = (uint32_t)w[B_PORTS + i];
		int32_t flags;

		if (w[B_VERDICT + i] != VERDICT_PENDING)
			continue;
		flags = image[image[H_VIPS] + w[B_VIP + i] * V_WORDS + V_FLAGS];
		if ((flags & VIP_FLAG_STICKY) != 0)
			ports = (flags & VIP_FLAG_PER_PORT) != 0 ? ports & 0xffff0000u : 0;
		w[B_ID_PORTS + i] = (int32_t)ports;
		if ((flags & VIP_FLAG_STICKY) == 0)
			w[B_ID_LIFE + i] = w[B_LIFE + i];
		else if ((flags & VIP_FLAG_ONE_PROTOCOL) == 0)
			w[B_ID_LIFE + i] = LIFE_SHARED;
		else
			w[B_ID_LIFE + i] = w[B_LIFE + i] < LIFE_TCP_REST ? w[B_LIFE + i] : LIFE_SHARED_TCP;
		w[B_ID_PROTOCOL + i] = (flags & (VIP_FLAG_STICKY | VIP_FLAG_ONE_PROTOCOL)) == VIP_FLAG_STICKY ? 0 : w[B_PROTOCOL + i];
	}
}

static void touch(const struct lbq_stages *s)
{
	const int32_t *w = words_of(s->burst), *words = words_of(s->flows.words);

	for (int32_t i = 0; i < s->count; i++)
		fetch_early(words + (uint32_t)w[B_LINE + i]);
}

void lbq_hash(struct lbq_stages *s)
{
	int32_t *w = words_of(s->burst);
	const int32_t *image = words_of(s->image);
	const uint8_t *frames = (const uint8_t *)words_of(s->frames);
	uint32_t seed0 = (uint32_t)image[H_SEED0], seed1 = (uint32_t)image[H_SEED1];
	int32_t ports = B_PORTS, protocol = B_PROTOCOL;

	if ((image[H_FLAGS] & IMAGE_FLAG_HAS_STICKY) != 0) {
		sticky_columns(w, image, s->count);
		ports = B_ID_PORTS;
		protocol = B_ID_PROTOCOL;
	}
	lbq_hash_columns4(w, s->count, &s->flows, seed0, seed1, B_SRC, B_DST, ports, protocol, B_LO, B_HI, B_LINE);
	if ((s->seen & FLAG_IPV6) != 0) {
		struct lbq_list6 list;
		int32_t listed = 0;

		for (int32_t i = 0; i < s->count; i++) {
			if ((w[B_FLAGS + i] & FLAG_IPV6) == 0 || w[B_VERDICT + i] != VERDICT_PENDING)
				continue;
			list.packet[listed] = i;
			list.src[listed] = frames + (uint32_t)w[B_SRC + i];
			list.dst[listed++] = frames + (uint32_t)w[B_DST + i];
		}
		lbq_hash_listed6(w, listed, &s->flows, seed0, seed1, &list, ports, protocol, B_LO, B_HI, B_LINE);
	}
	touch(s);
}
