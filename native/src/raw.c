/* Raw queues: IP packets for the kernel to route, by a raw socket of each family and sendmmsg. The Ethernet header and VLAN
 * tags in front are passed over. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "error.h"
#include "ip_packet.h"
#include "queue.h"

#define BATCH 64
#define SEND_BUFFER (4 << 20)

union address {
	struct sockaddr any;
	struct sockaddr_in ipv4;
	struct sockaddr_in6 ipv6;
};

struct raw_queue {
	struct lbq_queue queue;
	int fd[FAMILIES]; /* IPV6: -1 if the kernel has none */
	/* A batch is of one family, and of descriptors that follow one another. */
	int family;
	uint32_t n;
	struct mmsghdr message[BATCH];
	struct iovec packet[BATCH];
	union address to[BATCH];
};

static void append(struct raw_queue *raw, int family, const uint8_t *packet, uint32_t length)
{
	uint32_t i = raw->n++;
	union address *to = &raw->to[i];
	socklen_t size = family == IPV4 ? sizeof(to->ipv4) : sizeof(to->ipv6);

	raw->family = family;
	memset(to, 0, sizeof(*to));
	to->any.sa_family = family == IPV4 ? AF_INET : AF_INET6;
	if (family == IPV4)
		memcpy(&to->ipv4.sin_addr, packet + offsetof(struct iphdr, daddr), sizeof(to->ipv4.sin_addr));
	else
		memcpy(&to->ipv6.sin6_addr, packet + offsetof(struct ipv6hdr, daddr), sizeof(to->ipv6.sin6_addr));
	raw->packet[i] = (struct iovec){ (void *)(uintptr_t)packet, length };
	raw->message[i].msg_hdr = (struct msghdr){ .msg_name = to, .msg_namelen = size, .msg_iov = &raw->packet[i], .msg_iovlen = 1 };
}

/* Sends the batch; its frames are offset[0 … n). Returns how many of them are done with: fewer than all if the socket is full. */
static uint32_t flush(struct raw_queue *raw, const uint32_t *offset)
{
	struct lbq_queue *queue = &raw->queue;
	struct lbq_pool *pool = queue->pool;
	uint32_t done = 0, n = raw->n;

	raw->n = 0;
	while (done < n) {
		int sent = sendmmsg(raw->fd[raw->family], raw->message + done, n - done, MSG_DONTWAIT);
		uint32_t end;

		queue->count[LBQ_SYSTEM_CALLS]++;
		if (sent < 0 && errno == EAGAIN)
			break;
		/* An error is always that of the first message: no route, too long, forbidden. The packet is lost, as on a wire. */
		if (sent < 0)
			queue->count[LBQ_TX_ERRORS]++;
		else
			queue->count[LBQ_TX_PACKETS] += (uint32_t)sent;
		for (end = done + (sent < 0 ? 1 : (uint32_t)sent); done < end; done++) {
			if (sent > 0)
				queue->count[LBQ_TX_BYTES] += raw->packet[done].iov_len;
			lbq_pool_give(pool, offset[done] >> pool->frame_shift);
		}
	}
	for (uint32_t i = done; i < n; i++)
		pool->owner[offset[i] >> pool->frame_shift] = LBQ_OWNER_WORKER;
	return done;
}

static int32_t raw_tx(struct lbq_queue *queue, const uint32_t *offset, const uint32_t *length, uint32_t n)
{
	struct raw_queue *raw = (struct raw_queue *)queue;
	struct lbq_pool *pool = queue->pool;
	uint32_t first = 0; /* the descriptor that the batch starts with */

	for (uint32_t i = 0; i < n; i++) {
		int64_t frame = lbq_pool_worker_frame(pool, offset[i], length[i]);
		const uint8_t *packet = frame < 0 ? NULL : pool->base + offset[i];
		uint32_t bytes = length[i];
		int family = packet ? lbq_find_ip_packet(&packet, &bytes) : -1;

		if (raw->n == BATCH || (raw->n && family != raw->family)) {
			first += flush(raw, offset + first);
			if (first < i)
				return (int32_t)first;
		}
		if (family < 0) {
			queue->count[LBQ_TX_REFUSED]++;
			lbq_pool_refuse(pool, offset[i]);
			first = i + 1;
			continue;
		}
		append(raw, family, packet, bytes);
		/* So that the same frame once more in this burst is not the worker's. */
		pool->owner[frame] = LBQ_OWNER_FREE;
	}
	return (int32_t)(first + flush(raw, offset + first));
}

static void raw_close(struct lbq_queue *queue)
{
	struct raw_queue *raw = (struct raw_queue *)queue;

	for (int family = 0; family < FAMILIES; family++) {
		if (raw->fd[family] >= 0)
			close(raw->fd[family]);
	}
	free(raw);
}

static const struct lbq_queue_ops raw_ops = { lbq_queue_no_rx, raw_tx, lbq_queue_no_count, raw_close };

/* Protocol IPPROTO_RAW: the header comes with the packet (ip(7), ipv6(7)). Returns the socket. */
static int open_family(int domain)
{
	struct sock_filter nothing = { .code = BPF_RET | BPF_K, .k = 0 };
	struct sock_fprog program = { 1, &nothing };
	int bytes = SEND_BUFFER, yes = 1, fd = socket(domain, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);

	if (fd < 0)
		return -1;
	/* It would hear packets of protocol 255. */
	(void)setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
	/* Room for bursts while a device is behind; past net.core.wmem_max it takes CAP_NET_ADMIN. */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	/* Connection tracking would put fragments together and cut them anew. */
	if (domain == AF_INET)
		(void)setsockopt(fd, SOL_IP, IP_NODEFRAG, &yes, sizeof(yes));
	return fd;
}

struct lbq_queue *lbq_raw_open(struct lbq_pool *pool)
{
	struct raw_queue *raw = calloc(1, sizeof(*raw));

	if (!raw) {
		lbq_fail_errno(ENOMEM, "calloc", "");
		return NULL;
	}
	raw->queue.ops = &raw_ops;
	raw->queue.pool = pool;
	raw->queue.sends_only = 1;
	raw->queue.fd = -1;
	raw->fd[IPV6] = -1;
	raw->fd[IPV4] = open_family(AF_INET);
	if (raw->fd[IPV4] >= 0)
		raw->fd[IPV6] = open_family(AF_INET6);
	if (raw->fd[IPV4] < 0 || (raw->fd[IPV6] < 0 && errno != EAFNOSUPPORT)) {
		lbq_fail_errno(errno, "socket SOCK_RAW", "");
		raw_close(&raw->queue);
		return NULL;
	}
	return &raw->queue;
}
