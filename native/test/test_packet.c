/* AF_PACKET queues on veth: both receive rings, VLAN tags, checksums that senders leave to hardware, fanout, losses. */
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "echo.h"

static struct netns netns;

static void round_trip(uint32_t flags)
{
	int32_t pool = rig_pool(512, 2048), queue = rig_queue(pool, LBQ_PACKET, "lb0", flags);
	uint32_t offset[64], length[64];

	/* What the interface said before this socket listened may still come. */
	while (lbq_wait(&queue, 1, 5000) > 0)
		lbq_free(pool, offset, (uint32_t)lbq_rx(queue, offset, length, 64));
	echo(queue, netns.wire, netns.lb_mac, netns.peer_mac, 2, 1514);
	/* What the queue sends it does not hear. */
	CHECK_EQ(lbq_wait(&queue, 1, 5000), 0);
	generate(queue, netns.wire, netns.peer_mac);
	refuse(queue, pool);
	CHECK_EQ(stat_of(queue, LBQ_TX_ERRORS), 0);
	CHECK_EQ(stat_of(queue, LBQ_RX_OVERSIZE), 0);
	CHECK_EQ(lbq_close(queue), 0);
	CHECK_EQ(stat_of(pool, LBQ_POOL_FREE), 512);
	CHECK_EQ(lbq_close(pool), 0);
}

static uint16_t sum_of(const uint8_t *data, uint32_t length, uint32_t sum)
{
	for (uint32_t i = 0; i + 1 < length; i += 2)
		sum += (uint32_t)data[i] << 8 | data[i + 1];
	if (length & 1)
		sum += (uint32_t)data[length - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* A local sender's UDP datagram, of odd length: its checksum must be whole (RFC 768: all words add up to 0xffff). */
static void checksum(uint32_t flags)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(7777), .sin_addr.s_addr = inet_addr("192.0.2.1") };
	int32_t pool = rig_pool(512, 2048), queue = rig_queue(pool, LBQ_PACKET, "lb0", flags);
	int sender;

	netns_enter(netns.peer);
	sender = socket(AF_INET, SOCK_DGRAM, 0);
	CHECK_EQ(sendto(sender, "odd bytes", 9, 0, (struct sockaddr *)&to, sizeof(to)), 9);
	close(sender);
	netns_enter(netns.lb);
	for (;;) {
		uint32_t offset, length, udp;
		const uint8_t *frame;

		receive(queue, &offset, &length, 1);
		frame = rig_base(queue) + offset;
		if (frame[12] == 8 && frame[13] == 0 && frame[23] == 17 && frame[36] == 7777 >> 8) {
			udp = length - 34;
			CHECK_EQ(sum_of(frame + 34, udp, sum_of(frame + 26, 8, 17 + udp)), 0xffff);
			break;
		}
		CHECK_EQ(lbq_free(pool, &offset, 1), 1);
	}
	CHECK_EQ(lbq_close(queue), 0);
	CHECK_EQ(lbq_close(pool), 0);
}

static void send_flow(uint32_t sequence, uint16_t port, uint32_t payload)
{
	struct frame_options options = { .destination_mac = netns.lb_mac, .source = "192.0.2.2", .destination = "198.51.100.9",
					 .protocol = 17, .source_port = port, .destination_port = 9, .payload = payload, .sequence = sequence };
	uint8_t frame[9000];
	uint32_t length = frame_build(frame, &options);

	wire_send(netns.wire, frame, length);
}

/* What does not fit a frame is dropped whole, what the ring cannot hold is counted, what the pool cannot hold waits. */
static void losses(uint32_t flags)
{
	struct lbq_queue_options options = rig_options(LBQ_PACKET, "lb0");
	uint32_t offset[4096], length[4096];
	int32_t pool = rig_pool(16, 2048), queue, n, waited = 0;

	options.flags = flags;
	options.rx_frames = 64;
	netns_run(netns.lb, "ip link set lb0 mtu 8000");
	netns_run(netns.peer, "ip link set peer0 mtu 8000");
	queue = lbq_queue_open(pool, &options);
	CHECK_GT(queue, 0);
	send_flow(0, 1, 3000);
	send_flow(1, 1, 30);
	receive(queue, offset, length, 1);
	CHECK_EQ(length[0], 42 + 30);
	CHECK_EQ(stat_of(queue, LBQ_RX_OVERSIZE), 1);
	for (uint32_t i = 0; i < 3000; i++)
		send_flow(i, 1, 30);
	receive(queue, offset + 1, length + 1, 15);
	CHECK_EQ(lbq_rx(queue, offset + 16, length, 64), 0);
	CHECK_GT(stat_of(queue, LBQ_RX_NO_FRAME), 0);
	CHECK_EQ(lbq_free(pool, offset, 16), 16);
	/* Nothing is lost but what the kernel says it dropped. */
	while (lbq_wait(&queue, 1, 20000) > 0) {
		n = lbq_rx(queue, offset, length, 4096);
		waited += n;
		CHECK_EQ(lbq_free(pool, offset, (uint32_t)n), n);
	}
	CHECK_GT(stat_of(queue, LBQ_RX_RING_FULL), 0);
	CHECK_EQ((uint64_t)(15 + waited) + stat_of(queue, LBQ_RX_RING_FULL), 3000);
	CHECK_EQ(lbq_close(queue), 0);
	CHECK_EQ(lbq_close(pool), 0);
	netns_run(netns.lb, "ip link set lb0 mtu 1500");
	netns_run(netns.peer, "ip link set peer0 mtu 1500");
}

/* Sends a frame of so many bytes; it leaves whole, or is refused. */
static void send_length(int32_t queue, int32_t pool, uint32_t bytes, int leaves)
{
	struct frame_options options = { .destination_mac = netns.peer_mac, .source = "192.0.2.1", .destination = "192.0.2.2",
					 .protocol = 17, .payload = bytes - 42, .sequence = bytes };
	uint64_t sent = stat_of(queue, LBQ_TX_PACKETS), refused = stat_of(queue, LBQ_TX_REFUSED);
	uint8_t back[2048], *frame;
	uint32_t offset, length;

	CHECK_EQ(lbq_alloc(pool, &offset, 1), 1);
	frame = rig_base(queue) + offset;
	length = frame_build(frame, &options);
	CHECK_EQ(length, bytes);
	CHECK_EQ(lbq_tx(queue, &offset, &length, 1), 1);
	CHECK_EQ(stat_of(queue, LBQ_TX_PACKETS) - sent, leaves ? 1 : 0);
	CHECK_EQ(stat_of(queue, LBQ_TX_REFUSED) - refused, leaves ? 0 : 1);
	if (leaves) {
		CHECK_EQ(wire_receive(netns.wire, back, sizeof(back)), bytes);
		CHECK_EQ(memcmp(back, frame, bytes), 0);
	}
}

/* The kernel would send what is longer than the MTU, so the queue does not let it; it learns of another MTU in time. */
static void longest(void)
{
	int32_t pool = rig_pool(512, 2048), queue = rig_queue(pool, LBQ_PACKET, "lb0", LBQ_QUEUE_LOW_LATENCY);

	netns_run(netns.peer, "ip link set peer0 mtu 1600");
	send_length(queue, pool, 1514, 1);
	send_length(queue, pool, 1519, 0);
	netns_run(netns.lb, "ip link set lb0 mtu 1600");
	send_length(queue, pool, 1519, 1);
	netns_run(netns.lb, "ip link set lb0 mtu 1400");
	/* At the latest when counters are read. */
	CHECK_EQ(stat_of(queue, LBQ_TX_ERRORS), 0);
	send_length(queue, pool, 1419, 0);
	send_length(queue, pool, 1414, 1);
	netns_run(netns.lb, "ip link set lb0 mtu 1500");
	netns_run(netns.peer, "ip link set peer0 mtu 1500");
	CHECK_EQ(stat_of(pool, LBQ_POOL_FREE), 512);
	CHECK_EQ(lbq_close(queue), 0);
	CHECK_EQ(lbq_close(pool), 0);
}

/* Two sockets of one group share the flows, each flow to one of them. */
static void fanout(void)
{
	enum { FLOWS = 32, PACKETS = 4 };
	struct lbq_queue_options options = rig_options(LBQ_PACKET, "lb0");
	uint32_t offset[FLOWS * PACKETS], length[FLOWS * PACKETS];
	int32_t pool[2] = { rig_pool(512, 2048), rig_pool(512, 2048) }, queue[2];
	int seen[2][FLOWS] = { { 0 } }, total = 0, used[2] = { 0, 0 };

	options.fanout_group = 77;
	for (int i = 0; i < 2; i++) {
		queue[i] = lbq_queue_open(pool[i], &options);
		CHECK_GT(queue[i], 0);
	}
	for (uint32_t i = 0; i < FLOWS * PACKETS; i++)
		send_flow(i, (uint16_t)(1000 + i % FLOWS), 30);
	while (total < FLOWS * PACKETS) {
		CHECK_GT(lbq_wait(queue, 2, 2000000), 0);
		for (int i = 0; i < 2; i++) {
			int32_t n = lbq_rx(queue[i], offset, length, FLOWS * PACKETS);

			for (int32_t j = 0; j < n; j++) {
				const uint8_t *frame = rig_base(queue[i]) + offset[j];

				if (frame_is_marked(frame, length[j])) {
					seen[i][((frame[34] << 8 | frame[35]) - 1000) % FLOWS]++;
					total++;
				}
			}
		}
	}
	for (int flow = 0; flow < FLOWS; flow++) {
		CHECK_EQ(seen[0][flow] + seen[1][flow], PACKETS);
		CHECK(seen[0][flow] == 0 || seen[1][flow] == 0);
		used[seen[1][flow] > 0]++;
	}
	CHECK_GT(used[0], 0);
	CHECK_GT(used[1], 0);
	for (int i = 0; i < 2; i++) {
		CHECK_EQ(lbq_close(queue[i]), 0);
		CHECK_EQ(lbq_close(pool[i]), 0);
	}
}

static void gro(void)
{
	int32_t pool = rig_pool(512, 2048), queue;

	netns_run(netns.lb, "ethtool -K lb0 gro on");
	queue = rig_queue(pool, LBQ_PACKET, "lb0", LBQ_QUEUE_GRO_OFF);
	netns_run(netns.lb, "ethtool -k lb0 | grep -q 'generic-receive-offload: off'");
	CHECK_EQ(lbq_close(queue), 0);
	netns_run(netns.lb, "ethtool -k lb0 | grep -q 'generic-receive-offload: on'");
	netns_run(netns.lb, "ethtool -K lb0 gro off");
	CHECK_EQ(lbq_close(pool), 0);
}

/* A link that goes down and comes back: no error, no spinning, and traffic again. */
static void down_and_up(void)
{
	uint32_t offset[64], length[64];
	int32_t pool = rig_pool(512, 2048), queue = rig_queue(pool, LBQ_PACKET, "lb0", LBQ_QUEUE_LOW_LATENCY);

	netns_run(netns.lb, "ip link set lb0 down");
	CHECK_EQ(lbq_wait(&queue, 1, 1000), 0);
	CHECK_EQ(lbq_rx(queue, offset, length, 64), 0);
	netns_run(netns.lb, "ip link set lb0 up");
	while (lbq_wait(&queue, 1, 20000) > 0)
		lbq_free(pool, offset, (uint32_t)lbq_rx(queue, offset, length, 64));
	send_flow(5, 1, 30);
	receive(queue, offset, length, 1);
	CHECK_EQ(lbq_close(queue), 0);
	CHECK_EQ(lbq_close(pool), 0);
}

int main(void)
{
	netns_open(&netns, 1);
	/* Only the test's own frames: neighbour discovery would mix in. */
	netns_run(netns.lb, "sysctl -qw net.ipv6.conf.lb0.disable_ipv6=1");
	netns_run(netns.peer, "sysctl -qw net.ipv6.conf.peer0.disable_ipv6=1");
	round_trip(0);
	round_trip(LBQ_QUEUE_LOW_LATENCY);
	round_trip(LBQ_QUEUE_QDISC_BYPASS);
	checksum(0);
	checksum(LBQ_QUEUE_LOW_LATENCY);
	losses(0);
	losses(LBQ_QUEUE_LOW_LATENCY);
	longest();
	fanout();
	gro();
	down_and_up();
	return 0;
}
