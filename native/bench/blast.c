/* Sends minimum-size UDP packets to 198.51.100.1 out of an interface, as fast as one core can: the kernel runs an XDP program over
 * frames of its own (BPF_F_TEST_XDP_LIVE_FRAMES, Linux 5.18), so no socket buffer is made for any. The other end of a veth
 * pair must have a native XDP program or generic receive offload on, else it takes none. Prints what was offered, and what the
 * interface has received meanwhile, in all and per slice.
 * SIGTERM ends it before its time. SHARE, from 0 to 1, is how much of what one core can send is sent.
 * With the word `in` they do not leave: the kernel makes socket buffers of them and takes those as received on INTERFACE, past its
 * XDP program, and what the interface has sent meanwhile is printed. That costs this core less than the way over a veth pair.
 * Usage: blast INTERFACE DESTINATION-MAC SECONDS [FLOWS [SHARE [in]]] */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <net/if.h>
#include <signal.h>
#include <stdbool.h>

#include "bench.h"

#define FRAME 60
#define IPV4 14
#define REPEAT (1 << 20) /* a call has some 30 ms of overhead, in which nothing is sent */
#define MAX_SLICES 256

/* Ethernet, IPv4 198.18.x.x > 198.51.100.1 (RFC 2544 and 5737 addresses), UDP port x > 9, 18 bytes; the program writes x and the
 * header checksum. The source MAC is nobody's, so that what comes back is not taken in. */
static uint8_t frame[FRAME] = { 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 99, 8, 0, 0x45, 0, 0, 46, 0, 0, 0, 0, 64, 17, 0, 0,
				198, 18, 0, 0, 198, 51, 100, 1, 0, 0, 0, 9, 0, 26, 0, 0 };

/* As in blast.bpf.c. */
struct constants {
	uint32_t flows, header_sum, share, action;
};

static int load(uint32_t flows, double share, uint32_t action)
{
	struct bpf_object *object = bpf_object__open(BLAST_OBJECT);
	struct bpf_map *map = object ? bpf_object__find_map_by_name(object, ".rodata") : NULL;
	struct constants constants = { .flows = flows, .share = (uint32_t)(share * 65536), .action = action };

	for (int i = IPV4; i < IPV4 + 20; i += 2)
		constants.header_sum += (uint32_t)frame[i] << 8 | frame[i + 1];
	if (!map || bpf_map__set_initial_value(map, &constants, sizeof(constants)) || bpf_object__load(object))
		die("load " BLAST_OBJECT);
	return bpf_program__fd(bpf_object__find_program_by_name(object, "blast"));
}

/* Blocked, the signal does not interrupt a call that sends. */
static void block(sigset_t *end)
{
	sigemptyset(end);
	sigaddset(end, SIGTERM);
	sigprocmask(SIG_BLOCK, end, NULL);
}

static bool told_to_end(void)
{
	sigset_t pending;

	sigpending(&pending);
	return sigismember(&pending, SIGTERM) == 1;
}

static uint64_t counted_packets(const char *interface, const char *which)
{
	char path[96];
	uint64_t packets = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/sys/class/net/%s/statistics/%s_packets", interface, which);
	file = fopen(path, "r");
	if (!file || fscanf(file, "%lu", &packets) != 1)
		die(path);
	fclose(file);
	return packets;
}

int main(int argc, char **argv)
{
	static double mpps[MAX_SLICES];
	struct xdp_md context = { .data_end = FRAME };
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = FRAME, .ctx_in = &context, .ctx_size_in = sizeof(context),
		    .repeat = REPEAT, .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = 64);
	uint64_t first, before, packets;
	uint32_t slices = 0;
	double start, then, now, share;
	sigset_t end;
	bool inwards;
	int program;

	if (argc < 4 || sscanf(argv[2], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", frame, frame + 1, frame + 2, frame + 3, frame + 4, frame + 5) != 6) {
		fprintf(stderr, "usage: %s INTERFACE DESTINATION-MAC SECONDS [FLOWS [SHARE [in]]]\n", argv[0]);
		return 1;
	}
	block(&end);
	context.ingress_ifindex = if_nametoindex(argv[1]);
	share = argc > 5 ? atof(argv[5]) : 1;
	inwards = argc > 6 && strcmp(argv[6], "in") == 0;
	program = load(argc > 4 ? (uint32_t)atoi(argv[4]) : 1024, share, inwards ? XDP_PASS : XDP_TX);
	first = before = counted_packets(argv[1], inwards ? "tx" : "rx");
	start = then = now = seconds_now();
	for (; !told_to_end() && now - start < atof(argv[3]) && slices < MAX_SLICES; then = now, before = packets) {
		if (bpf_prog_test_run_opts(program, &options))
			die("bpf_prog_test_run_opts");
		packets = counted_packets(argv[1], inwards ? "tx" : "rx");
		now = seconds_now();
		mpps[slices++] = (double)(packets - before) / (now - then) / 1e6;
	}
	printf("{\"name\":\"blast offered\",\"unit\":\"Mpps\",\"value\":%.4f,\"n\":%u,\"returned\":%lu,\"seconds\":%.4f,\"returnedMpps\":[",
	       (double)slices * REPEAT * share / (now - start) / 1e6, slices, before - first, now - start);
	for (uint32_t i = 0; i < slices; i++)
		printf("%s%.4f", i ? "," : "", mpps[i]);
	printf("]}\n");
	return 0;
}
