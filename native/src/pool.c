#include "pool.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "error.h"
#include "queue.h"

static void pool_destroy(struct lbq_object *object)
{
	struct lbq_pool *pool = (struct lbq_pool *)object;

	atomic_flag_clear(&pool->memory->pooled);
	lbq_leave(&pool->memory->object);
	pthread_mutex_destroy(&pool->lock);
	if (pool->wake >= 0)
		close(pool->wake);
	free(pool->free_frames);
	free(pool->owner);
	free(pool);
}

static int32_t pool_info(struct lbq_object *object, void *to)
{
	struct lbq_pool *pool = (struct lbq_pool *)object;
	struct lbq_info *info = to;

	info->address = (uintptr_t)pool->base;
	info->bytes = (uint64_t)pool->frames * pool->frame_size;
	info->mode = pool->memory->pages;
	info->frame_size = pool->frame_size;
	info->frames = pool->frames;
	return 0;
}

static int32_t pool_stats(struct lbq_object *object, uint64_t *values, uint32_t n)
{
	struct lbq_pool *pool = (struct lbq_pool *)object;
	uint64_t all[LBQ_POOL_STATS];
	uint32_t i;

	pthread_mutex_lock(&pool->lock);
	all[LBQ_POOL_FREE] = pool->free_count;
	all[LBQ_POOL_KERNEL] = pool->kernel_count;
	all[LBQ_POOL_WORKER] = pool->frames - pool->free_count - pool->kernel_count;
	all[LBQ_POOL_INVALID_FREE] = pool->invalid_free;
	pthread_mutex_unlock(&pool->lock);
	for (i = 0; i < n && i < LBQ_POOL_STATS; i++)
		values[i] = all[i];
	return (int32_t)i;
}

static int32_t pool_fill(struct lbq_pool *pool, struct lbq_memory *memory, uint32_t frame_size)
{
	uint64_t frames = memory->bytes / frame_size;

	/* Offsets are 32 bits wide. */
	if (frames == 0 || memory->bytes > UINT32_MAX)
		return lbq_fail(LBQ_E_ARGUMENT, "a pool in %zu bytes: one frame of %u to less than 4 GiB is accepted", memory->bytes,
				frame_size);
	pool->base = memory->address;
	pool->frame_size = frame_size;
	pool->frame_shift = frame_size == 2048 ? 11 : 12;
	pool->frames = (uint32_t)frames;
	pool->room = frame_size - LBQ_FRAME_OFFSET;
	pool->free_frames = calloc(frames, sizeof(*pool->free_frames));
	pool->owner = calloc(frames, sizeof(*pool->owner));
	if (!pool->free_frames || !pool->owner)
		return lbq_fail_errno(ENOMEM, "calloc", "");
	while (pool->free_count < pool->frames) {
		pool->free_frames[pool->free_count] = pool->frames - 1 - pool->free_count;
		pool->free_count++;
	}
	pool->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return pool->wake < 0 ? lbq_fail_errno(errno, "eventfd", "") : 0;
}

int32_t lbq_pool_open(int32_t memory_handle, uint32_t frame_size)
{
	struct lbq_memory *memory;
	struct lbq_pool *pool;
	int32_t result;

	if (frame_size != 2048 && frame_size != 4096)
		return lbq_fail(LBQ_E_ARGUMENT, "frame_size %u: 2048 or 4096 is accepted", frame_size);
	memory = (struct lbq_memory *)lbq_enter(memory_handle, LBQ_OBJECT_MEMORY);
	if (!memory)
		return -LBQ_E_HANDLE;
	if (atomic_flag_test_and_set(&memory->pooled)) {
		lbq_leave(&memory->object);
		return lbq_fail(LBQ_E_BUSY, "memory %d already has a pool", memory_handle);
	}
	pool = calloc(1, sizeof(*pool));
	if (!pool) {
		atomic_flag_clear(&memory->pooled);
		lbq_leave(&memory->object);
		return lbq_fail_errno(ENOMEM, "calloc", "");
	}
	pool->object.kind = LBQ_OBJECT_POOL;
	pool->object.destroy = pool_destroy;
	pool->object.info = pool_info;
	pool->object.stats = pool_stats;
	pool->memory = memory;
	pool->wake = -1;
	pthread_mutex_init(&pool->lock, NULL);
	result = pool_fill(pool, memory, frame_size);
	if (result == 0)
		result = lbq_handle_open(&pool->object);
	if (result < 0)
		pool_destroy(&pool->object);
	return result;
}

/* A call that takes a pool or a queue of it. */
static struct lbq_pool *enter_pool(int32_t handle, struct lbq_object **object)
{
	*object = lbq_enter(handle, LBQ_OBJECT_POOL | LBQ_OBJECT_QUEUE);
	if (!*object)
		return NULL;
	return (*object)->kind == LBQ_OBJECT_POOL ? (struct lbq_pool *)*object : ((struct lbq_queue *)*object)->pool;
}

int32_t lbq_alloc(int32_t handle, uint32_t *offset, uint32_t n)
{
	struct lbq_object *object;
	struct lbq_pool *pool = enter_pool(handle, &object);

	if (!pool)
		return -LBQ_E_HANDLE;
	if (!offset) {
		lbq_leave(object);
		return lbq_fail(LBQ_E_ARGUMENT, "lbq_alloc: offset is null");
	}
	pthread_mutex_lock(&pool->lock);
	if (n > pool->free_count)
		n = pool->free_count;
	for (uint32_t i = 0; i < n; i++)
		offset[i] = lbq_pool_frame_offset(pool, lbq_pool_take(pool, LBQ_OWNER_WORKER));
	pthread_mutex_unlock(&pool->lock);
	lbq_leave(object);
	return (int32_t)n;
}

int32_t lbq_free(int32_t handle, const uint32_t *offset, uint32_t n)
{
	struct lbq_object *object;
	struct lbq_pool *pool = enter_pool(handle, &object);
	int32_t freed = 0;

	if (!pool)
		return -LBQ_E_HANDLE;
	if (!offset) {
		lbq_leave(object);
		return lbq_fail(LBQ_E_ARGUMENT, "lbq_free: offset is null");
	}
	pthread_mutex_lock(&pool->lock);
	for (uint32_t i = 0; i < n; i++) {
		int64_t frame = lbq_pool_worker_frame(pool, offset[i], 0);

		if (frame < 0) {
			pool->invalid_free++;
			continue;
		}
		lbq_pool_give(pool, (uint32_t)frame);
		freed++;
	}
	pthread_mutex_unlock(&pool->lock);
	lbq_leave(object);
	return freed;
}

static int32_t free_all_of(struct lbq_pool *pool, uint16_t owner)
{
	int32_t freed = 0;

	for (uint32_t frame = 0; frame < pool->frames; frame++) {
		if (pool->owner[frame] == owner) {
			lbq_pool_give(pool, frame);
			freed++;
		}
	}
	return freed;
}

void lbq_pool_sweep(struct lbq_pool *pool, uint16_t owner)
{
	free_all_of(pool, owner);
}

int32_t lbq_reclaim(int32_t handle)
{
	struct lbq_pool *pool = (struct lbq_pool *)lbq_enter(handle, LBQ_OBJECT_POOL);
	int32_t freed;

	if (!pool)
		return -LBQ_E_HANDLE;
	pthread_mutex_lock(&pool->lock);
	freed = free_all_of(pool, LBQ_OWNER_WORKER);
	pthread_mutex_unlock(&pool->lock);
	lbq_leave(&pool->object);
	return freed;
}

int32_t lbq_wake(int32_t handle)
{
	struct lbq_object *object;
	struct lbq_pool *pool = enter_pool(handle, &object);
	uint64_t one = 1;
	int32_t result = 0;

	if (!pool)
		return -LBQ_E_HANDLE;
	/* Only a counter at its limit says EAGAIN, and then the wait will end as well. */
	if (write(pool->wake, &one, sizeof(one)) < 0 && errno != EAGAIN)
		result = lbq_fail_errno(errno, "write eventfd", "");
	lbq_leave(object);
	return result;
}
