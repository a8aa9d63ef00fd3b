/* What the kinds of queue have in common. */
#ifndef LBQ_QUEUE_H
#define LBQ_QUEUE_H

#include "interface.h"
#include "lbqueue.h"
#include "pool.h"

struct lbq_queue;

/* One per kind. All but `close` are called with the pool's lock held. */
struct lbq_queue_ops {
	int32_t (*rx)(struct lbq_queue *queue, uint32_t *offset, uint32_t *length, uint32_t max);
	int32_t (*tx)(struct lbq_queue *queue, const uint32_t *offset, const uint32_t *length, uint32_t n);
	/* Brings the kernel's counters up to date in queue->count. */
	void (*count)(struct lbq_queue *queue);
	void (*close)(struct lbq_queue *queue);
};

struct lbq_queue {
	struct lbq_object object;
	const struct lbq_queue_ops *ops;
	struct lbq_pool *pool;
	struct lbq_interface interface;
	uint32_t kind;
	uint32_t mode;
	uint32_t rx_frames;
	uint32_t tx_frames;
	uint16_t owner; /* XDP: of frames in this queue's rings */
	uint32_t sends_only; /* never has anything to receive, whatever its fd says */
	int fd;
	uint64_t count[LBQ_QUEUE_STATS];
};

/* Openers: options are checked, ring sizes filled in; `queue` and an interface (but for TAP and RAW) are set. They return the new
 * queue or NULL with the error set and nothing left open. */
struct lbq_queue *lbq_xdp_open(struct lbq_pool *pool, const struct lbq_queue_options *options,
			       const struct lbq_interface *interface, uint16_t owner);
struct lbq_queue *lbq_packet_open(struct lbq_pool *pool, const struct lbq_queue_options *options,
				  const struct lbq_interface *interface);
struct lbq_queue *lbq_tap_open(struct lbq_pool *pool, const struct lbq_queue_options *options);
struct lbq_queue *lbq_raw_open(struct lbq_pool *pool);
struct lbq_queue *lbq_punt_open(struct lbq_pool *pool, const struct lbq_queue_options *options,
				const struct lbq_interface *interface);

/* The parts of queues that only send, or have no counters in the kernel. */
int32_t lbq_queue_no_rx(struct lbq_queue *queue, uint32_t *offset, uint32_t *length, uint32_t max);
void lbq_queue_no_count(struct lbq_queue *queue);

/* Takes a received frame for the worker; the caller has looked at free_count. Returns its offset. */
static inline uint32_t lbq_queue_frame(struct lbq_queue *queue)
{
	return lbq_pool_frame_offset(queue->pool, lbq_pool_take(queue->pool, LBQ_OWNER_WORKER));
}

#endif
