/* What the stages share. Each does what the TypeScript stage of its name does (packages/dataplane/src/pipeline), for the
 * packets that nearly all are, and lists the others in column B_MISSES for TypeScript. */
#ifndef LBQ_STAGES_H
#define LBQ_STAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "layout.h"
#include "lbqueue_stages.h"

/* One function for each kind of vector the processor may have, chosen when the library is loaded. Not by clang, where (14) such a
 * function cannot be called from another file. */
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
	__has_attribute(target_clones)
#define WIDEST __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define WIDEST
#endif

/* Into each of them. */
#define INLINE static inline __attribute__((always_inline))

static inline int32_t *words_of(uint64_t address)
{
	return (int32_t *)(uintptr_t)address;
}

static inline uint32_t load32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, 4);
	return value;
}

static inline uint16_t load16(const uint8_t *at)
{
	uint16_t value;

	memcpy(&value, at, 2);
	return value;
}

static inline void store32(uint8_t *at, uint32_t value)
{
	memcpy(at, &value, 4);
}

static inline void store16(uint8_t *at, uint32_t value)
{
	uint16_t low = (uint16_t)value;

	memcpy(at, &low, 2);
}

/* Two raw words, the low one first. */
static inline void store64(uint8_t *at, uint32_t low, uint32_t high)
{
	uint64_t value = low | (uint64_t)high << 32;

	memcpy(at, &value, 8);
}

static inline uint32_t swap16(uint32_t value)
{
	return ((value & 0xff) << 8) | ((value >> 8) & 0xff);
}

static inline uint32_t fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

/* packages/dataplane/src/image/layout.ts, placeOf. */
static inline uint32_t place_of(uint32_t a, uint32_t b, uint32_t mask)
{
	uint32_t h = a ^ (b * 0x9e3779b1u);

	h = (h ^ (h >> 15)) * 0x85ebca6bu;
	return (h ^ (h >> 15)) & mask;
}

/* packages/core/src/flow-table.ts: x and y of an identity, which end as lo and hi. */
#define SCATTER(lo, hi, table)                                                                                         \
	do {                                                                                                           \
		lo = ((lo) ^ (table)->secret[0]) * (table)->secret[1];                                                 \
		lo ^= lo >> 15;                                                                                        \
		hi = ((hi) + (lo)) * (table)->secret[2];                                                               \
		hi ^= hi >> 14;                                                                                        \
		lo = ((lo) + (hi)) * (table)->secret[3];                                                               \
		lo ^= lo >> 16;                                                                                        \
	} while (0)

/* The first line of what SCATTER has made. */
#define LINE_OF(x, table) (((((x) * 0x9e3779b1u) >> (table)->shift) & (table)->mask) << 4)

static inline uint32_t second_line(const struct lbq_table *table, uint32_t lo, uint32_t hi)
{
	SCATTER(lo, hi, table);
	return ((((hi + lo) * 0x85ebca6bu) >> table->shift) & table->mask) << 4;
}

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Position of an entry in the line at word `line`, live or not, or -1. */
static inline int32_t match_in_line(const int32_t *words, uint32_t line, int32_t lo, int32_t hi)
{
	uint32_t at;

#ifdef __SSE2__
	/* All four at once: which of them it is cannot be predicted. */
	__m128i is_lo = _mm_cmpeq_epi32(_mm_loadu_si128((const __m128i *)(words + line)), _mm_set1_epi32(lo));
	__m128i is_hi = _mm_cmpeq_epi32(_mm_loadu_si128((const __m128i *)(words + line + LINE_HI)), _mm_set1_epi32(hi));
	int which = _mm_movemask_ps(_mm_castsi128_ps(_mm_and_si128(is_lo, is_hi)));

	if (which == 0)
		return -1;
	at = line + (uint32_t)__builtin_ctz((unsigned)which);
#else
	at = line;
	while (words[at] != lo || words[at + LINE_HI] != hi)
		if (++at == line + LINE_ENTRIES)
			return -1;
#endif
	return (int32_t)at;
}

static inline bool is_live(const int32_t *words, int32_t at, int32_t now)
{
	return words[at + LINE_VALUE] != 0 && (int32_t)((uint32_t)words[at + LINE_EXPIRY] - (uint32_t)now) > 0;
}

/* Position of a live entry in the line at word `line`, or -1. */
static inline int32_t find_in_line(const int32_t *words, uint32_t line, int32_t lo, int32_t hi, int32_t now)
{
	int32_t at = match_in_line(words, line, lo, hi);

	return at >= 0 && is_live(words, at, now) ? at : -1;
}

/* pipeline/life.ts, keepEntry. Entries in use all the time get one write a tick rather than one a packet. */
static inline void keep_entry(const int32_t *image, int32_t *words, int32_t at, int32_t life, int32_t now)
{
	uint32_t value = (uint32_t)words[at + LINE_VALUE], state = value & FLOW_STATE_MASK;
	uint32_t rule = (uint32_t)image[H_LIFETIMES + life + (int32_t)(state >> FLOW_STATE_SHIFT)];
	int32_t expiry = (int32_t)((uint32_t)now + (rule & RULE_TICKS));

	if (words[at + LINE_EXPIRY] != expiry)
		words[at + LINE_EXPIRY] = expiry;
	/* Atomic, as other threads look at values of NAT sessions. */
	if ((rule & FLOW_STATE_MASK) != state)
		__atomic_store_n(words + at + LINE_VALUE, (int32_t)((value & ~(uint32_t)FLOW_STATE_MASK) | (rule & FLOW_STATE_MASK)),
				 __ATOMIC_SEQ_CST);
}

/* What an entry holds that a packet of this burst would leave as it is, by kind of packet and state: the rules of keep_entry,
 * looked up once a burst. */
struct kept {
	int32_t expiry[LIFE_END];
	int32_t state[LIFE_END];
};

void lbq_find_kept(struct kept *kept, const int32_t *image, int32_t now);

/* Whether a packet of this kind leaves the entry at `at` as it is. Such an entry has been written in this tick, so it is live,
 * unless its value is 0. */
static inline bool is_kept(const struct kept *kept, const int32_t *words, int32_t at, int32_t life)
{
	int32_t value = words[at + LINE_VALUE], k = life + ((value & FLOW_STATE_MASK) >> FLOW_STATE_SHIFT);

	return ((words[at + LINE_EXPIRY] ^ kept->expiry[k]) | ((value ^ kept->state[k]) & FLOW_STATE_MASK)) == 0;
}

/* Begin to fetch a line that is needed in a later loop: into the second cache. Of fetches into the first few can be under
 * way at once, and a loop of them waits: 10 ns a line of a table of 32 MiB, against 4. */
static inline void fetch_early(const int32_t *at)
{
	__builtin_prefetch(at, 0, 2);
}

/* How many packets ahead a loop fetches what it is about to read or write. */
#define AHEAD 8

/* Headers of a packet lie in the line of its Ethernet header and in the next one. Behind the burst's end columns go on. */
static inline void fetch_headers(const uint8_t *frames, const int32_t *w, int32_t i)
{
	const uint8_t *eth = frames + (uint32_t)w[B_OFFSET + i];

	__builtin_prefetch(eth, 1, 3);
	__builtin_prefetch(eth + 64, 1, 3);
}

/* The stages. Those that return a number return how many packets they have listed. */
int32_t lbq_parse(struct lbq_stages *s);
bool lbq_has_nat_return(const struct lbq_stages *s);
int32_t lbq_classify(struct lbq_stages *s);
void lbq_hash(struct lbq_stages *s);
int32_t lbq_select(struct lbq_stages *s);
int32_t lbq_nat_forward(struct lbq_stages *s);
int32_t lbq_rewrite(struct lbq_stages *s);

/* Columns src, dst, ports, protocol to lo, hi, and the table's first lines: what flow-hash.ts and flow-table.ts do. */
void lbq_hash_columns4(int32_t *w, int32_t count, const struct lbq_table *table, uint32_t seed0, uint32_t seed1, int32_t src,
		       int32_t dst, int32_t ports, int32_t protocol, int32_t lo, int32_t hi, int32_t line);

/* IPv6 packets of a burst, and where the addresses to hash stand: raw words in network memory or in the image. */
struct lbq_list6 {
	int32_t packet[BURST_CAPACITY];
	const uint8_t *src[BURST_CAPACITY];
	const uint8_t *dst[BURST_CAPACITY];
};

/* The same of IPv6 packets. */
void lbq_hash_listed6(int32_t *w, int32_t count, const struct lbq_table *table, uint32_t seed0, uint32_t seed1,
		      const struct lbq_list6 *list, int32_t ports, int32_t protocol, int32_t lo, int32_t hi, int32_t line);

#endif
