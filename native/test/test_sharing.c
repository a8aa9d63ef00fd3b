/* One pool under queues of every kind: frames cross between them, and everything closes in any order. */
#include "echo.h"

static struct netns netns;

/* VIP traffic in by AF_XDP, out by a TAP and by AF_PACKET on another interface, in by those and out by AF_XDP. */
static void crossing(void)
{
	struct frame_options options = { .destination_mac = netns.lb_mac, .source = "192.0.2.2", .destination = "198.51.100.7",
					 .protocol = 17, .payload = 100 };
	uint8_t frame[2048], back[2048];
	uint32_t offset[4], length[4], size = frame_build(frame, &options);
	int32_t pool = rig_pool(2048, 2048), filter = lbq_filter_open("lb0", 0), other_filter, xdp, tap, packet, other;
	int tap_wire, other_wire;

	rig_prefix(filter, LBQ_FILTER_ADD, rig_vip, 24);
	xdp = rig_xdp(pool, filter, "lb0", 0);
	tap = rig_queue(pool, LBQ_TAP, "cross0", 0);
	netns_run(netns.lb, "sysctl -qw net.ipv6.conf.cross0.disable_ipv6=1 && ip link set cross0 up");
	netns_run(netns.lb, "ip link add far0 type veth peer name far1");
	netns_run(netns.lb, "for i in far0 far1; do sysctl -qw net.ipv6.conf.$i.disable_ipv6=1; ip link set $i up; done");
	other_filter = lbq_filter_open("far0", 0);
	CHECK_GT(other_filter, 0);
	rig_prefix(other_filter, LBQ_FILTER_ADD, rig_vip, 24);
	other = rig_xdp(pool, other_filter, "far0", 0);
	packet = rig_queue(pool, LBQ_PACKET, "far1", 0);
	tap_wire = wire_open("cross0");
	other_wire = wire_open("far1");

	wire_send(netns.wire, frame, size);
	wire_send(netns.wire, frame, size);
	wire_send(netns.wire, frame, size);
	receive(xdp, offset, length, 3);
	CHECK_EQ(lbq_tx(tap, offset, length, 1), 1);
	CHECK_EQ(wire_receive(tap_wire, back, sizeof(back)), size);
	CHECK_EQ(memcmp(frame, back, size), 0);
	/* Out of a second AF_XDP socket on the same memory, in by AF_PACKET at its other end. */
	CHECK_EQ(lbq_tx(other, offset + 1, length + 1, 1), 1);
	CHECK_EQ(wire_receive(other_wire, back, sizeof(back)), size);
	receive(packet, offset, length, 1);
	CHECK_EQ(memcmp(frame, rig_base(pool) + offset[0], size), 0);
	/* And back: out by AF_PACKET, in by the second AF_XDP socket, out by the first. */
	CHECK_EQ(lbq_tx(packet, offset, length, 1), 1);
	receive(other, offset, length, 1);
	CHECK_EQ(lbq_tx(xdp, offset, length, 1), 1);
	CHECK_EQ(wire_receive(netns.wire, back, sizeof(back)), size);
	CHECK_EQ(memcmp(frame, back, size), 0);

	CHECK_EQ(lbq_close(xdp), 0);
	/* The other socket on the same memory goes on, and the first's queue is free again. */
	CHECK_EQ(lbq_tx(other, offset + 2, length + 2, 1), 1);
	xdp = rig_xdp(pool, filter, "lb0", 0);
	wire_send(netns.wire, frame, size);
	receive(xdp, offset, length, 1);
	lbq_reclaim(pool);
	CHECK_EQ(lbq_close(xdp), 0);
	CHECK_EQ(lbq_close(other), 0);
	CHECK_EQ(lbq_close(packet), 0);
	CHECK_EQ(lbq_close(tap), 0);
	CHECK_EQ(stat_of(pool, LBQ_POOL_FREE), 2048);
	CHECK_EQ(lbq_close(filter), 0);
	CHECK_EQ(lbq_close(other_filter), 0);
	CHECK_EQ(lbq_close(pool), 0);
	netns_run(netns.lb, "ip link del far0");
}

enum { HANDLES = 6 };

/* Permutation number `n` of HANDLES things (factorial number system). */
static void permute(unsigned n, int order[HANDLES])
{
	int left[HANDLES];

	for (int i = 0; i < HANDLES; i++)
		left[i] = i;
	for (int i = 0; i < HANDLES; i++) {
		int pick = (int)(n % (unsigned)(HANDLES - i));

		n /= (unsigned)(HANDLES - i);
		order[i] = left[pick];
		memmove(left + pick, left + pick + 1, (size_t)(HANDLES - i - pick - 1) * sizeof(int));
	}
}

static void any_order(void)
{
	struct frame_options options = { .destination_mac = netns.lb_mac, .source = "192.0.2.2", .destination = "198.51.100.7",
					 .protocol = 17, .payload = 100 };
	uint8_t frame[256];
	uint32_t size = frame_build(frame, &options);

	/* 24 of the 720, spread so that every handle comes at every place. */
	for (unsigned n = 7; n < 720; n += 30) {
		int32_t handle[HANDLES], all[HANDLES];
		uint32_t offset[8], length[8];
		int order[HANDLES];

		handle[0] = lbq_memory_open(NULL, 1024 * 2048, 0);
		handle[1] = lbq_pool_open(handle[0], 2048);
		handle[2] = lbq_filter_open("lb0", n & 1 ? LBQ_FILTER_FORCE_GENERIC : 0);
		CHECK_GT(handle[2], 0);
		rig_prefix(handle[2], LBQ_FILTER_ADD, rig_vip, 24);
		handle[3] = rig_xdp(handle[1], handle[2], "lb0", 0);
		handle[4] = rig_queue(handle[1], LBQ_PACKET, "lb0", 0);
		handle[5] = rig_queue(handle[1], LBQ_TAP, "order0", 0);
		wire_send(netns.wire, frame, size);
		receive(handle[3], offset, length, 1);
		CHECK_EQ(lbq_tx(handle[4], offset, length, 1), 1);
		memcpy(all, handle, sizeof(all));
		permute(n, order);
		for (int i = 0; i < HANDLES; i++) {
			CHECK_EQ(lbq_close(handle[order[i]]), 0);
			CHECK_EQ(lbq_close(handle[order[i]]), -LBQ_E_HANDLE);
			for (int j = 3; j < HANDLES; j++) {
				int32_t got = lbq_rx(all[j], offset, length, 8);

				CHECK(got >= 0 || got == -LBQ_E_HANDLE);
			}
		}
	}
}

int main(void)
{
	netns_open(&netns, 1);
	crossing();
	any_order();
	return 0;
}
