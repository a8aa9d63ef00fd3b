/* Frame memory cut into frames, and who owns each. The table of states is in native/README.md. */
#ifndef LBQ_POOL_H
#define LBQ_POOL_H

#include <pthread.h>
#include <stddef.h>

#include "lbqueue.h"
#include "memory.h"

#define LBQ_OWNER_FREE 0
#define LBQ_OWNER_WORKER 1
#define LBQ_OWNER_FIRST_QUEUE 2 /* and above: in the rings of that queue */

struct lbq_pool {
	struct lbq_object object;
	struct lbq_memory *memory;
	uint8_t *base;
	uint32_t frame_size;
	uint32_t frame_shift;
	uint32_t frames;
	uint32_t room; /* bytes from LBQ_FRAME_OFFSET to the frame's end */
	/* One owner of this pool and all its queues at a time: taken by every call, meant to be uncontended. */
	pthread_mutex_t lock;
	uint32_t free_count;
	uint32_t kernel_count;
	uint64_t invalid_free;
	uint32_t queues_opened;
	int wake; /* an eventfd, which lbq_wait listens to */
	uint32_t *free_frames; /* a stack: the warmest frame first */
	uint16_t *owner;
};

/* All below: with the lock held. */

/* Takes a free frame for `owner`; the caller has looked at free_count. */
static inline uint32_t lbq_pool_take(struct lbq_pool *pool, uint16_t owner)
{
	uint32_t frame = pool->free_frames[--pool->free_count];

	pool->owner[frame] = owner;
	if (owner >= LBQ_OWNER_FIRST_QUEUE)
		pool->kernel_count++;
	return frame;
}

/* Gives back a frame of the worker's or of a queue's. */
static inline void lbq_pool_give(struct lbq_pool *pool, uint32_t frame)
{
	if (pool->owner[frame] >= LBQ_OWNER_FIRST_QUEUE)
		pool->kernel_count--;
	pool->owner[frame] = LBQ_OWNER_FREE;
	pool->free_frames[pool->free_count++] = frame;
}

/* The frame that `offset` lies in if the worker owns it and `length` more bytes are inside it; else -1. */
static inline int64_t lbq_pool_worker_frame(const struct lbq_pool *pool, uint32_t offset, uint32_t length)
{
	uint32_t frame = offset >> pool->frame_shift;

	if (frame >= pool->frames || pool->owner[frame] != LBQ_OWNER_WORKER)
		return -1;
	if (length > pool->frame_size - (offset & (pool->frame_size - 1)))
		return -1;
	return frame;
}

/* Ends a descriptor that cannot be sent: its frame, if it is the worker's, goes back as if it had been. */
static inline void lbq_pool_refuse(struct lbq_pool *pool, uint32_t offset)
{
	int64_t frame = lbq_pool_worker_frame(pool, offset, 0);

	if (frame >= 0)
		lbq_pool_give(pool, (uint32_t)frame);
}

static inline uint32_t lbq_pool_frame_offset(const struct lbq_pool *pool, uint32_t frame)
{
	return (frame << pool->frame_shift) + LBQ_FRAME_OFFSET;
}

/* Frees every frame that a closed queue had in its rings. */
void lbq_pool_sweep(struct lbq_pool *pool, uint16_t owner);

#endif
