/* Raw queues: IP packets that the kernel routes. The other end of lb0 is the next hop. */
#include "echo.h"

static struct netns netns;

#define NEAR "198.51.100.7" /* by way of the peer */
#define NEAR6 "2001:db8:1::7"
#define NARROW "198.51.101.7" /* the same, with a route MTU of 1000 */
#define NARROW6 "2001:db8:2::7" /* 1280 */
#define NOWHERE "203.0.113.7" /* no route */
#define CLIENT "100.64.0.9" /* a source that is not the host's */
#define CLIENT6 "2001:db8:9::9"
#define ETHERNET 14

static int32_t open_raw(int32_t pool)
{
	struct lbq_queue_options options = { .kind = LBQ_RAW };
	int32_t queue = lbq_queue_open(pool, &options);

	CHECK_GT(queue, 0);
	return queue;
}

/* Puts a frame into a new frame of the pool. */
static uint32_t put(int32_t pool, const struct frame_options *options, uint32_t *length)
{
	uint32_t offset;

	CHECK_EQ(lbq_alloc(pool, &offset, 1), 1);
	*length = frame_build(rig_base(pool) + offset, options);
	return offset;
}

static void send_one(int32_t queue, uint32_t offset, uint32_t length)
{
	CHECK_EQ(lbq_tx(queue, &offset, &length, 1), 1);
}

/* With 0, 1 and 2 VLAN tags in front and padding behind: only the packet leaves, unchanged, with an Ethernet header of the kernel's. */
static void routed(int32_t pool, int32_t queue, const char *source, const char *destination)
{
	uint8_t back[2048], sent[2048];

	for (int tags = 0; tags < 3; tags++) {
		struct frame_options options = { .source = source, .destination = destination, .protocol = 17, .payload = 8 + (uint32_t)tags,
						 .vlan = { tags > 0 ? 7 : 0, tags > 1 ? 8 : 0 } };
		uint32_t length, offset = put(pool, &options, &length), ip = ETHERNET + 4 * (uint32_t)tags;
		uint8_t *frame = rig_base(pool) + offset;

		/* RFC 791: an identification; without one the kernel would choose. */
		if (!strchr(destination, ':')) {
			frame[ip + 5] = 1;
			frame[ip + 11]--;
		}
		memcpy(sent, frame, length);
		memset(frame + length, 0xee, 20);
		send_one(queue, offset, length + 20);
		CHECK_EQ(wire_receive(netns.wire, back, sizeof(back)), length - 4 * (uint32_t)tags);
		CHECK_EQ(memcmp(back, netns.peer_mac, 6), 0);
		CHECK_EQ(memcmp(back + 6, netns.lb_mac, 6), 0);
		CHECK_EQ(memcmp(back + 12, sent + ip - 2, length - ip + 2), 0);
	}
	CHECK_EQ(stat_of(pool, LBQ_POOL_WORKER), 0);
}

/* What a raw socket does to an IPv4 header: the checksum, and an identification of 0 unless DF is set (raw(7)). */
static void header(int32_t pool, int32_t queue)
{
	struct frame_options options = { .source = CLIENT, .destination = NEAR, .protocol = 17, .payload = 30 };
	uint8_t back[2048];
	uint32_t before = 0;

	for (int i = 0; i < 3; i++) {
		uint32_t length, offset = put(pool, &options, &length), sum = 0, id;
		uint8_t *ip = rig_base(pool) + offset + ETHERNET;

		memset(ip + 10, 0x55, 2);
		ip[6] = i == 2 ? 0x40 : 0;
		send_one(queue, offset, length);
		CHECK_EQ(wire_receive(netns.wire, back, sizeof(back)), length);
		for (int at = 0; at < 20; at += 2)
			sum += (uint32_t)back[ETHERNET + at] << 8 | back[ETHERNET + at + 1];
		CHECK_EQ((sum & 0xffff) + (sum >> 16), 0xffff);
		id = (uint32_t)back[ETHERNET + 4] << 8 | back[ETHERNET + 5];
		CHECK_EQ(id == before, 0);
		CHECK_EQ(id == 0, i == 2);
		before = id;
	}
}

/* What cannot be sent is counted, and those before and behind it leave. */
static void failures(int32_t pool, int32_t queue)
{
	static const struct frame_options options[] = {
		{ .source = CLIENT, .destination = NEAR, .protocol = 17, .payload = 8 },
		{ .source = CLIENT, .destination = NOWHERE, .protocol = 17, .payload = 8 },
		{ .source = CLIENT, .destination = NEAR, .protocol = 17, .payload = 1500 }, /* past the interface's MTU */
		{ .source = CLIENT, .destination = NEAR, .protocol = 17, .payload = 1472 }, /* as long as it */
		{ .source = CLIENT6, .destination = NEAR6, .protocol = 17, .payload = 1500 },
		{ .source = CLIENT6, .destination = "2001:db8:f::1", .protocol = 17, .payload = 8 },
		{ .source = CLIENT6, .destination = NEAR6, .protocol = 17, .payload = 8 },
	};
	enum { N = sizeof(options) / sizeof(options[0]) };
	uint64_t sent = stat_of(queue, LBQ_TX_PACKETS), failed = stat_of(queue, LBQ_TX_ERRORS);
	uint32_t offset[N], length[N], on_wire[] = { 0, 3, 6 };
	uint8_t back[2048];

	for (uint32_t i = 0; i < N; i++)
		offset[i] = put(pool, &options[i], &length[i]);
	CHECK_EQ(lbq_tx(queue, offset, length, N), N);
	CHECK_EQ(stat_of(queue, LBQ_TX_PACKETS) - sent, 3);
	CHECK_EQ(stat_of(queue, LBQ_TX_ERRORS) - failed, 4);
	for (int i = 0; i < 3; i++)
		CHECK_EQ(wire_receive(netns.wire, back, sizeof(back)), length[on_wire[i]]);
	CHECK_EQ(stat_of(pool, LBQ_POOL_WORKER), 0);
}

/* Past the route's MTU but not the interface's: cut into fragments if that is allowed, else an error and an ICMP message to the
 * source that names the MTU. */
static void route_mtu(int32_t pool, int32_t queue)
{
	struct frame_options ipv4 = { .source = "192.0.2.2", .destination = NARROW, .protocol = 17, .payload = 1400 };
	struct frame_options ipv6 = { .source = "2001:db8::2", .destination = NARROW6, .protocol = 17, .payload = 1400 };
	uint64_t failed = stat_of(queue, LBQ_TX_ERRORS);
	uint8_t back[2048];
	uint32_t length, offset = put(pool, &ipv4, &length);

	send_one(queue, offset, length);
	CHECK_EQ(wire_receive(netns.wire, back, sizeof(back)), ETHERNET + 20 + 976);
	CHECK_EQ(back[ETHERNET + 6], 0x20);
	offset = put(pool, &ipv4, &length);
	rig_base(pool)[offset + ETHERNET + 6] |= 0x40;
	send_one(queue, offset, length);
	CHECK_EQ(stat_of(queue, LBQ_TX_ERRORS) - failed, 1);
	/* RFC 1191: fragmentation needed. */
	CHECK_GT(wire_receive(netns.wire, back, sizeof(back)), 0);
	CHECK_EQ(memcmp(back + ETHERNET + 20, "\x03\x04", 2), 0);
	CHECK_EQ(back[ETHERNET + 26] << 8 | back[ETHERNET + 27], 1000);
	offset = put(pool, &ipv6, &length);
	send_one(queue, offset, length);
	CHECK_EQ(stat_of(queue, LBQ_TX_ERRORS) - failed, 2);
	/* RFC 4443: packet too big. */
	CHECK_GT(wire_receive(netns.wire, back, sizeof(back)), 0);
	CHECK_EQ(memcmp(back + ETHERNET + 40, "\x02\x00", 2), 0);
	CHECK_EQ(back[ETHERNET + 46] << 8 | back[ETHERNET + 47], 1280);
	CHECK_EQ(stat_of(pool, LBQ_POOL_WORKER), 0);
}

/* A later fragment leaves as it is, also where connection tracking would wait for the others. */
static void fragment(int32_t pool, int32_t queue)
{
	struct frame_options options = { .source = CLIENT, .destination = NEAR, .protocol = 17, .payload = 64, .fragment_offset = 100 };
	uint8_t back[2048];
	uint32_t length, offset = put(pool, &options, &length);

	rig_base(pool)[offset + ETHERNET + 4] = 9;
	send_one(queue, offset, length);
	CHECK_EQ(wire_receive(netns.wire, back, sizeof(back)), length);
	CHECK_EQ(back[ETHERNET + 4], 9);
}

/* Not IP, lengths that are not true, frames that are not the worker's: taken, counted, not sent. */
static void refused(int32_t pool, int32_t queue)
{
	struct frame_options ipv4 = { .source = CLIENT, .destination = NEAR, .protocol = 17, .payload = 20 };
	struct frame_options ipv6 = { .source = CLIENT6, .destination = NEAR6, .protocol = 17, .payload = 20 };
	uint64_t before = stat_of(queue, LBQ_TX_REFUSED), calls = stat_of(queue, LBQ_SYSTEM_CALLS);
	uint32_t offset, length, twice[2], lengths[2];
	uint8_t back[2048];

	refuse(queue, pool);
	offset = put(pool, &ipv4, &length);
	memcpy(rig_base(pool) + offset + 12, "\x08\x06", 2);
	send_one(queue, offset, length);
	for (uint32_t cut = 0; cut < 2; cut++) {
		static const uint8_t tags[] = { 0x81, 0, 0, 1, 0x81, 0, 0, 2, 0x81, 0, 0, 3, 8, 0 };

		/* Three tags; then the same cut off within them. */
		offset = put(pool, &ipv4, &length);
		memcpy(rig_base(pool) + offset + 12, tags, sizeof(tags));
		send_one(queue, offset, cut ? 17 : length);
		offset = put(pool, cut ? &ipv4 : &ipv6, &length);
		send_one(queue, offset, length - 1);
		offset = put(pool, cut ? &ipv4 : &ipv6, &length);
		send_one(queue, offset, cut ? ETHERNET + 19 : ETHERNET + 39);
	}
	offset = put(pool, &ipv4, &length);
	send_one(queue, offset, 13);
	offset = put(pool, &ipv4, &length);
	memset(rig_base(pool) + offset + ETHERNET + 2, 0, 2);
	send_one(queue, offset, length);
	CHECK_EQ(stat_of(queue, LBQ_TX_REFUSED) - before, 4 + 1 + 6 + 2);
	CHECK_EQ(stat_of(queue, LBQ_SYSTEM_CALLS), calls);

	/* One frame twice in a burst leaves once. */
	twice[0] = twice[1] = put(pool, &ipv4, &length);
	lengths[0] = lengths[1] = length;
	CHECK_EQ(lbq_tx(queue, twice, lengths, 2), 2);
	CHECK_EQ(wire_receive(netns.wire, back, sizeof(back)), length);
	CHECK_EQ(stat_of(queue, LBQ_TX_REFUSED) - before, 4 + 1 + 6 + 2 + 1);
	CHECK_EQ(stat_of(pool, LBQ_POOL_WORKER), 0);
}

/* 200 of one family are four calls. */
static void bursts(int32_t pool, int32_t queue)
{
	enum { N = 200 };
	uint64_t calls = stat_of(queue, LBQ_SYSTEM_CALLS);
	uint32_t offset[N], length[N];
	uint8_t back[2048];

	for (int turn = 0; turn < 2; turn++) {
		for (uint32_t i = 0; i < N; i++) {
			struct frame_options options = { .source = turn && i % 2 ? CLIENT6 : CLIENT, .destination = turn && i % 2 ? NEAR6 : NEAR,
							 .protocol = 17, .payload = 20, .sequence = i };

			offset[i] = put(pool, &options, &length[i]);
		}
		CHECK_EQ(lbq_tx(queue, offset, length, N), N);
		for (uint32_t i = 0; i < N; i++) {
			uint32_t size = wire_receive(netns.wire, back, sizeof(back));

			CHECK_EQ(size, length[i]);
			/* The sequence number, at the start of the payload. */
			CHECK_EQ(back[size - 17], i);
		}
		CHECK_EQ(stat_of(queue, LBQ_SYSTEM_CALLS) - calls, turn ? 4 + N : 4);
	}
	CHECK_EQ(stat_of(pool, LBQ_POOL_WORKER), 0);
}

/* A device that is behind: what the socket does not take stays the worker's, from the front and in order. */
static void full(int32_t pool, int32_t queue)
{
	enum { N = 256 };
	uint32_t offset[N], length[N], i;
	uint64_t before = stat_of(queue, LBQ_TX_PACKETS);
	int32_t taken;

	netns_run(netns.lb, "tc qdisc add dev lb0 root tbf rate 1kbit burst 2000 limit 100mb");
	do {
		for (i = 0; i < N; i++) {
			struct frame_options options = { .source = CLIENT, .destination = NEAR, .protocol = 17, .payload = 1400 };

			offset[i] = put(pool, &options, &length[i]);
		}
		taken = lbq_tx(queue, offset, length, N);
		CHECK_GE(taken, 0);
	} while (taken == N);
	CHECK_EQ((stat_of(queue, LBQ_TX_PACKETS) - before) % N, (uint32_t)taken);
	CHECK_EQ(stat_of(queue, LBQ_TX_FULL), N - taken);
	CHECK_EQ(stat_of(pool, LBQ_POOL_WORKER), N - taken);
	CHECK_EQ(lbq_tx(queue, offset + taken, length + taken, (uint32_t)(N - taken)), 0);
	CHECK_EQ(lbq_free(pool, offset + taken, (uint32_t)(N - taken)), N - taken);
	netns_run(netns.lb, "tc qdisc del dev lb0 root");
}

static void options_and_waiting(int32_t pool, int32_t queue)
{
	struct lbq_queue_options options = rig_options(LBQ_RAW, "lb0");
	struct lbq_info info;
	uint32_t offset, length;

	CHECK_EQ(lbq_queue_open(pool, &options), -LBQ_E_ARGUMENT);
	check_text("lb0");
	options.interface[0] = 0;
	options.flags = LBQ_QUEUE_COPY;
	CHECK_EQ(lbq_queue_open(pool, &options), -LBQ_E_ARGUMENT);
	CHECK_EQ(lbq_info(queue, &info), 0);
	CHECK_EQ(info.kind, LBQ_RAW);
	CHECK_EQ(info.fd, -1);
	CHECK_EQ(info.interface[0], 0);
	CHECK_EQ(lbq_rx(queue, &offset, &length, 1), 0);
	CHECK_EQ(lbq_wait(&queue, 1, 1000), 0);
}

int main(void)
{
	int32_t pool, queue;

	netns_open(&netns, 1);
	netns_run(netns.lb, "ip route add 198.51.100.0/24 via 192.0.2.2 && ip route add 198.51.101.0/24 via 192.0.2.2 mtu 1000");
	netns_run(netns.lb, "ip route add 2001:db8:1::/48 via 2001:db8::2 && ip route add 2001:db8:2::/48 via 2001:db8::2 mtu 1280");
	/* Asking for it would take until lb0's link-local address is no longer tentative. */
	netns_run(netns.lb, "ip neigh add 2001:db8::2 dev lb0 lladdr %02x:%02x:%02x:%02x:%02x:%02x", netns.peer_mac[0], netns.peer_mac[1],
		  netns.peer_mac[2], netns.peer_mac[3], netns.peer_mac[4], netns.peer_mac[5]);
	/* Connection tracking on, as on a host with a firewall. */
	netns_run(netns.lb, "nft 'add table t; add chain t c { type filter hook output priority 0; }; add rule t c ct state new counter'");
	pool = rig_pool(512, 2048);
	queue = open_raw(pool);
	routed(pool, queue, CLIENT, NEAR);
	routed(pool, queue, CLIENT6, NEAR6);
	header(pool, queue);
	failures(pool, queue);
	route_mtu(pool, queue);
	fragment(pool, queue);
	refused(pool, queue);
	bursts(pool, queue);
	options_and_waiting(pool, queue);
	full(pool, queue);
	CHECK_EQ(lbq_close(queue), 0);
	CHECK_EQ(stat_of(pool, LBQ_POOL_FREE), 512);
	CHECK_EQ(lbq_close(pool), 0);
	return 0;
}
