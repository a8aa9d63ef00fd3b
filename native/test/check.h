/* A failed check ends the test with the place, both values and the library's last error. */
#ifndef LBQ_TEST_CHECK_H
#define LBQ_TEST_CHECK_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lbqueue.h"

static inline void check_failed(const char *file, int line, const char *what, long long left, long long right)
{
	char text[320];

	lbq_last_error(text, sizeof(text));
	fprintf(stderr, "%s:%d: %s: %lld against %lld; last error: %s\n", file, line, what, left, right, text);
	exit(1);
}

#define CHECK_OP(a, op, b)                                                                     \
	do {                                                                                   \
		long long left_ = (long long)(a), right_ = (long long)(b);                     \
		if (!(left_ op right_))                                                        \
			check_failed(__FILE__, __LINE__, #a " " #op " " #b, left_, right_);    \
	} while (0)
#define CHECK(a) CHECK_OP(!!(a), ==, 1)
#define CHECK_EQ(a, b) CHECK_OP(a, ==, b)
#define CHECK_GE(a, b) CHECK_OP(a, >=, b)
#define CHECK_GT(a, b) CHECK_OP(a, >, b)

/* That the last error names what it should. */
static inline void check_text(const char *part)
{
	char text[320];

	lbq_last_error(text, sizeof(text));
	if (!strstr(text, part)) {
		fprintf(stderr, "last error \"%s\" does not name \"%s\"\n", text, part);
		exit(1);
	}
}

static inline uint64_t stat_of(int32_t handle, uint32_t index)
{
	uint64_t values[LBQ_QUEUE_STATS] = { 0 };

	CHECK_GT(lbq_stats(handle, values, LBQ_QUEUE_STATS), index);
	return values[index];
}

#endif
