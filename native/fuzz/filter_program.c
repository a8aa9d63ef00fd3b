/* The filter program as a function of a frame. Its pointers are 32 bits wide, so the frame lies in low memory, and right
 * behind it a page that nobody may touch. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../bpf/lb_filter.bpf.c"
#include "entries.h"
#include "filter_program.h"

#define PAGE 4096
#define ROOM (4 * PAGE)

static __u64 count_of[LBQ_FILTER_REASONS];
static __u64 cookie_value = COOKIE, present = 1;
static struct lbq_prefix_value found;

static void *find_endpoint(const struct endpoint *list, size_t count, const void *key)
{
	const struct lbq_endpoint_key *wanted = key;

	for (size_t i = 0; i < count; i++)
		if (list[i].family == wanted->family && list[i].protocol == wanted->protocol &&
		    bpf_htons(list[i].port) == wanted->port && memcmp(list[i].address, wanted->address, 16) == 0)
			return &present;
	return NULL;
}

static int shares(const __u8 *a, const __u8 *b, unsigned bits)
{
	for (unsigned bit = 0; bit < bits; bit++)
		if (((a[bit / 8] ^ b[bit / 8]) & (128 >> bit % 8)) != 0)
			return 0;
	return 1;
}

static void *find_longest(__u8 family, const __u8 *address, unsigned size)
{
	const struct prefix *best = NULL;

	for (size_t i = 0; i < COUNT(prefixes); i++)
		if (prefixes[i].family == family && prefixes[i].bits <= size && shares(prefixes[i].address, address, prefixes[i].bits) &&
		    (best == NULL || prefixes[i].bits > best->bits))
			best = &prefixes[i];
	if (best == NULL)
		return NULL;
	found = (struct lbq_prefix_value){ best->flags, best->group };
	return &found;
}

void *bpf_map_lookup_elem(void *map, const void *key)
{
	if (map == &counters)
		return &count_of[*(const __u32 *)key];
	if (map == &punt_cookie)
		return &cookie_value;
	if (map == &prefix4)
		return find_longest(4, ((const struct lbq_prefix4_key *)key)->address, 32);
	if (map == &prefix6)
		return find_longest(6, ((const struct lbq_prefix6_key *)key)->address, 128);
	if (map == &node_port)
		return find_endpoint(node_ports, COUNT(node_ports), key);
	if (map == &nat_source)
		return find_endpoint(nat_sources, COUNT(nat_sources), key);
	if (map == &prefix_port) {
		const struct lbq_port_key *wanted = key;

		for (size_t i = 0; i < COUNT(ports); i++)
			if (ports[i].group == wanted->group && ports[i].protocol == wanted->protocol &&
			    bpf_htons(ports[i].port) == wanted->port)
				return &present;
		return NULL;
	}
	if (map == &nat_address) {
		const struct lbq_address_key *wanted = key;

		for (size_t i = 0; i < COUNT(nat_sources); i++)
			if (nat_sources[i].family == wanted->family && memcmp(nat_sources[i].address, wanted->address, 16) == 0)
				return &present;
		return NULL;
	}
	abort();
}

long bpf_redirect_map(void *map, __u64 key, __u64 flags)
{
	return map == &sockets && key == 0 ? XDP_REDIRECT : (long)flags;
}

long bpf_xdp_adjust_head(struct xdp_md *context, int bytes)
{
	context->data += (__u32)bytes;
	return 0;
}

int run_filter(const uint8_t *frame, size_t length, uint32_t queue)
{
	static uint8_t *room;
	struct xdp_md context = { .rx_queue_index = queue };

	if (length > ROOM)
		return -1;
	if (room == NULL) {
		room = mmap((void *)0x10000000, ROOM + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (room == MAP_FAILED || (uintptr_t)room + ROOM + PAGE > UINT32_MAX || mprotect(room + ROOM, PAGE, PROT_NONE) != 0) {
			fprintf(stderr, "no memory below 4 GiB\n");
			exit(1);
		}
	}
	memcpy(room + ROOM - length, frame, length);
	context.data = (__u32)(uintptr_t)(room + ROOM - length);
	context.data_end = (__u32)(uintptr_t)(room + ROOM);
	memset(count_of, 0, sizeof(count_of));
	lb_filter(&context);
	for (int reason = 0; reason < LBQ_FILTER_REASONS; reason++)
		if (count_of[reason] == 1)
			return reason;
	return -1;
}
