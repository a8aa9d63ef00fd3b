/* Punt queues: what a worker hands back reaches the host as if the interface had received it, natively and generically. */
#include <net/if.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "echo.h"

static struct netns netns;

static int32_t open_filter(uint32_t flags)
{
	static const char address6[16] = { 0x20, 0x01, 0x0d, (char)0xb8, [15] = 1 };
	struct lbq_filter_entry entry = { .family = 6, .prefix_length = 128 };
	int32_t filter = lbq_filter_open("lb0", flags);

	CHECK_GT(filter, 0);
	/* The host's own addresses, and a prefix that is not the host's. */
	rig_prefix(filter, LBQ_FILTER_ADD, (const uint8_t[]){ 192, 0, 2, 1 }, 32);
	rig_prefix(filter, LBQ_FILTER_ADD, rig_vip, 24);
	memcpy(entry.address, address6, 16);
	CHECK_EQ(lbq_filter_set(filter, LBQ_FILTER_PREFIX, LBQ_FILTER_ADD, &entry, 1), 1);
	return filter;
}

static int32_t open_punt(int32_t pool, int32_t filter)
{
	struct lbq_queue_options options = rig_options(LBQ_PUNT, "lb0");
	int32_t queue;

	options.filter = filter;
	queue = lbq_queue_open(pool, &options);
	CHECK_GT(queue, 0);
	return queue;
}

static const char *tap_name(void)
{
	static char name[32];

	snprintf(name, sizeof(name), "lbq-p%u", if_nametoindex("lb0"));
	return name;
}

struct worker {
	int32_t pool;
	int32_t queue;
	int32_t punt;
	atomic_int stop;
};

/* A worker that wants nothing of what it gets. */
static void *hand_back(void *of)
{
	struct worker *worker = of;
	uint32_t offset[64], length[64];

	while (!atomic_load(&worker->stop)) {
		const int32_t both[2] = { worker->queue, worker->punt };
		int32_t n;

		CHECK_GE(lbq_wait(both, 2, 60000000), 0);
		n = lbq_rx(worker->queue, offset, length, 64);
		CHECK_EQ(lbq_tx(worker->punt, offset, length, (uint32_t)n), n);
	}
	return NULL;
}

/* Ping to the host's own addresses, with all of it going through the worker: whole packets and fragments. */
static void ping(uint32_t flags)
{
	struct worker worker = { .pool = rig_pool(1024, 2048) };
	int32_t filter = open_filter(flags);
	uint64_t received, came_back = 0;
	pthread_t thread;

	worker.queue = rig_xdp(worker.pool, filter, "lb0", 0);
	worker.punt = open_punt(worker.pool, filter);
	CHECK_EQ(pthread_create(&thread, NULL, hand_back, &worker), 0);
	netns_run(netns.peer, "ping -c3 -i0.01 -W2 192.0.2.1 >/dev/null");
	netns_run(netns.peer, "ping -c3 -i0.01 -W2 2001:db8::1 >/dev/null");
	netns_run(netns.peer, "ping -c3 -i0.01 -W2 -s4000 192.0.2.1 >/dev/null");
	atomic_store(&worker.stop, 1);
	CHECK_EQ(lbq_wake(worker.pool), 0);
	CHECK_EQ(pthread_join(thread, NULL), 0);

	/* Each came to the worker once: what it handed back did not come again. */
	received = stat_of(worker.queue, LBQ_RX_PACKETS);
	CHECK_EQ(received, 3 + 3 + 3 * 3);
	CHECK_EQ(stat_of(worker.punt, LBQ_TX_PACKETS), received);
	CHECK_EQ(stat_of(worker.punt, LBQ_TX_BYTES), stat_of(worker.queue, LBQ_RX_BYTES));
	CHECK_EQ(stat_of(worker.punt, LBQ_TX_ERRORS), 0);
	came_back = stat_of(filter, LBQ_FILTER_PUNTED);
	CHECK_EQ(came_back, rig_mode(filter) == LBQ_MODE_GENERIC ? received : 0);
	/* The host has got no address by it, and hears nothing from the TAP. */
	netns_run(netns.lb, "test -z \"$(ip addr show dev %s | grep inet)\"", tap_name());
	CHECK_EQ(lbq_close(worker.queue), 0);
	CHECK_EQ(lbq_close(worker.punt), 0);
	CHECK_EQ(lbq_close(filter), 0);
	CHECK_EQ(lbq_close(worker.pool), 0);
	CHECK_EQ(if_nametoindex(tap_name()), 0);
	netns_run(netns.peer, "ping -c1 -W2 192.0.2.1 >/dev/null");
}

/* Byte by byte what came: sizes up to the longest, VLAN tags. */
static void bytes(uint32_t flags)
{
	enum { FRAMES = 31 };
	int32_t pool = rig_pool(1024, 2048), filter = open_filter(flags), queue = rig_xdp(pool, filter, "lb0", 0),
		punt = open_punt(pool, filter);
	int host = wire_open("lb0");

	for (uint32_t i = 0; i < FRAMES; i++) {
		struct frame_options options = { .destination_mac = netns.lb_mac, .source_mac = netns.peer_mac, .source = "192.0.2.2",
						 .destination = "198.51.100.7", .protocol = 17, .sequence = i,
						 .payload = i == FRAMES - 1 ? 1472 : 18 + i * 11,
						 .vlan = { i % 3 > 0 && i < 30 ? 100 : 0, i % 3 > 1 && i < 30 ? 200 : 0 } };
		uint8_t frame[2048], back[2048];
		uint32_t offset, length, size = frame_build(frame, &options);

		wire_send(netns.wire, frame, size);
		receive(queue, &offset, &length, 1);
		CHECK_EQ(lbq_tx(punt, &offset, &length, 1), 1);
		CHECK_EQ(wire_receive(host, back, sizeof(back)), size);
		CHECK_EQ(memcmp(back, frame, size), 0);
	}
	CHECK_EQ(stat_of(queue, LBQ_RX_PACKETS), FRAMES);
	close(host);
	refuse(punt, pool);
	CHECK_EQ(stat_of(pool, LBQ_POOL_WORKER), 0);
	CHECK_EQ(lbq_close(queue), 0);
	CHECK_EQ(lbq_close(punt), 0);
	CHECK_EQ(lbq_close(filter), 0);
	CHECK_EQ(lbq_close(pool), 0);
}

/* The header that brings frames past the generic filter does not work for others. */
static void forged(void)
{
	int32_t filter = open_filter(LBQ_FILTER_FORCE_GENERIC);
	struct frame_options options = { .destination_mac = netns.lb_mac, .source = "192.0.2.2", .destination = "198.51.100.7",
					 .protocol = 17, .payload = 100 };
	uint8_t frame[256] = { 0 }, back[256];
	int host = wire_open("lb0");
	uint32_t size;

	memcpy(frame, netns.lb_mac, 6);
	frame[12] = 0x88;
	frame[13] = 0xb5;
	size = 24 + frame_build(frame + 24, &options);
	wire_send(netns.wire, frame, size);
	CHECK_EQ(wire_receive(host, back, sizeof(back)), size);
	CHECK_EQ(memcmp(back, frame, size), 0);
	CHECK_EQ(stat_of(filter, LBQ_FILTER_PUNTED), 0);
	close(host);
	CHECK_EQ(lbq_close(filter), 0);
}

/* Two workers' queues share the TAP, and each goes on without the other; so do both without the filter. */
static void sharing(void)
{
	struct frame_options options = { .destination_mac = netns.lb_mac, .source = "192.0.2.2", .destination = "198.51.100.7",
					 .protocol = 17, .payload = 100 };
	int32_t pool[2] = { rig_pool(64, 2048), rig_pool(64, 2048) }, filter = open_filter(0), punt[2];
	int host = wire_open("lb0");
	uint8_t back[256];
	uint32_t offset, length;
	struct lbq_info info;

	for (int i = 0; i < 2; i++)
		punt[i] = open_punt(pool[i], filter);
	for (int i = 0; i < 3; i++) {
		/* The first, then the second, then the second alone. */
		int at = i > 0;

		if (i == 2) {
			CHECK_EQ(lbq_close(punt[0]), 0);
			CHECK_EQ(lbq_close(filter), 0);
			CHECK(if_nametoindex(tap_name()));
		}
		CHECK_EQ(lbq_alloc(pool[at], &offset, 1), 1);
		length = frame_build(rig_base(pool[at]) + offset, &options);
		CHECK_EQ(lbq_tx(punt[at], &offset, &length, 1), 1);
		CHECK_EQ(wire_receive(host, back, sizeof(back)), length);
		CHECK_EQ(stat_of(pool[at], LBQ_POOL_FREE), 64);
	}
	/* It is about the interface, sends only, and has nothing to wait for. */
	CHECK_EQ(lbq_info(punt[1], &info), 0);
	CHECK_EQ(info.kind, LBQ_PUNT);
	CHECK_EQ(strcmp(info.interface, "lb0"), 0);
	CHECK_EQ(info.fd, -1);
	CHECK_EQ(lbq_rx(punt[1], &offset, &length, 1), 0);
	netns_run(netns.lb, "ping -c1 -W0.1 -I %s 192.0.2.200 >/dev/null 2>&1; true", tap_name());
	CHECK_EQ(lbq_wait(&punt[1], 1, 1000), 0);
	CHECK_EQ(lbq_close(punt[1]), 0);
	CHECK_EQ(if_nametoindex(tap_name()), 0);
	close(host);
	for (int i = 0; i < 2; i++)
		CHECK_EQ(lbq_close(pool[i]), 0);
}

static void errors(void)
{
	struct lbq_queue_options options = rig_options(LBQ_PUNT, "lb0");
	int32_t pool = rig_pool(64, 2048), filter = open_filter(0);

	CHECK_EQ(lbq_queue_open(pool, &options), -LBQ_E_HANDLE);
	options.filter = filter;
	strcpy(options.interface, "lo");
	CHECK_EQ(lbq_queue_open(pool, &options), -LBQ_E_ARGUMENT);
	check_text("attached to lb0");
	strcpy(options.interface, "lb0");
	options.flags = LBQ_QUEUE_MULTI;
	CHECK_EQ(lbq_queue_open(pool, &options), -LBQ_E_ARGUMENT);
	options.flags = 0;
	netns_run(netns.lb, "ip link add %s type veth", tap_name());
	CHECK_EQ(lbq_queue_open(pool, &options), -LBQ_E_BUSY);
	check_text(tap_name());
	netns_run(netns.lb, "ip link del %s", tap_name());
	CHECK_EQ(lbq_close(filter), 0);
	CHECK_EQ(lbq_close(pool), 0);
}

int main(void)
{
	netns_open(&netns, 1);
	/* Strict: a packet whose way back is another interface is dropped. */
	netns_run(netns.lb, "sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.lb0.rp_filter=1");
	ping(0);
	ping(LBQ_FILTER_FORCE_GENERIC);
	bytes(0);
	bytes(LBQ_FILTER_FORCE_GENERIC);
	forged();
	sharing();
	errors();
	return 0;
}
