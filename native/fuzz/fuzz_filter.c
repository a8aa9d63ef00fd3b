/* The filter program against its reference. The first byte of the input is the receive queue, the others are the frame. */
#include <stdio.h>
#include <stdlib.h>

#include "filter_program.h"
#include "filter_reference.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int expected, reason;

	if (size < 1 || size > 4096)
		return 0;
	expected = expect_reason(data + 1, size - 1, data[0] & 1);
	reason = run_filter(data + 1, size - 1, data[0] & 1);
	if (reason == expected)
		return 0;
	fprintf(stderr, "filter: reason %d, reference: %d, for\n", reason, expected);
	for (size_t i = 0; i < size; i++)
		fprintf(stderr, "%02x", data[i]);
	fprintf(stderr, "\n");
	abort();
}
