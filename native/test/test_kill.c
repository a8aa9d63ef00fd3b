/* A process that is killed leaves nothing: no program on the interface, no TAP (that of a punt queue either), no busy queue, though a program that it had
 * started lives on. */
#include <bpf/libbpf.h>
#include <net/if.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "echo.h"

extern char **environ;

static struct netns netns;

static uint32_t program_on(const char *interface)
{
	uint32_t id = 0;

	CHECK_EQ(bpf_xdp_query_id((int)if_nametoindex(interface), 0, &id), 0);
	return id;
}

static void daemon_like(int report)
{
	char *arguments[] = { "sleep", "10", NULL };
	int32_t pool = rig_pool(2048, 2048), filter = lbq_filter_open("lb0", 0);
	struct lbq_queue_options punt = rig_options(LBQ_PUNT, "lb0");
	pid_t started;

	CHECK_GT(filter, 0);
	rig_prefix(filter, LBQ_FILTER_ADD, rig_vip, 24);
	rig_xdp(pool, filter, "lb0", 0);
	rig_queue(pool, LBQ_PACKET, "lb0", 0);
	rig_queue(pool, LBQ_TAP, "kill0", 0);
	punt.filter = filter;
	CHECK_GT(lbq_queue_open(pool, &punt), 0);
	CHECK_EQ(posix_spawnp(&started, arguments[0], NULL, NULL, arguments, environ), 0);
	CHECK_EQ(write(report, &started, sizeof(started)), sizeof(started));
	pause();
}

int main(void)
{
	struct frame_options options = { .source = "192.0.2.2", .destination = "198.51.100.7", .protocol = 17, .payload = 100 };
	uint8_t frame[256], back[2048];
	uint32_t offset, length, size;
	int report[2], host;
	int32_t pool, filter, queue;
	pid_t child, started;

	netns_open(&netns, 1);
	options.destination_mac = netns.lb_mac;
	size = frame_build(frame, &options);
	host = wire_open("lb0");
	CHECK_EQ(pipe(report), 0);
	child = fork();
	CHECK_GE(child, 0);
	if (child == 0) {
		daemon_like(report[1]);
		_exit(0);
	}
	close(report[1]);
	CHECK_EQ(read(report[0], &started, sizeof(started)), sizeof(started));
	CHECK(program_on("lb0"));
	CHECK(if_nametoindex("kill0"));
	netns_run(netns.lb, "ip link show | grep -q lbq-p");
	CHECK_EQ(kill(child, SIGKILL), 0);
	CHECK_EQ(waitpid(child, NULL, 0), child);

	CHECK_EQ(program_on("lb0"), 0);
	CHECK_EQ(if_nametoindex("kill0"), 0);
	netns_run(netns.lb, "! ip link show | grep -q lbq-p");
	netns_run(netns.lb, "! ip link show lb0 | grep -q xdp");
	wire_send(netns.wire, frame, size);
	CHECK_EQ(wire_receive(host, back, sizeof(back)), size);
	netns_run(netns.peer, "ping -c1 -W2 192.0.2.1 >/dev/null");

	pool = rig_pool(2048, 2048);
	filter = lbq_filter_open("lb0", 0);
	CHECK_GT(filter, 0);
	rig_prefix(filter, LBQ_FILTER_ADD, rig_vip, 24);
	queue = rig_xdp(pool, filter, "lb0", 0);
	wire_send(netns.wire, frame, size);
	receive(queue, &offset, &length, 1);
	CHECK_EQ(lbq_close(filter), 0);
	CHECK_EQ(lbq_close(queue), 0);
	CHECK_EQ(lbq_close(pool), 0);
	CHECK_EQ(kill(started, SIGKILL), 0);
	return 0;
}
