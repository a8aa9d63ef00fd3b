/* AF_XDP queues: opening. Each has a UMEM of its own over the whole pool rather than one shared UMEM: in libxdp the first
 * socket of a shared UMEM holds its queue until the last is gone, which would forbid closing in any order. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "error.h"
#include "filter.h"
#include "xdp.h"

/* Newer kernels (6.18 is one): how many frames one transmit call copies; the default of 32 costs eight calls for a burst of 256. */
#define XDP_MAX_TX_SKB_BUDGET_OPTION 9

#define BUSY_TRIES 50
#define BUSY_PAUSE_NS 5000000

/* Returns 0 or an errno. */
static int try_create(struct xdp_queue *xdp, const struct lbq_queue_options *options, uint16_t mode)
{
	struct lbq_pool *pool = xdp->queue.pool;
	struct xsk_umem_config umem = {
		.fill_size = options->rx_frames,
		.comp_size = options->tx_frames,
		.frame_size = pool->frame_size,
		.frame_headroom = LBQ_FRAME_OFFSET - 256, /* behind the kernel's XDP_PACKET_HEADROOM */
	};
	struct xsk_socket_config config = {
		.rx_size = options->rx_frames,
		.tx_size = options->tx_frames,
		.libxdp_flags = XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD,
		.bind_flags = XDP_USE_NEED_WAKEUP | mode,
	};
	int error = -xsk_umem__create(&xdp->umem, pool->base, (uint64_t)pool->frames * pool->frame_size, &xdp->fill, &xdp->completion,
				      &umem);

	if (error) {
		xdp->umem = NULL;
		return error;
	}
	/* libxdp does not ask for close-on-exec: a program that we start must not keep the queue busy. */
	fcntl(xsk_umem__fd(xdp->umem), F_SETFD, FD_CLOEXEC);
	error = -xsk_socket__create(&xdp->socket, xdp->queue.interface.name, options->queue, xdp->umem, &xdp->rx, &xdp->tx, &config);
	if (error) {
		xdp->socket = NULL;
		xsk_umem__delete(xdp->umem);
		xdp->umem = NULL;
	}
	return error;
}

static int32_t create(struct xdp_queue *xdp, const struct lbq_queue_options *options, int generic)
{
	uint16_t mode = 0;
	char text[64];
	int error;

	/* A generic program and a zero-copy socket exclude each other; without a flag the kernel picks zero-copy if it can. */
	if (options->flags & LBQ_QUEUE_ZERO_COPY)
		mode = XDP_ZEROCOPY;
	else if (options->flags & LBQ_QUEUE_COPY || generic)
		mode = XDP_COPY;
	error = try_create(xdp, options, mode);
	/* The kernel frees the queue of a closed socket from a work queue, a moment later than close() returns. */
	for (int tries = 0; error == EBUSY && tries < BUSY_TRIES; tries++) {
		struct timespec pause = { 0, BUSY_PAUSE_NS };

		nanosleep(&pause, NULL);
		error = try_create(xdp, options, mode);
	}
	if (!error) {
		xdp->queue.fd = xsk_socket__fd(xdp->socket);
		return 0;
	}
	snprintf(text, sizeof(text), "for queue %u of %s", options->queue, xdp->queue.interface.name);
	if (error == EINVAL)
		return lbq_fail(LBQ_E_ARGUMENT, "AF_XDP socket %s: no such queue, or the driver refuses these frames", text);
	return lbq_fail_errno(error, "AF_XDP socket", text);
}

static int32_t start(struct xdp_queue *xdp, struct lbq_filter *filter)
{
	struct xdp_options kernel = { 0 };
	socklen_t size = sizeof(kernel);
	int budget = (int)xdp->queue.tx_frames, error;

	if (getsockopt(xdp->queue.fd, SOL_XDP, XDP_OPTIONS, &kernel, &size) == 0 && kernel.flags & XDP_OPTIONS_ZEROCOPY)
		xdp->queue.mode = LBQ_MODE_ZERO_COPY;
	/* Only newer kernels know it, and the queue works without. */
	(void)setsockopt(xdp->queue.fd, SOL_XDP, XDP_MAX_TX_SKB_BUDGET_OPTION, &budget, sizeof(budget));
	if (!filter) {
		xdp->queue.rx_frames = 0;
		return 0;
	}
	pthread_mutex_lock(&xdp->queue.pool->lock);
	lbq_xdp_refill(xdp);
	pthread_mutex_unlock(&xdp->queue.pool->lock);
	/* Frames first, then traffic. */
	error = -xsk_socket__update_xskmap(xdp->socket, filter->sockets);
	return error ? lbq_fail_errno(error, "xsk_socket__update_xskmap", xdp->queue.interface.name) : 0;
}

struct lbq_queue *lbq_xdp_open(struct lbq_pool *pool, const struct lbq_queue_options *options,
			       const struct lbq_interface *interface, uint16_t owner)
{
	struct lbq_filter *filter = NULL;
	struct xdp_queue *xdp;
	int32_t result;

	if (options->filter && !(filter = lbq_filter_enter(options->filter, interface)))
		return NULL;
	xdp = calloc(1, sizeof(*xdp));
	if (!xdp) {
		lbq_fail_errno(ENOMEM, "calloc", "");
		goto leave;
	}
	xdp->queue.ops = &lbq_xdp_ops;
	xdp->queue.pool = pool;
	xdp->queue.interface = *interface;
	xdp->queue.owner = owner;
	xdp->queue.rx_frames = options->rx_frames;
	xdp->queue.tx_frames = options->tx_frames;
	result = create(xdp, options, filter && filter->mode == LBQ_MODE_GENERIC);
	if (result == 0)
		result = start(xdp, filter);
	if (result < 0) {
		lbq_xdp_ops.close(&xdp->queue);
		xdp = NULL;
	}
leave:
	if (filter)
		lbq_leave(&filter->object);
	return xdp ? &xdp->queue : NULL;
}
