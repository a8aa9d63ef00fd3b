#include "netns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "frames.h"

void netns_enter(int namespace)
{
	CHECK_EQ(setns(namespace, CLONE_NEWNET), 0);
}

static int new_namespace(void)
{
	int fd;

	CHECK_EQ(unshare(CLONE_NEWNET), 0);
	fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	CHECK_GE(fd, 0);
	return fd;
}

void netns_run(int namespace, const char *format, ...)
{
	char command[512];
	va_list arguments;
	pid_t child;
	int status;

	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	child = fork();
	CHECK_GE(child, 0);
	if (child == 0) {
		if (setns(namespace, CLONE_NEWNET) == 0)
			execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	CHECK_EQ(waitpid(child, &status, 0), child);
	if (status != 0) {
		fprintf(stderr, "failed: %s\n", command);
		exit(1);
	}
}

/* Moves an interface of lb into the namespace `to`: ip wants a process to name it by. */
static void move(int lb, const char *interface, int to)
{
	int ready[2];
	char byte;
	pid_t child;

	CHECK_EQ(pipe(ready), 0);
	child = fork();
	CHECK_GE(child, 0);
	if (child == 0) {
		netns_enter(to);
		CHECK_EQ(write(ready[1], "", 1), 1);
		close(ready[1]);
		pause();
		_exit(0);
	}
	close(ready[1]);
	CHECK_EQ(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	netns_run(lb, "ip link set %s netns %d", interface, (int)child);
	CHECK_EQ(kill(child, SIGKILL), 0);
	CHECK_EQ(waitpid(child, NULL, 0), child);
}

static void mac_of(const char *interface, uint8_t mac[6])
{
	struct ifreq request = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strcpy(request.ifr_name, interface);
	CHECK_EQ(ioctl(fd, SIOCGIFHWADDR, &request), 0);
	memcpy(mac, request.ifr_hwaddr.sa_data, 6);
	close(fd);
}

void netns_open(struct netns *netns, int queues)
{
	if (geteuid() != 0) {
		printf("skipped: network namespaces need root\n");
		exit(77);
	}
	netns->peer = new_namespace();
	netns->lb = new_namespace();
	netns_run(netns->lb, "ip link add lb0 numrxqueues %d numtxqueues %d type veth peer name peer0 numrxqueues %d numtxqueues %d", queues,
		  queues, queues, queues);
	move(netns->lb, "peer0", netns->peer);
	netns_run(netns->lb, "ip addr add 192.0.2.1/24 dev lb0 && ip -6 addr add 2001:db8::1/64 dev lb0 nodad && ip link set lb0 up && ip link set lo up");
	netns_run(netns->peer, "ip addr add 192.0.2.2/24 dev peer0 && ip -6 addr add 2001:db8::2/64 dev peer0 nodad && ip link set peer0 up && ip link set lo up");
	netns_enter(netns->peer);
	mac_of("peer0", netns->peer_mac);
	netns->wire = wire_open("peer0");
	netns_enter(netns->lb);
	mac_of("lb0", netns->lb_mac);
}

int wire_open(const char *interface)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET,
				       .sll_protocol = htons(ETH_P_ALL),
				       .sll_ifindex = (int)if_nametoindex(interface) };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), yes = 1, bytes = 8 << 20;

	CHECK_GE(fd, 0);
	CHECK_EQ(setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)), 0);
	CHECK_EQ(setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof(yes)), 0);
	CHECK_EQ(setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &yes, sizeof(yes)), 0);
	CHECK_EQ(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

void wire_send(int wire, const void *frame, uint32_t length)
{
	CHECK_EQ(send(wire, frame, length, 0), length);
}

static uint32_t put_tag_back(struct msghdr *message, uint8_t *frame, uint32_t length)
{
	struct cmsghdr *control = CMSG_FIRSTHDR(message);
	struct tpacket_auxdata aux;
	uint16_t tag[2];

	if (!control || control->cmsg_type != PACKET_AUXDATA)
		return length;
	memcpy(&aux, CMSG_DATA(control), sizeof(aux));
	if (!(aux.tp_status & TP_STATUS_VLAN_VALID))
		return length;
	tag[0] = htons(aux.tp_vlan_tpid);
	tag[1] = htons(aux.tp_vlan_tci);
	memmove(frame + 16, frame + 12, length - 12);
	memcpy(frame + 12, tag, sizeof(tag));
	return length + 4;
}

uint32_t wire_receive(int wire, void *frame, uint32_t room)
{
	for (;;) {
		struct pollfd poll_fd = { .fd = wire, .events = POLLIN };
		char control[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
		struct iovec vector = { frame, room - 4 };
		struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
		ssize_t length;

		if (poll(&poll_fd, 1, 2000) == 0)
			return 0;
		length = recvmsg(wire, &message, MSG_DONTWAIT);
		if (length < 0)
			continue;
		length = put_tag_back(&message, frame, (uint32_t)length);
		if (frame_is_marked(frame, (uint32_t)length))
			return (uint32_t)length;
	}
}

void receive(int32_t queue, uint32_t *offset, uint32_t *length, uint32_t n)
{
	uint32_t got = 0;

	while (got < n) {
		int32_t more;

		CHECK_EQ(lbq_wait(&queue, 1, 2000000), 1);
		more = lbq_rx(queue, offset + got, length + got, n - got);
		CHECK_GE(more, 0);
		got += (uint32_t)more;
	}
}
