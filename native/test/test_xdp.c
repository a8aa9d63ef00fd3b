/* AF_XDP queues on veth, native and generic. */
#include <sys/wait.h>
#include <unistd.h>

#include "echo.h"

static struct netns netns;

static int32_t open_filter(uint32_t flags)
{
	int32_t filter = lbq_filter_open("lb0", flags);

	CHECK_GT(filter, 0);
	rig_prefix(filter, LBQ_FILTER_ADD, rig_vip, 24);
	return filter;
}

static void round_trip(uint32_t flags, uint32_t mode, uint32_t frame_size)
{
	int32_t pool = rig_pool(2048, frame_size), filter = open_filter(flags), queue;

	CHECK_EQ(rig_mode(filter), mode);
	queue = rig_xdp(pool, filter, "lb0", 0);
	CHECK_EQ(rig_mode(queue), 0);
	echo(queue, netns.wire, netns.lb_mac, netns.peer_mac, 2, 1514);
	generate(queue, netns.wire, netns.peer_mac);
	refuse(queue, pool);
	CHECK_EQ(stat_of(queue, LBQ_TX_ERRORS), 0);
	CHECK_EQ(lbq_close(queue), 0);
	/* Every frame is back, wherever it was. */
	CHECK_EQ(stat_of(pool, LBQ_POOL_FREE), 2048);
	CHECK_EQ(lbq_close(filter), 0);
	CHECK_EQ(lbq_close(pool), 0);
}

static uint32_t send_flow(uint32_t sequence, uint16_t port)
{
	struct frame_options options = { .destination_mac = netns.lb_mac, .source = "192.0.2.2", .destination = "198.51.100.9",
					 .protocol = 17, .source_port = port, .destination_port = 9, .payload = 18, .sequence = sequence };
	uint8_t frame[2048];
	uint32_t length = frame_build(frame, &options);

	wire_send(netns.wire, frame, length);
	return length;
}

/* A worker that does not receive: what does not fit is lost and counted. */
static void full_ring(void)
{
	uint32_t offset[512], length[512];
	int32_t pool = rig_pool(1024, 2048), filter = open_filter(0), queue = rig_xdp(pool, filter, "lb0", 0), n = 0, more;

	for (uint32_t i = 0; i < 400; i++)
		send_flow(i, 1);
	while ((more = lbq_rx(queue, offset, length, 512)) > 0 || lbq_wait(&queue, 1, 20000) > 0)
		n += more;
	CHECK_GE(n, 256);
	CHECK_GT(stat_of(queue, LBQ_RX_FILL_EMPTY), 0);
	CHECK_EQ(stat_of(queue, LBQ_RX_PACKETS) + stat_of(queue, LBQ_RX_RING_FULL) + stat_of(queue, LBQ_RX_DROPPED), 400);
	CHECK_EQ(lbq_close(queue), 0);
	CHECK_EQ(lbq_close(filter), 0);
	CHECK_EQ(lbq_close(pool), 0);
}

/* A worker that keeps every frame, and one that offers more than the ring holds. */
static void exhaustion(void)
{
	uint32_t offset[256], length[256], made[300], size[300];
	int32_t pool = rig_pool(256, 2048), filter = open_filter(0), queue = rig_xdp(pool, filter, "lb0", 0);

	/* The fill ring took them all. */
	CHECK_EQ(stat_of(pool, LBQ_POOL_KERNEL), 256);
	CHECK_EQ(stat_of(queue, LBQ_FRAMES_KERNEL), 256);
	CHECK_EQ(lbq_alloc(pool, made, 1), 0);
	for (uint32_t i = 0; i < 20; i++)
		send_flow(i, 1);
	receive(queue, offset, length, 20);
	CHECK_EQ(lbq_rx(queue, offset + 20, length + 20, 1), 0);
	CHECK_GT(stat_of(queue, LBQ_RX_NO_FRAME), 0);
	CHECK_EQ(lbq_free(pool, offset, 20), 20);
	CHECK_EQ(lbq_close(queue), 0);
	CHECK_EQ(lbq_close(pool), 0);

	pool = rig_pool(1024, 2048);
	queue = rig_xdp(pool, filter, "lb0", 0);
	CHECK_EQ(lbq_alloc(pool, made, 300), 300);
	for (int i = 0; i < 300; i++) {
		size[i] = 60;
		memset(rig_base(pool) + made[i], 0xff, 60);
	}
	CHECK_EQ(lbq_tx(queue, made, size, 300), 256);
	CHECK_EQ(stat_of(queue, LBQ_TX_FULL), 44);
	CHECK_EQ(lbq_free(pool, made + 256, 44), 44);
	CHECK_EQ(lbq_close(queue), 0);
	CHECK_EQ(lbq_close(filter), 0);
	CHECK_EQ(lbq_close(pool), 0);
}

/* Two receive queues: with a socket on one, the other's packets go to the kernel; with two, each flow stays on its own. */
static void two_queues(void)
{
	enum { FLOWS = 64 };
	uint32_t offset[FLOWS], length[FLOWS];
	int32_t pool[2] = { rig_pool(1024, 2048), rig_pool(1024, 2048) }, filter = open_filter(0), queue[2];
	int got[2] = { 0, 0 };

	queue[0] = rig_xdp(pool[0], filter, "lb0", 0);
	for (uint32_t i = 0; i < FLOWS; i++)
		send_flow(i, (uint16_t)(1000 + i));
	while (stat_of(filter, LBQ_FILTER_VIP) + stat_of(filter, LBQ_FILTER_NO_SOCKET) < FLOWS)
		;
	CHECK_GT(stat_of(filter, LBQ_FILTER_NO_SOCKET), 0);
	receive(queue[0], offset, length, (uint32_t)stat_of(filter, LBQ_FILTER_VIP));
	lbq_reclaim(pool[0]);

	queue[1] = rig_xdp(pool[1], filter, "lb0", 1);
	for (uint32_t i = 0; i < FLOWS; i++)
		send_flow(i, (uint16_t)(1000 + i));
	while (got[0] + got[1] < FLOWS) {
		CHECK_GT(lbq_wait(queue, 2, 2000000), 0);
		for (int i = 0; i < 2; i++)
			got[i] += lbq_rx(queue[i], offset, length, FLOWS);
	}
	CHECK_GT(got[0], 0);
	CHECK_GT(got[1], 0);
	for (int i = 0; i < 2; i++) {
		CHECK_EQ(lbq_close(queue[i]), 0);
		CHECK_EQ(lbq_close(pool[i]), 0);
	}
	CHECK_EQ(lbq_close(filter), 0);
}

/* Without a filter a queue only sends; it keeps no frames for receiving. */
static void send_only(void)
{
	uint32_t offset, length;
	int32_t pool = rig_pool(256, 2048), queue = rig_xdp(pool, 0, "lb0", 0);

	CHECK_EQ(stat_of(pool, LBQ_POOL_FREE), 256);
	generate(queue, netns.wire, netns.peer_mac);
	CHECK_EQ(lbq_rx(queue, &offset, &length, 1), 0);
	CHECK_EQ(lbq_rx(queue, NULL, &length, 1), -LBQ_E_ARGUMENT);
	CHECK_EQ(lbq_tx(queue, &offset, NULL, 1), -LBQ_E_ARGUMENT);
	CHECK_EQ(lbq_alloc(queue, NULL, 1), -LBQ_E_ARGUMENT);
	CHECK_EQ(lbq_free(queue, NULL, 1), -LBQ_E_ARGUMENT);
	CHECK_EQ(lbq_close(queue), 0);
	CHECK_EQ(lbq_close(pool), 0);
}

static void waiting(void)
{
	int32_t pool = rig_pool(1024, 2048), filter = open_filter(0), queue = rig_xdp(pool, filter, "lb0", 0), both[2] = { queue, queue };
	uint32_t offset, length;

	CHECK_EQ(lbq_wait(&queue, 1, 1000), 0);
	CHECK_EQ(lbq_wait(&queue, 0, 1000), -LBQ_E_ARGUMENT);
	CHECK_EQ(lbq_wait(&queue, 65, 1000), -LBQ_E_ARGUMENT);
	CHECK_EQ(lbq_wake(pool), 0);
	CHECK_EQ(lbq_wait(both, 2, 600000000), 0);
	send_flow(0, 1);
	CHECK_EQ(lbq_wait(both, 2, 2000000), 2);
	/* What woke it as well as what came: the one does not hide the other, and the first is over. */
	CHECK_EQ(lbq_wake(queue), 0);
	CHECK_EQ(lbq_wait(&queue, 1, 600000000), 1);
	receive(queue, &offset, &length, 1);
	CHECK_EQ(lbq_wait(&queue, 1, 1000), 0);
	CHECK_EQ(lbq_close(queue), 0);
	CHECK_EQ(lbq_wait(both, 2, 1000), -LBQ_E_HANDLE);
	CHECK_EQ(lbq_close(filter), 0);
	CHECK_EQ(lbq_close(pool), 0);
}

static void errors(void)
{
	struct lbq_queue_options options = rig_options(LBQ_XDP, "nowhere");
	int32_t pool = rig_pool(1024, 2048), filter = open_filter(0), queue;

	CHECK_EQ(lbq_queue_open(pool, &options), -LBQ_E_INTERFACE);
	check_text("nowhere");
	CHECK_EQ(lbq_filter_open("nowhere", 0), -LBQ_E_INTERFACE);
	CHECK_EQ(lbq_filter_open("lb0", 0), -LBQ_E_BUSY);
	check_text("lb0");
	CHECK_EQ(lbq_filter_open("lo", LBQ_FILTER_FORCE_NATIVE), -LBQ_E_UNSUPPORTED);
	CHECK_EQ(lbq_filter_open("", 0), -LBQ_E_ARGUMENT);
	CHECK_EQ(lbq_filter_open("a-name-of-sixteen", 0), -LBQ_E_ARGUMENT);
	strcpy(options.interface, "lb0");
	options.queue = 7;
	CHECK_EQ(lbq_queue_open(pool, &options), -LBQ_E_ARGUMENT);
	check_text("queue 7 of lb0");
	options.queue = 0;
	options.flags = LBQ_QUEUE_ZERO_COPY;
	CHECK_EQ(lbq_queue_open(pool, &options), -LBQ_E_UNSUPPORTED);
	options.flags = LBQ_QUEUE_MULTI;
	CHECK_EQ(lbq_queue_open(pool, &options), -LBQ_E_ARGUMENT);
	options.flags = 0;
	options.rx_frames = 100;
	CHECK_EQ(lbq_queue_open(pool, &options), -LBQ_E_ARGUMENT);
	check_text("rx_frames 100");
	options.rx_frames = 256;
	options.filter = pool;
	CHECK_EQ(lbq_queue_open(pool, &options), -LBQ_E_HANDLE);
	options.filter = filter;
	strcpy(options.interface, "lo");
	CHECK_EQ(lbq_queue_open(pool, &options), -LBQ_E_ARGUMENT);
	check_text("attached to lb0");
	queue = rig_xdp(pool, filter, "lb0", 0);
	strcpy(options.interface, "lb0");
	CHECK_EQ(lbq_queue_open(pool, &options), -LBQ_E_BUSY);
	check_text("queue 0 of lb0");
	CHECK_EQ(lbq_close(queue), 0);
	/* None of the failures kept a frame. */
	CHECK_EQ(stat_of(pool, LBQ_POOL_FREE), 1024);
	CHECK_EQ(lbq_close(filter), 0);
	CHECK_EQ(lbq_close(pool), 0);
}

/* Where native mode cannot be had, generic mode is, and the reason is told. */
static void fallback(void)
{
	int32_t filter;

	netns_run(netns.lb, "ip link set lb0 mtu 8000");
	netns_run(netns.peer, "ip link set peer0 mtu 8000");
	CHECK_EQ(lbq_filter_open("lb0", LBQ_FILTER_FORCE_NATIVE), -LBQ_E_UNSUPPORTED);
	filter = lbq_filter_open("lb0", 0);
	CHECK_EQ(rig_mode(filter), LBQ_MODE_GENERIC);
	check_text("MTU is too large");
	CHECK_EQ(lbq_close(filter), 0);
	netns_run(netns.lb, "ip link set lb0 mtu 1500");
	netns_run(netns.peer, "ip link set peer0 mtu 1500");
}

static void without_rights(void)
{
	pid_t child = fork();
	int status;

	CHECK_GE(child, 0);
	if (child == 0) {
		struct lbq_queue_options options = rig_options(LBQ_XDP, "lb0");
		int32_t pool = rig_pool(16, 2048);

		CHECK_EQ(setuid(65534), 0);
		CHECK_EQ(lbq_queue_open(pool, &options), -LBQ_E_PERMISSION);
		check_text("CAP_NET_ADMIN");
		options.kind = LBQ_PACKET;
		CHECK_EQ(lbq_queue_open(pool, &options), -LBQ_E_PERMISSION);
		options.kind = LBQ_TAP;
		CHECK_EQ(lbq_queue_open(pool, &options), -LBQ_E_PERMISSION);
		options.kind = LBQ_RAW;
		options.interface[0] = 0;
		CHECK_EQ(lbq_queue_open(pool, &options), -LBQ_E_PERMISSION);
		check_text("SOCK_RAW");
		CHECK_EQ(lbq_filter_open("lb0", 0), -LBQ_E_PERMISSION);
		_exit(0);
	}
	CHECK_EQ(waitpid(child, &status, 0), child);
	CHECK_EQ(status, 0);
}

int main(void)
{
	netns_open(&netns, 2);
	netns_run(netns.peer, "ethtool -L peer0 tx 1 >/dev/null");
	round_trip(0, LBQ_MODE_NATIVE, 2048);
	round_trip(LBQ_FILTER_FORCE_GENERIC, LBQ_MODE_GENERIC, 2048);
	round_trip(LBQ_FILTER_FORCE_NATIVE, LBQ_MODE_NATIVE, 4096);
	full_ring();
	exhaustion();
	send_only();
	waiting();
	errors();
	fallback();
	without_rights();
	netns_run(netns.peer, "ethtool -L peer0 tx 2 >/dev/null");
	two_queues();
	return 0;
}
