/* The IP packet that is found in a frame against what the text of include/lbqueue.h says about raw queues. The input is the frame,
 * in memory that ends where it does. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ip_packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Family and place of a packet; -1: none. */
static int expect_packet(const uint8_t *frame, size_t size, size_t *from, size_t *bytes)
{
	static const uint8_t tag[2][2] = { { 0x81, 0x00 }, { 0x88, 0xa8 } };
	size_t type = 12;

	for (int tags = 0; tags < 2 && type + 2 <= size; tags++)
		if (memcmp(frame + type, tag[0], 2) == 0 || memcmp(frame + type, tag[1], 2) == 0)
			type += 4;
		else
			break;
	*from = type + 2;
	if (*from + 20 > size)
		return -1;
	if (frame[type] == 0x08 && frame[type + 1] == 0x00) {
		*bytes = frame[*from + 2] * 256u + frame[*from + 3];
		return *bytes >= 20 && *bytes <= size - *from ? 4 : -1;
	}
	if (frame[type] == 0x86 && frame[type + 1] == 0xdd && *from + 40 <= size) {
		*bytes = 40 + frame[*from + 4] * 256u + frame[*from + 5];
		return *bytes <= size - *from ? 6 : -1;
	}
	return -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *frame = malloc(size == 0 ? 1 : size);
	const uint8_t *at = frame;
	uint32_t length = (uint32_t)size;
	size_t from = 0, bytes = 0;
	int family, expected;

	if (frame == NULL)
		abort();
	memcpy(frame, data, size);
	expected = expect_packet(frame, size, &from, &bytes);
	family = lbq_find_ip_packet(&at, &length);
	if (family < 0 ? expected >= 0 : (family == IPV4 ? 4 : 6) != expected || at != frame + from || length != bytes) {
		fprintf(stderr, "found family %d at %td, %u bytes; expected %d at %zu, %zu bytes, in\n", family, at - frame, length, expected,
			from, bytes);
		for (size_t i = 0; i < size; i++)
			fprintf(stderr, "%02x", data[i]);
		fprintf(stderr, "\n");
		abort();
	}
	free(frame);
	return 0;
}
