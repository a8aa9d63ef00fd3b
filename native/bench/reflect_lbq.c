/* The same reflector over liblbqueue, as a worker uses it: rx, touch, tx, free the unsent. AF_XDP takes 198.51.100.0/24.
 * Usage: reflect_lbq xdp|packet|packet-low-latency INTERFACE SECONDS */
#include "bench.h"
#include "lbqueue.h"

static int32_t checked(int32_t result)
{
	char text[320];

	if (result >= 0)
		return result;
	lbq_last_error(text, sizeof(text));
	fprintf(stderr, "%s\n", text);
	exit(1);
}

static int32_t open_queue(const char *kind, const char *interface, int32_t pool)
{
	struct lbq_queue_options options = { .kind = LBQ_PACKET, .flags = LBQ_QUEUE_QDISC_BYPASS };
	struct lbq_filter_entry vip = { .family = 4, .prefix_length = 24, .address = { 198, 51, 100 } };

	snprintf(options.interface, sizeof(options.interface), "%s", interface);
	if (strcmp(kind, "xdp") == 0) {
		options.kind = LBQ_XDP;
		options.flags = LBQ_QUEUE_COPY;
		options.filter = checked(lbq_filter_open(interface, LBQ_FILTER_FORCE_NATIVE));
		checked(lbq_filter_set(options.filter, LBQ_FILTER_PREFIX, LBQ_FILTER_ADD, &vip, 1));
	} else if (strcmp(kind, "packet-low-latency") == 0) {
		options.flags |= LBQ_QUEUE_LOW_LATENCY;
	}
	return checked(lbq_queue_open(pool, &options));
}

int main(int argc, char **argv)
{
	static uint32_t offset[BURST], length[BURST];
	struct meter meter = { 0 };
	struct lbq_info info;
	uint64_t stats[LBQ_QUEUE_STATS];
	int32_t memory, pool, queue;
	double end;
	char name[64];

	if (argc != 4) {
		fprintf(stderr, "usage: %s xdp|packet|packet-low-latency INTERFACE SECONDS\n", argv[0]);
		return 1;
	}
	memory = checked(lbq_memory_open(NULL, 8192 * 2048, LBQ_MEMORY_HUGE));
	pool = checked(lbq_pool_open(memory, 2048));
	queue = open_queue(argv[1], argv[2], pool);
	checked(lbq_info(pool, &info));
	end = seconds_now() + atof(argv[3]);
	while (seconds_now() < end) {
		int32_t n = checked(lbq_rx(queue, offset, length, BURST)), sent;

		if (n == 0) {
			checked(lbq_wait(&queue, 1, 10000));
			continue;
		}
		for (int32_t i = 0; i < n; i++)
			swap_macs((uint8_t *)(uintptr_t)info.address + offset[i]);
		sent = checked(lbq_tx(queue, offset, length, (uint32_t)n));
		if (sent < n)
			lbq_free(pool, offset + sent, (uint32_t)(n - sent));
		meter_add(&meter, (uint32_t)sent);
	}
	snprintf(name, sizeof(name), "reflect_lbq %s", argv[1]);
	meter_print(&meter, name);
	checked(lbq_stats(queue, stats, LBQ_QUEUE_STATS));
	fprintf(stderr, "received %llu, kernel dropped %llu, unsent %llu, system calls %llu\n", (unsigned long long)stats[LBQ_RX_PACKETS],
		(unsigned long long)(stats[LBQ_RX_DROPPED] + stats[LBQ_RX_RING_FULL]), (unsigned long long)stats[LBQ_TX_FULL],
		(unsigned long long)stats[LBQ_SYSTEM_CALLS]);
	return 0;
}
