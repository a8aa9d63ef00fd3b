/* AF_XDP queues: moving descriptors. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "xdp.h"

/* Takes back the frames that the kernel has sent. */
static void reap(struct xdp_queue *xdp)
{
	struct lbq_pool *pool = xdp->queue.pool;
	uint32_t index, n;

	if (!xdp->sent)
		return;
	n = xsk_ring_cons__peek(&xdp->completion, xdp->sent, &index);
	for (uint32_t i = 0; i < n; i++)
		lbq_pool_give(pool, (uint32_t)(*xsk_ring_cons__comp_addr(&xdp->completion, index + i) >> pool->frame_shift));
	if (n)
		xsk_ring_cons__release(&xdp->completion, n);
	xdp->sent -= n;
}

void lbq_xdp_refill(struct xdp_queue *xdp)
{
	struct lbq_pool *pool = xdp->queue.pool;
	uint32_t want = xdp->queue.rx_frames - xdp->filled, index;

	if (xdp->queue.rx_frames == 0 || !want)
		return;
	if (want > pool->free_count) {
		if (!pool->free_count)
			xdp->queue.count[LBQ_RX_NO_FRAME]++;
		want = pool->free_count;
	}
	if (!want || !xsk_ring_prod__reserve(&xdp->fill, want, &index))
		return;
	for (uint32_t i = 0; i < want; i++)
		*xsk_ring_prod__fill_addr(&xdp->fill, index + i) = (uint64_t)lbq_pool_take(pool, xdp->queue.owner) << pool->frame_shift;
	xsk_ring_prod__submit(&xdp->fill, want);
	xdp->filled += want;
	if (xsk_ring_prod__needs_wakeup(&xdp->fill)) {
		recvfrom(xdp->queue.fd, NULL, 0, MSG_DONTWAIT, NULL, NULL);
		xdp->queue.count[LBQ_SYSTEM_CALLS]++;
	}
}

/* Makes the kernel look at the transmit ring. In copy mode one call sends a limited number of frames and says EAGAIN, so it is
 * repeated as long as it gets on. */
static void kick(struct xdp_queue *xdp)
{
	uint32_t size = xdp->queue.tx_frames;
	uint32_t before = xsk_prod_nb_free(&xdp->tx, size);

	while (before < size && xsk_ring_prod__needs_wakeup(&xdp->tx)) {
		int failed = sendto(xdp->queue.fd, NULL, 0, MSG_DONTWAIT, NULL, 0) < 0;
		uint32_t after = xsk_prod_nb_free(&xdp->tx, size);

		xdp->queue.count[LBQ_SYSTEM_CALLS]++;
		if (failed && errno != EAGAIN && errno != EBUSY)
			xdp->queue.count[LBQ_TX_ERRORS]++;
		reap(xdp);
		if (!failed || after == before)
			break;
		before = after;
	}
}

/* The kernel has written the headers on another core: fetches them, and the line in front that encapsulation will write, while
 * there are none to wait for yet. To write, or each line would change hands twice. Less time outside the kernel, too little to
 * see in the whole: docs/performance.md. */
static inline void prefetch_headers(const uint8_t *ethernet)
{
	__builtin_prefetch(ethernet, 1);
	__builtin_prefetch(ethernet - 64, 1);
}

static int32_t xdp_rx(struct lbq_queue *queue, uint32_t *offset, uint32_t *length, uint32_t max)
{
	struct xdp_queue *xdp = (struct xdp_queue *)queue;
	struct lbq_pool *pool = queue->pool;
	uint32_t index, n;

	reap(xdp);
	if (xdp->sent)
		kick(xdp);
	if (!queue->rx_frames)
		return 0;
	n = xsk_ring_cons__peek(&xdp->rx, max, &index);
	for (uint32_t i = 0; i < n; i++) {
		const struct xdp_desc *descriptor = xsk_ring_cons__rx_desc(&xdp->rx, index + i);

		offset[i] = (uint32_t)descriptor->addr;
		length[i] = descriptor->len;
		pool->owner[descriptor->addr >> pool->frame_shift] = LBQ_OWNER_WORKER;
		prefetch_headers(pool->base + descriptor->addr);
	}
	if (n) {
		xsk_ring_cons__release(&xdp->rx, n);
		pool->kernel_count -= n;
		xdp->filled -= n;
	}
	lbq_xdp_refill(xdp);
	return (int32_t)n;
}

static int32_t xdp_tx(struct lbq_queue *queue, const uint32_t *offset, const uint32_t *length, uint32_t n)
{
	struct xdp_queue *xdp = (struct xdp_queue *)queue;
	struct lbq_pool *pool = queue->pool;
	uint32_t i, index, submitted = 0;

	reap(xdp);
	for (i = 0; i < n; i++) {
		int64_t frame = lbq_pool_worker_frame(pool, offset[i], length[i]);
		struct xdp_desc *descriptor;

		if (frame < 0 || length[i] == 0) {
			queue->count[LBQ_TX_REFUSED]++;
			lbq_pool_refuse(pool, offset[i]);
			continue;
		}
		if (!xsk_ring_prod__reserve(&xdp->tx, 1, &index))
			break;
		descriptor = xsk_ring_prod__tx_desc(&xdp->tx, index);
		*descriptor = (struct xdp_desc){ .addr = offset[i], .len = length[i] };
		pool->owner[frame] = queue->owner;
		queue->count[LBQ_TX_BYTES] += length[i];
		submitted++;
	}
	if (submitted) {
		xsk_ring_prod__submit(&xdp->tx, submitted);
		pool->kernel_count += submitted;
		xdp->sent += submitted;
		queue->count[LBQ_TX_PACKETS] += submitted;
		kick(xdp);
	}
	return (int32_t)i;
}

static void xdp_count(struct lbq_queue *queue)
{
	struct xdp_queue *xdp = (struct xdp_queue *)queue;
	struct xdp_statistics kernel = { 0 };
	socklen_t size = sizeof(kernel);

	queue->count[LBQ_FRAMES_KERNEL] = xdp->filled + xdp->sent;
	if (getsockopt(queue->fd, SOL_XDP, XDP_STATISTICS, &kernel, &size) < 0)
		return;
	queue->count[LBQ_RX_DROPPED] = kernel.rx_dropped;
	queue->count[LBQ_RX_RING_FULL] = kernel.rx_ring_full;
	queue->count[LBQ_RX_FILL_EMPTY] = kernel.rx_fill_ring_empty_descs;
	queue->count[LBQ_RX_INVALID] = kernel.rx_invalid_descs;
	queue->count[LBQ_TX_INVALID] = kernel.tx_invalid_descs;
}

static void xdp_close(struct lbq_queue *queue)
{
	struct xdp_queue *xdp = (struct xdp_queue *)queue;

	if (xdp->socket)
		xsk_socket__delete(xdp->socket);
	if (xdp->umem)
		xsk_umem__delete(xdp->umem);
	/* After a copying socket is closed the kernel writes to none of its frames. A zero-copy driver stops a little later, from
	 * a work queue that nobody can wait for: its frames stay out of use until the pool is closed. */
	if (queue->mode != LBQ_MODE_ZERO_COPY) {
		pthread_mutex_lock(&queue->pool->lock);
		lbq_pool_sweep(queue->pool, queue->owner);
		pthread_mutex_unlock(&queue->pool->lock);
	}
	free(xdp);
}

const struct lbq_queue_ops lbq_xdp_ops = { xdp_rx, xdp_tx, xdp_count, xdp_close };
