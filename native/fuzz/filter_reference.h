#ifndef LBQ_FUZZ_FILTER_REFERENCE_H
#define LBQ_FUZZ_FILTER_REFERENCE_H

#include <stddef.h>
#include <stdint.h>

/* The reason under which a frame ought to be counted. */
int expect_reason(const uint8_t *frame, size_t length, uint32_t queue);

#endif
