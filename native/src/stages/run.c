#include <time.h>

#include "stages.h"

static bool wants_mtu_or_mss(const struct lbq_stages *s)
{
	const int32_t *image = words_of(s->image);

	return s->longest > image[H_SHORTEST_LIMIT] || (image[H_FLAGS] & IMAGE_FLAG_HAS_MSS) != 0;
}

int32_t lbq_stages(struct lbq_stages *s, int32_t from)
{
	const int32_t nat = (1 << ENCAP_CODE_NAT4) | (1 << ENCAP_CODE_NAT6);

	s->listed = 0;
	switch (from) {
	case LBQ_FROM_PARSE:
		s->listed = lbq_parse(s);
		if (s->listed > 0 || s->held > 0 || lbq_has_nat_return(s))
			return LBQ_FROM_CLASSIFY;
		/* fall through */
	case LBQ_FROM_CLASSIFY:
		s->listed = lbq_classify(s);
		if (s->listed > 0)
			return LBQ_FROM_HASH;
		/* fall through */
	case LBQ_FROM_HASH:
		lbq_hash(s);
		s->listed = lbq_select(s);
		if (s->listed > 0 || wants_mtu_or_mss(s))
			return LBQ_FROM_NAT;
		/* fall through */
	case LBQ_FROM_NAT:
		if ((s->encaps & nat) != 0) {
			s->listed = lbq_nat_forward(s);
			if (s->listed > 0)
				return LBQ_FROM_REWRITE;
		}
		/* fall through */
	default:
		s->listed = lbq_rewrite(s);
		return LBQ_DONE;
	}
}

int32_t lbq_layout(void)
{
	return IMAGE_LAYOUT_VERSION;
}

uint64_t lbq_address(const void *array)
{
	return (uintptr_t)array;
}

double lbq_thread_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}
