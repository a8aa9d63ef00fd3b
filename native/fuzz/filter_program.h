#ifndef LBQ_FUZZ_FILTER_PROGRAM_H
#define LBQ_FUZZ_FILTER_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

/* The reason (LBQ_FILTER_*) that the filter program counts a frame under; -1 if it counts none, or too many. */
int run_filter(const uint8_t *frame, size_t length, uint32_t queue);

#endif
