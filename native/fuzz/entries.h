/* What the filter is told in these tests; addresses are written as numbers in their own order. */
#ifndef LBQ_FUZZ_ENTRIES_H
#define LBQ_FUZZ_ENTRIES_H

#include <stdbool.h>
#include <stdint.h>

struct endpoint {
	uint8_t family;
	uint8_t address[16];
	uint8_t protocol;
	uint16_t port;
};

struct prefix {
	uint8_t family;
	uint8_t address[16];
	uint8_t bits;
	uint8_t flags; /* LBQ_PREFIX_* */
	uint32_t group;
};

struct port {
	uint32_t group;
	uint8_t protocol;
	uint16_t port;
};

#define COOKIE 0x1122334455667788ull

static const struct prefix prefixes[] = {
	{ 4, { 90 }, 8, 0, 0 },
	{ 4, { 90, 1, 2 }, 24, 1 /* ports only */, 7 },
	{ 4, { 90, 0, 0, 9 }, 32, 2 /* kernel */, 0 },
	{ 6, { 0x20, 0x02 }, 16, 0, 0 },
	{ 6, { 0x20, 0x04 }, 16, 1, 8 },
	{ 6, { 0x20, 0x04, [15] = 9 }, 128, 2, 0 },
};

static const struct port ports[] = { { 7, 6, 80 }, { 8, 17, 53 } };

static const struct endpoint node_ports[] = {
	{ 4, { 192, 0, 2, 254 }, 6, 30080 },
	{ 6, { 0x20, 0x01, 0x0d, 0xb8, [15] = 0xfe }, 17, 30053 },
};

static const struct endpoint nat_sources[] = {
	{ 4, { 10, 0, 0, 5 }, 6, 8080 },
	{ 6, { 0x20, 0x01, [15] = 5 }, 17, 5353 },
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

#endif
