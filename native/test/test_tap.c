/* TAP queues: the host's stack on one side, the worker on the other. */
#include <net/if.h>

#include "echo.h"

static void round_trip(int lb)
{
	int32_t pool = rig_pool(64, 2048), queue = rig_queue(pool, LBQ_TAP, "lbt%d", 0);
	uint32_t offset[64], length[64];
	struct lbq_info info;
	int wire;

	CHECK_EQ(lbq_info(queue, &info), 0);
	CHECK_EQ(strcmp(info.interface, "lbt0"), 0);
	CHECK_EQ(info.mtu, 1500);
	netns_run(lb, "sysctl -qw net.ipv6.conf.lbt0.disable_ipv6=1");

	/* Down: writing fails and is counted, the frame is not lost to the pool. */
	CHECK_EQ(lbq_alloc(pool, offset, 1), 1);
	length[0] = 60;
	CHECK_EQ(lbq_tx(queue, offset, length, 1), 1);
	CHECK_EQ(stat_of(queue, LBQ_TX_ERRORS), 1);
	CHECK_EQ(stat_of(pool, LBQ_POOL_FREE), 64);

	netns_run(lb, "ip link set lbt0 up");
	while (lbq_wait(&queue, 1, 5000) > 0)
		lbq_free(pool, offset, (uint32_t)lbq_rx(queue, offset, length, 64));
	wire = wire_open("lbt0");
	echo(queue, wire, info.mac, info.mac, 2, 1514);
	generate(queue, wire, info.mac);
	refuse(queue, pool);

	/* An empty pool stops receiving until frames come back. */
	for (uint32_t i = 0; i < 2; i++) {
		struct frame_options options = { .source = "192.0.2.9", .destination = "192.0.2.8", .protocol = 17, .payload = 40, .sequence = i };
		uint8_t frame[256];

		wire_send(wire, frame, frame_build(frame, &options));
	}
	lbq_reclaim(pool);
	CHECK_EQ(lbq_alloc(pool, offset, 63), 63);
	CHECK_EQ(lbq_rx(queue, offset + 63, length + 63, 1), 1);
	CHECK_EQ(lbq_rx(queue, offset, length, 1), 0);
	CHECK_EQ(stat_of(queue, LBQ_RX_NO_FRAME), 1);
	CHECK_EQ(lbq_free(pool, offset, 64), 64);
	receive(queue, offset, length, 1);

	/* Longer than a frame's room: dropped whole. */
	netns_run(lb, "ip link set lbt0 mtu 4000");
	{
		struct frame_options options = { .source = "192.0.2.9", .destination = "192.0.2.8", .protocol = 17, .payload = 3000 };
		uint8_t frame[4096];

		wire_send(wire, frame, frame_build(frame, &options));
		options.payload = 40;
		wire_send(wire, frame, frame_build(frame, &options));
	}
	receive(queue, offset, length, 1);
	CHECK_EQ(length[0], 42 + 40);
	CHECK_EQ(stat_of(queue, LBQ_RX_OVERSIZE), 1);
	CHECK_EQ(lbq_close(queue), 0);
	CHECK_EQ(if_nametoindex("lbt0"), 0);
	CHECK_EQ(lbq_close(pool), 0);
}

static void several_queues(void)
{
	int32_t pool = rig_pool(64, 2048), first = rig_queue(pool, LBQ_TAP, "many0", LBQ_QUEUE_MULTI),
		second = rig_queue(pool, LBQ_TAP, "many0", LBQ_QUEUE_MULTI);
	struct lbq_queue_options options = rig_options(LBQ_TAP, "many0");

	CHECK(if_nametoindex("many0"));
	CHECK_EQ(lbq_queue_open(pool, &options), -LBQ_E_BUSY);
	CHECK_EQ(lbq_close(first), 0);
	CHECK(if_nametoindex("many0"));
	CHECK_EQ(lbq_close(second), 0);
	CHECK_EQ(if_nametoindex("many0"), 0);
	strcpy(options.interface, "lb0");
	CHECK_EQ(lbq_queue_open(pool, &options), -LBQ_E_BUSY);
	CHECK_EQ(lbq_close(pool), 0);
}

int main(void)
{
	struct netns netns;

	netns_open(&netns, 1);
	round_trip(netns.lb);
	several_queues();
	return 0;
}
