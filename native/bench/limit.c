/* How fast it could be: the work of the engine's stages for established flows, written down as plainly and as fast as we know,
 * in two passes over a burst, with the flow's line fetched ahead. Same tables, same frames, same result; without VIPs to look up,
 * without anything unusual. And the copy of the frames alone. A library, so that one run can take turns with the engine. */
#include <stdint.h>
#include <string.h>

#include "lbqueue_stages.h"
#include "stages/layout.h"

#define API __attribute__((visibility("default")))
#define BURST 256

static uint32_t load32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, 4);
	return value;
}

static uint16_t load16(const uint8_t *at)
{
	uint16_t value;

	memcpy(&value, at, 2);
	return value;
}

static void store16(uint8_t *at, uint32_t value)
{
	uint16_t low = (uint16_t)value;

	memcpy(at, &low, 2);
}

static uint32_t swap16(uint32_t value)
{
	return __builtin_bswap16((uint16_t)value);
}

static uint32_t fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

static uint32_t sum32(uint32_t word)
{
	return (word & 0xffff) + (word >> 16);
}

struct flow {
	uint32_t lo, hi, line;
};

/* The flow's place: its lines are made of the two. */
static void scatter(uint32_t *lo, uint32_t *hi, const struct lbq_table *table)
{
	uint32_t x = (*lo ^ table->secret[0]) * table->secret[1], y;

	x ^= x >> 15;
	y = (*hi + x) * table->secret[2];
	y ^= y >> 14;
	x = (x + y) * table->secret[3];
	*lo = x ^ x >> 16;
	*hi = y;
}

static void finish(uint32_t a, uint32_t b, struct flow *flow, const struct lbq_table *table)
{
	a *= 0x9e3779b1u;
	a ^= a >> 15;
	b = (b + a) * 0xcc9e2d51u;
	b ^= b >> 14;
	a = (a + b) * 0x1b873593u;
	a ^= a >> 16;
	b = (b ^ a) * 0x2545f491u;
	b ^= b >> 15;
	a = (a + b) * 0x27d4eb2fu;
	a ^= a >> 15;
	flow->lo = a;
	b += a;
	flow->hi = b;
	scatter(&a, &b, table);
	flow->line = (((a * 0x9e3779b1u) >> table->shift) & table->mask) << 4;
	/* Into the second cache, which can wait for more lines at once than the first. */
	__builtin_prefetch((const int32_t *)(uintptr_t)table->words + flow->line, 0, 2);
}

static void hash4(const int32_t *image, uint32_t src, uint32_t dst, uint32_t ports, uint32_t protocol, struct flow *flow,
		  const struct lbq_table *table)
{
	uint32_t a = ((uint32_t)image[H_SEED0] ^ dst) * 0x85ebca6bu, b;

	a ^= a >> 16;
	b = (((uint32_t)image[H_SEED1] ^ protocol) + a) * 0xc2b2ae35u;
	b ^= b >> 15;
	a = (a + b) ^ src;
	finish(a, b ^ ports, flow, table);
}

static void hash6(const int32_t *image, const uint8_t *src, const uint8_t *dst, uint32_t ports, uint32_t protocol,
		  struct flow *flow, const struct lbq_table *table)
{
	uint32_t a = (uint32_t)image[H_SEED0], b = (uint32_t)image[H_SEED1] ^ 0x10000u;

	for (int k = 0; k < 4; k++) {
		a = (a ^ load32(dst + 4 * k)) * 0x85ebca6bu;
		a ^= a >> 16;
		b = ((b ^ load32(src + 4 * k)) + a) * 0xc2b2ae35u;
		b ^= b >> 15;
		a += b;
	}
	finish(a ^ protocol, b ^ ports, flow, table);
}

static int32_t look_into(const struct lbq_table *table, uint32_t at, const struct flow *flow, int32_t now, int32_t expiry)
{
	int32_t *line = (int32_t *)(uintptr_t)table->words + at;

	for (int e = 0; e < LINE_ENTRIES; e++) {
		if ((uint32_t)line[e] != flow->lo || (uint32_t)line[LINE_HI + e] != flow->hi)
			continue;
		if (line[LINE_VALUE + e] == 0 || (int32_t)((uint32_t)line[LINE_EXPIRY + e] - (uint32_t)now) <= 0)
			return -1;
		line[LINE_EXPIRY + e] = expiry;
		return (int32_t)at + e;
	}
	return -1;
}

/* Position of the flow's entry or -1; few are in their second line, which is not fetched ahead. */
static int32_t look_up(const struct lbq_table *table, const struct flow *flow, int32_t now, int32_t expiry)
{
	int32_t at = look_into(table, flow->line, flow, now, expiry);
	uint32_t x = flow->lo, y = flow->hi;

	if (at >= 0)
		return at;
	scatter(&x, &y, table);
	return look_into(table, ((((x + y) * 0x85ebca6bu) >> table->shift) & table->mask) << 4, flow, now, expiry);
}

static void update(uint8_t *checksum, uint32_t change)
{
	store16(checksum, ~fold((~load16(checksum) & 0xffffu) + change));
}

static void update_udp(uint8_t *checksum, uint32_t change)
{
	if (load16(checksum) == 0)
		return;
	update(checksum, change);
	if (load16(checksum) == 0)
		store16(checksum, 0xffff);
}

static void addresses(uint8_t *eth, const int32_t *as, int with_type)
{
	store16(eth, (uint32_t)as[A_ETHERNET]);
	memcpy(eth + 2, as + A_ETHERNET + 1, with_type ? 12 : 10);
}

/* Packets that were not as supposed are left as they are; returns how many. */
API int32_t lbq_limit(struct lbq_stages *s, int32_t encap)
{
	int32_t *w = (int32_t *)(uintptr_t)s->burst;
	const int32_t *image = (const int32_t *)(uintptr_t)s->image, *flows = (const int32_t *)(uintptr_t)s->flows.words;
	const int32_t *sessions = (const int32_t *)(uintptr_t)s->sessions.words;
	uint8_t *frames = (uint8_t *)(uintptr_t)s->frames;
	double *values = (double *)(uintptr_t)s->counters;
	const int32_t *vip = image + image[H_VIPS], *ass = image + image[H_ASS];
	int32_t expiry = s->now + (image[H_LIFETIMES + LIFE_UDP] & RULE_TICKS), odd = 0;
	struct flow flow[BURST], session[BURST];
	int32_t as_of[BURST];
	int translates = encap == ENCAP_CODE_NAT4 || encap == ENCAP_CODE_NAT6;

	for (int32_t i = 0; i < s->count; i++) {
		const uint8_t *ip = frames + w[B_OFFSET + i] + 14;
		uint32_t sum = 0, total;

		flow[i].line = UINT32_MAX;
		if (load16(ip - 2) == 0x0008) {
			total = swap16(load16(ip + 2));
			for (int k = 0; k < 20; k += 4)
				sum += sum32(load32(ip + k));
			if (ip[0] == 0x45 && ip[9] == PROTOCOL_UDP && (load16(ip + 6) & 0xff3f) == 0 && total + 14 <= (uint32_t)w[B_LENGTH + i] &&
			    fold(sum) == 0xffff)
				hash4(image, load32(ip + 12), load32(ip + 16), load32(ip + 20), PROTOCOL_UDP, &flow[i], &s->flows);
		} else if (load16(ip - 2) == 0xdd86) {
			total = 40 + swap16(load16(ip + 4));
			if (ip[0] >> 4 == 6 && ip[6] == PROTOCOL_UDP && total + 14 <= (uint32_t)w[B_LENGTH + i])
				hash6(image, ip + 8, ip + 24, load32(ip + 40), PROTOCOL_UDP, &flow[i], &s->flows);
		}
	}
	for (int32_t i = 0; translates && i < s->count; i++) {
		const uint8_t *ip = frames + w[B_OFFSET + i] + 14;
		uint32_t target = (uint32_t)vip[V_TARGET_PORT];
		int32_t at = flow[i].line == UINT32_MAX ? -1 : look_up(&s->flows, &flow[i], s->now, expiry);

		as_of[i] = at < 0 ? -1 : (flows[at + LINE_VALUE] & FLOW_AS_MASK) - 1;
		if (at < 0)
			continue;
		/* Keyed as the answers are: from the AS to the client. */
		if (encap == ENCAP_CODE_NAT4)
			hash4(image, (uint32_t)ass[as_of[i] * A_WORDS + A_ADDRESS], load32(ip + 12), target | (uint32_t)load16(ip + 20) << 16,
			      PROTOCOL_UDP | SESSION_TAG, &session[i], &s->sessions);
		else
			hash6(image, (const uint8_t *)(ass + as_of[i] * A_WORDS + A_ADDRESS), ip + 8, target | (uint32_t)load16(ip + 40) << 16,
			      PROTOCOL_UDP | SESSION_TAG, &session[i], &s->sessions);
	}
	for (int32_t i = 0; i < s->count; i++) {
		uint8_t *eth = frames + w[B_OFFSET + i], *ip = eth + 14;
		int32_t at, as_slot;
		const int32_t *as;
		uint32_t bytes, overhead = 0, change = 0, target = (uint32_t)vip[V_TARGET_PORT];

		if (translates) {
			as_slot = as_of[i];
			at = as_slot < 0 ? -1 : look_up(&s->sessions, &session[i], s->now, expiry);
			if (at < 0 || sessions[at + LINE_VALUE] == 0)
				as_slot = -1;
		} else {
			at = flow[i].line == UINT32_MAX ? -1 : look_up(&s->flows, &flow[i], s->now, expiry);
			as_slot = at < 0 ? -1 : (flows[at + LINE_VALUE] & FLOW_AS_MASK) - 1;
		}
		if (as_slot < 0) {
			odd++;
			continue;
		}
		as = ass + as_slot * A_WORDS;
		bytes = ip[0] >> 4 == 4 ? swap16(load16(ip + 2)) : 40 + swap16(load16(ip + 4));
		switch (encap) {
		case ENCAP_CODE_GRE4:
			overhead = 24;
			addresses(eth - overhead, as, 1);
			memcpy(ip - 24, as + A_TEMPLATE, 24);
			store16(ip - 22, swap16(bytes + 24));
			store16(ip - 14, ~fold((uint32_t)as[A_TEMPLATE + 6] + swap16(bytes + 24)));
			break;
		case ENCAP_CODE_GRE6:
			overhead = 44;
			addresses(eth - overhead, as, 1);
			memcpy(ip - 44, as + A_TEMPLATE, 44);
			store16(ip - 40, swap16(bytes + 4));
			break;
		case ENCAP_CODE_NAT6:
			for (int k = 0; k < 4; k++) {
				change += sum32(~load32(ip + 24 + 4 * k)) + sum32((uint32_t)as[A_ADDRESS + k]);
				memcpy(ip + 24 + 4 * k, as + A_ADDRESS + k, 4);
			}
			change += (~load16(ip + 42) & 0xffffu) + target;
			store16(ip + 42, target);
			update_udp(ip + 46, change);
			ip[7]--;
			addresses(eth, as, 0);
			break;
		default:
			change = sum32(~load32(ip + 16)) + sum32((uint32_t)as[A_ADDRESS]);
			memcpy(ip + 16, as + A_ADDRESS, 4);
			if (encap == ENCAP_CODE_NAT4) {
				update(ip + 10, change);
				update_udp(ip + 26, change + (~load16(ip + 22) & 0xffffu) + target);
				store16(ip + 22, target);
			} else {
				uint32_t first = load16(ip), marked = (first & 0x03ff) | (uint32_t)vip[V_DSCP] << 10;

				update(ip + 10, change + (~first & 0xffff) + marked);
				store16(ip, marked);
				update_udp(ip + 26, change);
			}
			/* TTL and its checksum: RFC 1624 with the word's high byte one less. */
			update(ip + 10, (~load16(ip + 8) & 0xffffu) + load16(ip + 8) - 1u);
			ip[8]--;
			addresses(eth, as, 0);
		}
		w[B_OFFSET + i] -= (int32_t)overhead;
		w[B_LENGTH + i] = (int32_t)(14 + bytes + overhead);
		values[s->ass_at + as_slot * AS_COUNTER_COUNT + AS_COUNTER_PACKETS] += 1;
		values[s->ass_at + as_slot * AS_COUNTER_COUNT + AS_COUNTER_BYTES] += bytes;
	}
	return odd;
}

/* Copies the frames of the burst to `to`, 2048 bytes apart. */
API int32_t lbq_copy(struct lbq_stages *s, uint8_t *to)
{
	const int32_t *w = (const int32_t *)(uintptr_t)s->burst;
	const uint8_t *frames = (const uint8_t *)(uintptr_t)s->frames;

	for (int32_t i = 0; i < s->count; i++)
		memcpy(to + i * 2048, frames + w[B_OFFSET + i], (size_t)w[B_LENGTH + i]);
	return s->count;
}
