/* TAP queues: one read or write a frame, straight from and to frame memory. The interface goes when its last queue does. */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "error.h"
#include "tap.h"

static int32_t tap_rx(struct lbq_queue *queue, uint32_t *offset, uint32_t *length, uint32_t max)
{
	struct lbq_pool *pool = queue->pool;
	uint32_t n = 0;

	while (n < max) {
		uint32_t frame, at;
		ssize_t got;

		if (!pool->free_count) {
			queue->count[LBQ_RX_NO_FRAME]++;
			break;
		}
		frame = lbq_pool_take(pool, LBQ_OWNER_WORKER);
		at = lbq_pool_frame_offset(pool, frame);
		got = read(queue->fd, pool->base + at, pool->room);
		queue->count[LBQ_SYSTEM_CALLS]++;
		/* A longer frame is cut without a word, so one that fills the room is taken for such. */
		if (got > 0 && got < pool->room) {
			offset[n] = at;
			length[n++] = (uint32_t)got;
			continue;
		}
		lbq_pool_give(pool, frame);
		if (got <= 0)
			break;
		queue->count[LBQ_RX_OVERSIZE]++;
	}
	return (int32_t)n;
}

int32_t lbq_tap_send(struct lbq_queue *queue, struct iovec header, const uint32_t *offset, const uint32_t *length, uint32_t n)
{
	struct lbq_pool *pool = queue->pool;
	struct iovec parts[2] = { header };
	uint32_t i;

	for (i = 0; i < n; i++) {
		int64_t frame = lbq_pool_worker_frame(pool, offset[i], length[i]);
		ssize_t written;

		if (frame < 0 || length[i] == 0) {
			queue->count[LBQ_TX_REFUSED]++;
			lbq_pool_refuse(pool, offset[i]);
			continue;
		}
		parts[1] = (struct iovec){ pool->base + offset[i], length[i] };
		written = writev(queue->fd, parts, 2);
		queue->count[LBQ_SYSTEM_CALLS]++;
		if (written < 0 && errno == EAGAIN)
			break;
		/* Any other refusal (the interface is down, the frame too short) would repeat: the frame is lost, as on a wire. */
		if (written < 0) {
			queue->count[LBQ_TX_ERRORS]++;
		} else {
			queue->count[LBQ_TX_PACKETS]++;
			queue->count[LBQ_TX_BYTES] += length[i];
		}
		lbq_pool_give(pool, (uint32_t)frame);
	}
	return (int32_t)i;
}

static int32_t tap_tx(struct lbq_queue *queue, const uint32_t *offset, const uint32_t *length, uint32_t n)
{
	return lbq_tap_send(queue, (struct iovec){ 0 }, offset, length, n);
}

void lbq_tap_close(struct lbq_queue *queue)
{
	if (queue->fd >= 0)
		close(queue->fd);
	free(queue);
}

static const struct lbq_queue_ops tap_ops = { tap_rx, tap_tx, lbq_queue_no_count, lbq_tap_close };

int32_t lbq_tap_attach(struct lbq_queue *queue, char name[16], int several_queues)
{
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI };

	if (several_queues)
		request.ifr_flags |= IFF_MULTI_QUEUE;
	memcpy(request.ifr_name, name, IFNAMSIZ);
	queue->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (queue->fd < 0)
		return lbq_fail_errno(errno == ENOENT ? EOPNOTSUPP : errno, "open", "/dev/net/tun");
	if (ioctl(queue->fd, TUNSETIFF, &request) < 0) {
		if (errno == EINVAL)
			return lbq_fail(LBQ_E_BUSY, "ioctl TUNSETIFF %s: an interface of that name exists that is no TAP of this kind", name);
		return lbq_fail_errno(errno, "ioctl TUNSETIFF", name);
	}
	memcpy(name, request.ifr_name, IFNAMSIZ);
	return 0;
}

struct lbq_queue *lbq_tap_open(struct lbq_pool *pool, const struct lbq_queue_options *options)
{
	struct lbq_queue *queue = calloc(1, sizeof(*queue));
	char name[16];

	if (!queue) {
		lbq_fail_errno(ENOMEM, "calloc", "");
		return NULL;
	}
	queue->ops = &tap_ops;
	queue->pool = pool;
	queue->fd = -1;
	memcpy(name, options->interface, sizeof(name));
	if (lbq_tap_attach(queue, name, options->flags & LBQ_QUEUE_MULTI) < 0 || lbq_interface_find(name, &queue->interface) < 0) {
		lbq_tap_close(queue);
		return NULL;
	}
	return queue;
}
