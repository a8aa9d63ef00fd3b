/* The filter program: what goes to the worker and what stays with the kernel, packet by packet; and changes without a gap. */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "echo.h"

#define FROM "192.0.2.2"
#define FROM6 "2001:db8::2"
#define TCP 6
#define UDP 17
#define GRE 47
#define ICMP 1
#define ICMP6 58

static struct netns netns;

struct expectation {
	uint32_t reason;
	struct frame_options frame;
};

/* What an ICMP error may report on: a reply of a node port, and a packet sent on to a NAT server. */
enum { NODE_REPLY = 1, NODE_OTHER, NAT_SENT, NAT6_SENT };

static const struct frame_options inside[] = {
	[NODE_REPLY] = { .source = "192.0.2.1", .destination = FROM, .protocol = TCP, .source_port = 30080, .destination_port = 999, .payload = 8 },
	[NODE_OTHER] = { .source = "192.0.2.1", .destination = FROM, .protocol = TCP, .source_port = 22, .destination_port = 999, .payload = 8 },
	[NAT_SENT] = { .source = FROM, .destination = "10.0.0.5", .protocol = TCP, .source_port = 999, .destination_port = 3307, .payload = 8 },
	[NAT6_SENT] = { .source = FROM6, .destination = "fd00::5", .protocol = TCP, .source_port = 999, .destination_port = 6307, .payload = 8 },
};

/* `inside_length` names one of the above until the frame is built. */
static const struct expectation expectations[] = {
	/* Prefixes: anything to them, whatever the protocol; IPv4 options, IPv6 extension headers and VLAN tags are skipped. */
	{ LBQ_FILTER_VIP, { .source = FROM, .destination = "198.51.100.1", .protocol = TCP, .destination_port = 80 } },
	{ LBQ_FILTER_VIP, { .source = FROM, .destination = "198.51.100.255", .protocol = GRE } },
	{ LBQ_FILTER_VIP, { .source = FROM, .destination = "198.51.100.1", .protocol = ICMP, .icmp_type = 8 } },
	{ LBQ_FILTER_VIP, { .source = FROM, .destination = "198.51.100.1", .protocol = UDP, .fragment_offset = 100 } },
	{ LBQ_FILTER_VIP, { .source = FROM, .destination = "198.51.100.1", .protocol = TCP, .options = 1, .vlan = { 100 } } },
	{ LBQ_FILTER_VIP, { .source = FROM, .destination = "198.51.100.1", .protocol = TCP, .vlan = { 100, 200 } } },
	{ LBQ_FILTER_VIP, { .source = FROM6, .destination = "2001:db8:1::9", .protocol = TCP, .destination_port = 80 } },
	{ LBQ_FILTER_VIP, { .source = FROM6, .destination = "2001:db8:1::9", .protocol = UDP, .options = 1, .fragment_offset = 5, .vlan = { 7, 8 } } },
	{ LBQ_FILTER_VIP, { .source = FROM6, .destination = "2001:db8:1::9", .protocol = ICMP6, .icmp_type = 128 } },
	/* Outside a prefix by one bit. */
	{ LBQ_FILTER_OTHER, { .source = FROM, .destination = "198.51.101.0", .protocol = TCP, .destination_port = 80 } },
	{ LBQ_FILTER_OTHER, { .source = FROM6, .destination = "2001:db8:0:ffff::9", .protocol = TCP, .destination_port = 80 } },
	/* The longest prefix wins: an address of the host's inside a VIP prefix. */
	{ LBQ_FILTER_EXEMPT, { .source = FROM, .destination = "198.51.100.77", .protocol = TCP, .destination_port = 80 } },
	{ LBQ_FILTER_EXEMPT, { .source = "10.0.0.5", .destination = "192.0.2.1", .protocol = TCP, .source_port = 3307, .destination_port = 999 } },
	/* Neighbour discovery, even to an address inside a prefix. */
	{ LBQ_FILTER_NEIGHBOUR, { .source = FROM6, .destination = "2001:db8:1::9", .protocol = ICMP6, .icmp_type = 135 } },
	{ LBQ_FILTER_NEIGHBOUR, { .source = FROM6, .destination = "2001:db8:1::9", .protocol = ICMP6, .icmp_type = 136 } },
	/* Ports only: the ports, ICMP and later fragments; not other ports, other protocols, the other protocol's port. */
	{ LBQ_FILTER_VIP_PORT, { .source = FROM, .destination = "203.0.113.5", .protocol = TCP, .destination_port = 80 } },
	{ LBQ_FILTER_VIP_PORT, { .source = FROM, .destination = "203.0.113.5", .protocol = UDP, .destination_port = 53, .more_fragments = 1 } },
	{ LBQ_FILTER_VIP_PORT, { .source = FROM, .destination = "203.0.113.5", .protocol = TCP, .destination_port = 80, .options = 1 } },
	{ LBQ_FILTER_VIP, { .source = FROM, .destination = "203.0.113.5", .protocol = UDP, .fragment_offset = 185 } },
	{ LBQ_FILTER_VIP, { .source = FROM, .destination = "203.0.113.5", .protocol = ICMP, .icmp_type = 3 } },
	{ LBQ_FILTER_OTHER, { .source = FROM, .destination = "203.0.113.5", .protocol = UDP, .destination_port = 80 } },
	{ LBQ_FILTER_OTHER, { .source = FROM, .destination = "203.0.113.5", .protocol = TCP, .destination_port = 22 } },
	{ LBQ_FILTER_OTHER, { .source = FROM, .destination = "203.0.113.5", .protocol = GRE } },
	{ LBQ_FILTER_VIP_PORT, { .source = FROM6, .destination = "2001:db8:2::1", .protocol = TCP, .destination_port = 443, .options = 1 } },
	{ LBQ_FILTER_VIP, { .source = FROM6, .destination = "2001:db8:2::1", .protocol = TCP, .fragment_offset = 9 } },
	{ LBQ_FILTER_OTHER, { .source = FROM6, .destination = "2001:db8:2::1", .protocol = TCP, .destination_port = 80 } },
	/* Node ports, and ICMP errors about their replies; the host's own ports, SSH among them, are the kernel's. */
	{ LBQ_FILTER_NODE, { .source = FROM, .destination = "192.0.2.1", .protocol = TCP, .destination_port = 30080 } },
	{ LBQ_FILTER_NODE, { .source = FROM6, .destination = "2001:db8::1", .protocol = UDP, .destination_port = 30053 } },
	{ LBQ_FILTER_NODE, { .source = "192.0.2.99", .destination = "192.0.2.1", .protocol = ICMP, .icmp_type = 3, .inside_length = NODE_REPLY } },
	{ LBQ_FILTER_EXEMPT, { .source = "192.0.2.99", .destination = "192.0.2.1", .protocol = ICMP, .icmp_type = 3, .inside_length = NODE_OTHER } },
	{ LBQ_FILTER_EXEMPT, { .source = FROM, .destination = "192.0.2.1", .protocol = UDP, .destination_port = 30080 } },
	{ LBQ_FILTER_EXEMPT, { .source = FROM, .destination = "192.0.2.1", .protocol = TCP, .destination_port = 22 } },
	{ LBQ_FILTER_EXEMPT, { .source = FROM, .destination = "192.0.2.1", .protocol = TCP, .destination_port = 179 } },
	{ LBQ_FILTER_OTHER, { .source = FROM6, .destination = "2001:db8::1", .protocol = TCP, .destination_port = 22 } },
	/* The NAT return path: a server's answers, its later fragments, errors from it and about packets to it. */
	{ LBQ_FILTER_NAT, { .source = "10.0.0.5", .destination = "192.0.2.200", .protocol = TCP, .source_port = 3307, .destination_port = 999 } },
	{ LBQ_FILTER_NAT, { .source = "10.0.0.5", .destination = "192.0.2.200", .protocol = TCP, .fragment_offset = 4 } },
	{ LBQ_FILTER_NAT, { .source = "10.0.0.5", .destination = "192.0.2.200", .protocol = ICMP, .icmp_type = 3, .inside_length = NAT_SENT } },
	{ LBQ_FILTER_NAT, { .source = "10.9.9.9", .destination = "192.0.2.200", .protocol = ICMP, .icmp_type = 11, .inside_length = NAT_SENT } },
	{ LBQ_FILTER_OTHER, { .source = "10.9.9.9", .destination = "192.0.2.200", .protocol = ICMP, .icmp_type = 11, .inside_length = NODE_OTHER } },
	{ LBQ_FILTER_OTHER, { .source = "10.0.0.5", .destination = "192.0.2.200", .protocol = ICMP, .icmp_type = 0 } },
	{ LBQ_FILTER_OTHER, { .source = "10.0.0.5", .destination = "192.0.2.200", .protocol = TCP, .source_port = 3306, .destination_port = 999 } },
	{ LBQ_FILTER_OTHER, { .source = "10.0.0.6", .destination = "192.0.2.200", .protocol = TCP, .fragment_offset = 4 } },
	{ LBQ_FILTER_NAT, { .source = "fd00::5", .destination = "2001:db8:9::1", .protocol = TCP, .source_port = 6307, .destination_port = 999 } },
	{ LBQ_FILTER_NAT, { .source = "fd00::5", .destination = "2001:db8:9::1", .protocol = TCP, .fragment_offset = 4 } },
	{ LBQ_FILTER_NAT, { .source = "fd00::99", .destination = "2001:db8:9::1", .protocol = ICMP6, .icmp_type = 2, .inside_length = NAT6_SENT } },
	{ LBQ_FILTER_OTHER, { .source = "fd00::5", .destination = "2001:db8:9::1", .protocol = ICMP6, .icmp_type = 129 } },
};

static struct lbq_filter_entry entry(const char *address, uint8_t bits, uint8_t protocol, uint16_t port, uint8_t flags, uint32_t group)
{
	struct lbq_filter_entry made = { .prefix_length = bits, .protocol = protocol, .port = htons(port), .flags = flags, .group = group };

	if (address) {
		made.family = strchr(address, ':') ? 6 : 4;
		CHECK_EQ(inet_pton(made.family == 6 ? AF_INET6 : AF_INET, address, made.address), 1);
	}
	return made;
}

static void add(int32_t filter, uint32_t kind, struct lbq_filter_entry made)
{
	CHECK_EQ(lbq_filter_set(filter, kind, LBQ_FILTER_ADD, &made, 1), 1);
}

static void configure(int32_t filter)
{
	/* Host bits of a prefix do not matter. */
	add(filter, LBQ_FILTER_PREFIX, entry("198.51.100.200", 24, 0, 0, 0, 0));
	add(filter, LBQ_FILTER_PREFIX, entry("198.51.100.77", 32, 0, 0, LBQ_PREFIX_KERNEL, 0));
	add(filter, LBQ_FILTER_PREFIX, entry("192.0.2.1", 32, 0, 0, LBQ_PREFIX_KERNEL, 0));
	add(filter, LBQ_FILTER_PREFIX, entry("203.0.113.0", 24, 0, 0, LBQ_PREFIX_PORTS_ONLY, 1));
	add(filter, LBQ_FILTER_PREFIX, entry("2001:db8:1::", 48, 0, 0, 0, 0));
	add(filter, LBQ_FILTER_PREFIX, entry("2001:db8:2::", 48, 0, 0, LBQ_PREFIX_PORTS_ONLY, 2));
	add(filter, LBQ_FILTER_PREFIX_PORT, entry(NULL, 0, TCP, 80, 0, 1));
	add(filter, LBQ_FILTER_PREFIX_PORT, entry(NULL, 0, UDP, 53, 0, 1));
	add(filter, LBQ_FILTER_PREFIX_PORT, entry(NULL, 0, TCP, 443, 0, 2));
	add(filter, LBQ_FILTER_NODE_PORT, entry("192.0.2.1", 0, TCP, 30080, 0, 0));
	add(filter, LBQ_FILTER_NODE_PORT, entry("2001:db8::1", 0, UDP, 30053, 0, 0));
	add(filter, LBQ_FILTER_NAT_SOURCE, entry("10.0.0.5", 0, TCP, 3307, 0, 0));
	add(filter, LBQ_FILTER_NAT_SOURCE, entry("fd00::5", 0, TCP, 6307, 0, 0));
	add(filter, LBQ_FILTER_NAT_ADDRESS, entry("10.0.0.5", 0, 0, 0, 0, 0));
	add(filter, LBQ_FILTER_NAT_ADDRESS, entry("fd00::5", 0, 0, 0, 0, 0));
}

static uint32_t build(uint8_t *frame, const struct frame_options *options, uint32_t sequence)
{
	struct frame_options full = *options;
	uint8_t within[256];

	full.destination_mac = netns.lb_mac;
	full.source_mac = netns.peer_mac;
	full.payload = 32;
	full.sequence = sequence;
	if (full.inside_length) {
		full.inside_length = frame_build(within, &inside[options->inside_length]) - 14;
		full.inside = within + 14;
	}
	return frame_build(frame, &full);
}

static void each_packet(uint32_t flags)
{
	int32_t pool = rig_pool(1024, 2048), filter = lbq_filter_open("lb0", flags), queue;
	int host = wire_open("lb0");

	CHECK_GT(filter, 0);
	configure(filter);
	queue = rig_xdp(pool, filter, "lb0", 0);
	for (uint32_t i = 0; i < sizeof(expectations) / sizeof(expectations[0]); i++) {
		const struct expectation *expected = &expectations[i];
		uint64_t before = stat_of(filter, expected->reason);
		uint8_t frame[1024], back[2048];
		uint32_t offset, length, size = build(frame, &expected->frame, i);

		wire_send(netns.wire, frame, size);
		if (expected->reason >= LBQ_FILTER_VIP) {
			int32_t ready = lbq_wait(&queue, 1, 2000000);

			if (ready != 1)
				fprintf(stderr, "expectation %u: not for the worker\n", i);
			receive(queue, &offset, &length, 1);
			CHECK_EQ(length, size);
			CHECK_EQ(memcmp(rig_base(pool) + offset, frame, size), 0);
			CHECK_EQ(lbq_free(queue, &offset, 1), 1);
		} else {
			/* The next thing that the host hears, so nothing that went to the worker also came here. */
			length = wire_receive(host, back, sizeof(back));
			if (length != size || memcmp(back, frame, size) != 0)
				fprintf(stderr, "expectation %u: not for the kernel\n", i);
			CHECK_EQ(length, size);
			CHECK_EQ(memcmp(back, frame, size), 0);
		}
		if (stat_of(filter, expected->reason) < before + 1)
			fprintf(stderr, "expectation %u: for another reason\n", i);
		CHECK_GE(stat_of(filter, expected->reason), before + 1);
	}
	CHECK_EQ(lbq_wait(&queue, 1, 0), 0);
	close(host);
	CHECK_EQ(lbq_close(queue), 0);
	CHECK_EQ(lbq_close(filter), 0);
	CHECK_EQ(lbq_close(pool), 0);
}

/* With everything configured, real programs still reach the host: ARP, neighbour discovery, ping, TCP to port 22. */
static void host_reachable(uint32_t flags)
{
	int32_t pool = rig_pool(1024, 2048), filter = lbq_filter_open("lb0", flags), queue;
	struct sockaddr_in ssh = { .sin_family = AF_INET, .sin_port = htons(22), .sin_addr.s_addr = inet_addr("192.0.2.1") };
	int listener = socket(AF_INET, SOCK_STREAM, 0), client, yes = 1;

	configure(filter);
	queue = rig_xdp(pool, filter, "lb0", 0);
	CHECK_EQ(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)), 0);
	CHECK_EQ(bind(listener, (struct sockaddr *)&ssh, sizeof(ssh)), 0);
	CHECK_EQ(listen(listener, 1), 0);
	netns_run(netns.peer, "ip neigh flush dev peer0 && ping -c1 -W2 192.0.2.1 >/dev/null && ping -c1 -W2 2001:db8::1 >/dev/null");
	netns_enter(netns.peer);
	client = socket(AF_INET, SOCK_STREAM, 0);
	CHECK_EQ(connect(client, (struct sockaddr *)&ssh, sizeof(ssh)), 0);
	netns_enter(netns.lb);
	close(client);
	close(listener);
	CHECK_EQ(stat_of(queue, LBQ_RX_PACKETS), 0);
	CHECK_EQ(lbq_wait(&queue, 1, 0), 0);
	CHECK_EQ(lbq_close(queue), 0);
	CHECK_EQ(lbq_close(filter), 0);
	CHECK_EQ(lbq_close(pool), 0);
}

static void set_operations(void)
{
	static struct lbq_filter_entry many[65537];
	struct lbq_filter_entry three[] = { entry("10.1.0.0", 16, 0, 0, 0, 0), entry("2001:db8:3::", 48, 0, 0, 0, 0), entry("10.2.0.0", 16, 0, 0, 0, 0) };
	struct lbq_filter_entry wrong = entry("10.0.0.0", 33, 0, 0, 0, 0);
	int32_t filter = lbq_filter_open("lb0", 0);

	CHECK_EQ(lbq_filter_set(filter, LBQ_FILTER_PREFIX, LBQ_FILTER_ADD, three, 2), 2);
	CHECK_EQ(lbq_filter_set(filter, LBQ_FILTER_PREFIX, LBQ_FILTER_ADD, three, 3), 1);
	CHECK_EQ(lbq_filter_set(filter, LBQ_FILTER_PREFIX, LBQ_FILTER_REPLACE, three + 1, 2), 1);
	CHECK_EQ(lbq_filter_set(filter, LBQ_FILTER_PREFIX, LBQ_FILTER_REPLACE, three + 1, 2), 0);
	CHECK_EQ(lbq_filter_set(filter, LBQ_FILTER_PREFIX, LBQ_FILTER_REMOVE, three, 2), 1);
	CHECK_EQ(lbq_filter_set(filter, LBQ_FILTER_PREFIX, LBQ_FILTER_REPLACE, NULL, 0), 1);
	CHECK_EQ(lbq_filter_set(filter, LBQ_FILTER_PREFIX, LBQ_FILTER_ADD, &wrong, 1), -LBQ_E_ARGUMENT);
	check_text("prefix_length 33");
	CHECK_EQ(lbq_filter_set(filter, 6, LBQ_FILTER_ADD, three, 1), -LBQ_E_ARGUMENT);
	CHECK_EQ(lbq_filter_set(filter, LBQ_FILTER_PREFIX, 4, three, 1), -LBQ_E_ARGUMENT);
	CHECK_EQ(lbq_filter_set(filter, LBQ_FILTER_PREFIX, LBQ_FILTER_ADD, NULL, 1), -LBQ_E_ARGUMENT);

	/* One more than fits: all the new ones are taken back, the old ones stay. */
	add(filter, LBQ_FILTER_NODE_PORT, entry("192.0.2.1", 0, TCP, 80, 0, 0));
	for (uint32_t i = 0; i < 65537; i++) {
		many[i] = entry("10.0.0.0", 0, UDP, (uint16_t)i, 0, 0);
		many[i].address[1] = (uint8_t)(i >> 16);
	}
	CHECK_EQ(lbq_filter_set(filter, LBQ_FILTER_NODE_PORT, LBQ_FILTER_REPLACE, many, 65537), -LBQ_E_LIMIT);
	check_text("node_port");
	CHECK_EQ(lbq_filter_set(filter, LBQ_FILTER_NODE_PORT, LBQ_FILTER_REPLACE, NULL, 0), 1);
	CHECK_EQ(lbq_close(filter), 0);
	CHECK_EQ(lbq_filter_set(filter, LBQ_FILTER_NODE_PORT, LBQ_FILTER_REPLACE, NULL, 0), -LBQ_E_HANDLE);
}

static atomic_int replacing;

static void *replace(void *of)
{
	int32_t filter = *(int32_t *)of;
	struct lbq_filter_entry sets[3] = { entry("10.1.0.0", 16, 0, 0, 0, 0), entry("198.51.100.0", 24, 0, 0, 0, 0), entry("10.2.0.0", 16, 0, 0, 0, 0) };

	for (int i = 0; atomic_load(&replacing); i++)
		CHECK_EQ(lbq_filter_set(filter, LBQ_FILTER_PREFIX, LBQ_FILTER_REPLACE, sets + i % 2, 2), i == 0 ? 1 : 2);
	return NULL;
}

/* A prefix that stays is never out of the map while the others are replaced. */
static void no_gap(void)
{
	enum { PACKETS = 2000 };
	int32_t pool = rig_pool(1024, 2048), filter = lbq_filter_open("lb0", 0), queue;
	struct frame_options options = { .source = FROM, .destination = "198.51.100.1", .protocol = UDP };
	uint32_t offset[256], length[256], got = 0;
	uint8_t frame[256];
	pthread_t thread;

	rig_prefix(filter, LBQ_FILTER_ADD, rig_vip, 24);
	queue = rig_xdp(pool, filter, "lb0", 0);
	atomic_store(&replacing, 1);
	CHECK_EQ(pthread_create(&thread, NULL, replace, &filter), 0);
	for (uint32_t i = 0; i < PACKETS; i += 100) {
		for (uint32_t j = 0; j < 100; j++)
			wire_send(netns.wire, frame, build(frame, &options, i + j));
		receive(queue, offset, length, 100);
		CHECK_EQ(lbq_free(pool, offset, 100), 100);
		got += 100;
	}
	atomic_store(&replacing, 0);
	CHECK_EQ(pthread_join(thread, NULL), 0);
	CHECK_EQ(got, PACKETS);
	CHECK_EQ(stat_of(filter, LBQ_FILTER_VIP), PACKETS);
	CHECK_EQ(lbq_close(queue), 0);
	CHECK_EQ(lbq_close(filter), 0);
	CHECK_EQ(lbq_close(pool), 0);
}

int main(void)
{
	netns_open(&netns, 1);
	each_packet(0);
	each_packet(LBQ_FILTER_FORCE_GENERIC);
	host_reachable(0);
	host_reachable(LBQ_FILTER_FORCE_GENERIC);
	set_operations();
	no_gap();
	return 0;
}
