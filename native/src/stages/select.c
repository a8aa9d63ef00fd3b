#include "stages.h"

/* The AS of a live entry of packet `i`'s VIP that may be used without a second look, or -1. */
static inline int32_t usable_as(const int32_t *flows, const int32_t *owner, uint32_t slots, int32_t at, int32_t vip)
{
	uint32_t as = ((uint32_t)flows[at + LINE_VALUE] & FLOW_AS_MASK) - 1;

	/* Tables may be left by another process: what they hold is looked at. */
	if (as >= slots || owner[as * A_WORDS] != vip)
		return -1;
	return (int32_t)as;
}

/* Entries that packets which have been listed will change, so that later packets of this burst wait for them. One more that
 * waits for nothing does no harm. Cleared when the first is put in, as in most bursts there is none. */
#define WAITING_BITS 4096
struct waiting {
	bool any;
	uint64_t bits[WAITING_BITS / 64];
};

static uint32_t bit_of(int32_t at)
{
	return ((uint32_t)at * 0x9e3779b1u) >> 20;
}

static void wait_for(struct waiting *waiting, int32_t at)
{
	if (!waiting->any)
		memset(waiting->bits, 0, sizeof(waiting->bits));
	waiting->any = true;
	waiting->bits[bit_of(at) / 64] |= 1ull << (bit_of(at) % 64);
}

static inline bool waits(const struct waiting *waiting, int32_t at)
{
	return waiting->any && (waiting->bits[bit_of(at) / 64] >> (bit_of(at) % 64) & 1) != 0;
}

/* The AS of the entry at `at` if there is nothing to do but to use it, or -1: nearly always an entry is live, of a server that is
 * still there, and has been written in this tick. */
static inline int32_t kept_as(const struct kept *kept, const int32_t *flows, const int32_t *owner, uint32_t slots, int32_t at, int32_t vip,
			      int32_t life)
{
	int32_t as = (flows[at + LINE_VALUE] & FLOW_AS_MASK) - 1;

	return is_kept(kept, flows, at, life) && (uint32_t)as < slots && owner[as * A_WORDS] == vip ? as : -1;
}

int32_t lbq_select(struct lbq_stages *s)
{
	int32_t *w = words_of(s->burst), *flows = words_of(s->flows.words);
	const int32_t *image = words_of(s->image);
	double *values = (double *)(uintptr_t)s->counters;
	int32_t count = s->count, now = s->now, misses = 0, listed = 0, run_vip = 0;
	int32_t life = (image[H_FLAGS] & IMAGE_FLAG_HAS_STICKY) != 0 ? B_ID_LIFE : B_LIFE;
	uint32_t slots = (uint32_t)image[H_AS_SLOTS];
	double run = 0;
	/* The VIP of each AS. */
	const int32_t *owner = image + image[H_ASS] + A_VIP;
	struct waiting waiting;
	struct kept kept;

	waiting.any = false;
	lbq_find_kept(&kept, image, now);
	for (int32_t i = 0; i < count; i++) {
		int32_t at, as, vip;

		w[B_TRACKING + i] = TRACKING_EXISTING;
		if (w[B_VERDICT + i] != VERDICT_PENDING)
			continue;
		vip = w[B_VIP + i];
		at = match_in_line(flows, (uint32_t)w[B_LINE + i], w[B_LO + i], w[B_HI + i]);
		as = at < 0 || waiting.any ? -1 : kept_as(&kept, flows, owner, slots, at, vip, w[life + i]);
		if (as < 0) {
			if (at >= 0 && !is_live(flows, at, now))
				at = -1;
			if (at >= 0 && w[life + i] == LIFE_TCP_SYN)
				wait_for(&waiting, at);
			if (at < 0 || waits(&waiting, at) || (as = usable_as(flows, owner, slots, at, vip)) < 0) {
				/* A line that ends in a miss is looked at again: its other one meanwhile comes. */
				fetch_early(flows + second_line(&s->flows, (uint32_t)w[B_LO + i], (uint32_t)w[B_HI + i]));
				w[B_MISSES + misses++] = i;
				continue;
			}
			keep_entry(image, flows, at, w[life + i], now);
		}
		w[B_AS + i] = as;
		if (vip != run_vip) {
			values[s->vips_at + run_vip * VIP_COUNTER_COUNT + VIP_COUNTER_EXISTING] += run;
			run_vip = vip;
			run = 0;
		}
		run += 1;
	}
	values[s->vips_at + run_vip * VIP_COUNTER_COUNT + VIP_COUNTER_EXISTING] += run;
	for (int32_t k = 0; k < misses; k++) {
		int32_t i = w[B_MISSES + k], lo = w[B_LO + i], hi = w[B_HI + i], as;
		int32_t at = find_in_line(flows, (uint32_t)w[B_LINE + i], lo, hi, now);

		if (at < 0)
			at = find_in_line(flows, second_line(&s->flows, (uint32_t)lo, (uint32_t)hi), lo, hi, now);
		if (at >= 0 && w[life + i] == LIFE_TCP_SYN)
			wait_for(&waiting, at);
		if (at < 0 || waits(&waiting, at) || (as = usable_as(flows, owner, slots, at, w[B_VIP + i])) < 0) {
			w[B_MISSES + listed++] = i;
			continue;
		}
		keep_entry(image, flows, at, w[life + i], now);
		w[B_AS + i] = as;
		values[s->vips_at + w[B_VIP + i] * VIP_COUNTER_COUNT + VIP_COUNTER_EXISTING] += 1;
	}
	return listed;
}
