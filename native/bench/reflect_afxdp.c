/* Bare AF_XDP reflector: libxdp, one socket, copy mode, need-wakeup, bursts of 256; swaps MACs and sends back. Every packet
 * of the queue is taken. Usage: reflect_afxdp INTERFACE QUEUE SECONDS */
#include <bpf/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <poll.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <xdp/xsk.h>

#include "bench.h"

#define FRAMES 8192u
#define FRAME 2048u
#define RING 2048u

static struct xsk_umem *umem;
static struct xsk_socket *xsk;
static struct xsk_ring_prod fill, tx;
static struct xsk_ring_cons completion, rx;
static uint64_t free_frames[FRAMES];
static uint32_t free_count;
static uint8_t *area;

/* r2 = ctx->rx_queue_index; return bpf_redirect_map(map, r2, XDP_PASS) */
static int load_program(int map)
{
	struct bpf_insn program[] = {
		{ .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 2, .src_reg = 1, .off = offsetof(struct xdp_md, rx_queue_index) },
		{ .code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = 1, .src_reg = BPF_PSEUDO_MAP_FD, .imm = map },
		{ 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_redirect_map },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return bpf_prog_load(BPF_PROG_TYPE_XDP, "reflect", "Apache-2.0", program, sizeof(program) / sizeof(program[0]), NULL);
}

static void set_up(const char *interface, uint32_t queue)
{
	struct xsk_umem_config umem_config = { .fill_size = RING, .comp_size = RING, .frame_size = FRAME };
	struct xsk_socket_config config = { .rx_size = RING, .tx_size = RING, .libxdp_flags = XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD,
					    .bind_flags = XDP_COPY | XDP_USE_NEED_WAKEUP };
	LIBBPF_OPTS(bpf_link_create_opts, native, .flags = XDP_FLAGS_DRV_MODE);
	int map = bpf_map_create(BPF_MAP_TYPE_XSKMAP, "sockets", 4, 4, 64, NULL), program = load_program(map);

	area = mmap(NULL, FRAMES * FRAME, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (area == MAP_FAILED || map < 0 || program < 0)
		die("mmap, bpf");
	if (bpf_link_create(program, (int)if_nametoindex(interface), BPF_XDP, &native) < 0)
		die("bpf_link_create");
	if (xsk_umem__create(&umem, area, FRAMES * FRAME, &fill, &completion, &umem_config) ||
	    xsk_socket__create(&xsk, interface, queue, umem, &rx, &tx, &config) || xsk_socket__update_xskmap(xsk, map))
		die("xsk");
	/* As the library does; older kernels refuse it. */
	(void)setsockopt(xsk_socket__fd(xsk), SOL_XDP, 9, &(int){ RING }, sizeof(int));
	for (free_count = 0; free_count < FRAMES; free_count++)
		free_frames[free_count] = (uint64_t)free_count * FRAME;
}

static void refill(void)
{
	uint32_t index, n = xsk_prod_nb_free(&fill, RING);

	if (n > free_count)
		n = free_count;
	if (!n || !xsk_ring_prod__reserve(&fill, n, &index))
		return;
	for (uint32_t i = 0; i < n; i++)
		*xsk_ring_prod__fill_addr(&fill, index + i) = free_frames[--free_count];
	xsk_ring_prod__submit(&fill, n);
}

static void reap(void)
{
	uint32_t index, n = xsk_ring_cons__peek(&completion, RING, &index);

	for (uint32_t i = 0; i < n; i++)
		free_frames[free_count++] = *xsk_ring_cons__comp_addr(&completion, index + i) & ~(uint64_t)(FRAME - 1);
	if (n)
		xsk_ring_cons__release(&completion, n);
}

static uint32_t reflect(void)
{
	uint32_t from, to, n = xsk_ring_cons__peek(&rx, BURST, &from);

	if (!n)
		return 0;
	while (!xsk_ring_prod__reserve(&tx, n, &to)) {
		sendto(xsk_socket__fd(xsk), NULL, 0, MSG_DONTWAIT, NULL, 0);
		reap();
	}
	for (uint32_t i = 0; i < n; i++) {
		const struct xdp_desc *descriptor = xsk_ring_cons__rx_desc(&rx, from + i);

		swap_macs(area + descriptor->addr);
		*xsk_ring_prod__tx_desc(&tx, to + i) = *descriptor;
	}
	xsk_ring_prod__submit(&tx, n);
	xsk_ring_cons__release(&rx, n);
	if (xsk_ring_prod__needs_wakeup(&tx)) {
		while (xsk_prod_nb_free(&tx, RING) < RING && sendto(xsk_socket__fd(xsk), NULL, 0, MSG_DONTWAIT, NULL, 0) < 0)
			reap();
	}
	return n;
}

int main(int argc, char **argv)
{
	struct meter meter = { 0 };
	struct pollfd fd = { .events = POLLIN };
	double end;

	if (argc != 4) {
		fprintf(stderr, "usage: %s INTERFACE QUEUE SECONDS\n", argv[0]);
		return 1;
	}
	set_up(argv[1], (uint32_t)atoi(argv[2]));
	fd.fd = xsk_socket__fd(xsk);
	say_ready();
	end = seconds_now() + atof(argv[3]);
	while (seconds_now() < end) {
		uint32_t n;

		reap();
		refill();
		n = reflect();
		meter_add(&meter, n);
		if (!n)
			poll(&fd, 1, 10);
	}
	meter_print(&meter, "reflect_afxdp");
	return 0;
}
