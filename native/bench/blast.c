/* Sends minimum-size UDP packets to 198.51.100.1 out of an interface, as fast as one core can: the kernel runs an XDP program over
 * frames of its own (BPF_F_TEST_XDP_LIVE_FRAMES, Linux 5.18), so no socket buffer is made for any. The other end of a veth
 * pair must have a native XDP program or generic receive offload on, else it takes none.
 * Usage: blast INTERFACE DESTINATION-MAC SECONDS [FLOWS] */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <net/if.h>

#include "bench.h"

#define FRAME 60
#define REPEAT (1 << 20) /* a call has some 30 ms of overhead, in which nothing is sent */

/* Ethernet, IPv4 198.18.0.1 > 198.51.100.1 (RFC 2544 and 5737 addresses), UDP port 0 > 9, 18 bytes. The source MAC is nobody's, so
 * that what comes back is not taken in. */
static uint8_t frame[FRAME] = { 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 99, 8, 0, 0x45, 0, 0, 46, 0, 0, 0, 0, 64, 17, 0x8a, 0x77,
				198, 18, 0, 1, 198, 51, 100, 1, 0, 0, 0, 9, 0, 26, 0, 0 };

static int load(uint32_t flows)
{
	struct bpf_object *object = bpf_object__open(BLAST_OBJECT);
	struct bpf_map *constants = object ? bpf_object__find_map_by_name(object, ".rodata") : NULL;

	if (!constants || bpf_map__set_initial_value(constants, &flows, sizeof(flows)) || bpf_object__load(object))
		die("load " BLAST_OBJECT);
	return bpf_program__fd(bpf_object__find_program_by_name(object, "blast"));
}

int main(int argc, char **argv)
{
	struct xdp_md context = { .data_end = FRAME };
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = FRAME, .ctx_in = &context, .ctx_size_in = sizeof(context),
		    .repeat = REPEAT, .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = 64);
	uint64_t sent = 0;
	double start, now, seconds;
	int program;

	if (argc < 4 || sscanf(argv[2], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", frame, frame + 1, frame + 2, frame + 3, frame + 4, frame + 5) != 6) {
		fprintf(stderr, "usage: %s INTERFACE DESTINATION-MAC SECONDS [FLOWS]\n", argv[0]);
		return 1;
	}
	context.ingress_ifindex = if_nametoindex(argv[1]);
	program = load(argc > 4 ? (uint32_t)atoi(argv[4]) : 1024);
	seconds = atof(argv[3]);
	start = now = seconds_now();
	for (; now - start < seconds; now = seconds_now()) {
		if (bpf_prog_test_run_opts(program, &options))
			die("bpf_prog_test_run_opts");
		sent += REPEAT;
	}
	printf("{\"name\":\"blast offered\",\"unit\":\"Mpps\",\"value\":%.4f}\n", (double)sent / (now - start) / 1e6);
	return 0;
}
