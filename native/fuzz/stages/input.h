/* An input of the fuzz target as a burst: a header of choices, then frames with choices of their own. */
#ifndef LBQ_FUZZ_INPUT_H
#define LBQ_FUZZ_INPUT_H

#include <stddef.h>
#include <stdint.h>

#define HEADER_BYTES 16
#define CHOICES 4

struct header {
	uint8_t tables; /* bits 0-1 variant, 2-3 log2 of flow lines, 4-5 of session lines, 6 other tables hold random words */
	uint8_t input;
	uint8_t held;
	uint8_t packets; /* frames are repeated up to so many; 0: as they come */
	int32_t now;
	uint16_t timeout;
	uint8_t odd[3]; /* AS slots whose flows need a second look */
	uint8_t limit;
	uint8_t seed;
	uint8_t secret;
};

struct frame {
	uint8_t choice[CHOICES];
	uint32_t length;
	uint8_t bytes[65600];
};

/* Reads the header; 0 if the input is too short. Else where the frames begin. */
size_t read_header(const uint8_t *data, size_t size, struct header *header);

/* Reads the frame at `at` and returns where the next one is, or 0 behind the last one. */
size_t read_frame(const uint8_t *data, size_t size, size_t at, struct frame *frame);

#endif
