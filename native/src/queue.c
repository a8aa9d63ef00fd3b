#include "queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

#define DEFAULT_RING 2048
#define MAX_RING 65536

static void queue_destroy(struct lbq_object *object)
{
	struct lbq_queue *queue = (struct lbq_queue *)object;
	struct lbq_pool *pool = queue->pool;

	queue->ops->close(queue);
	lbq_leave(&pool->object);
}

static int32_t queue_info(struct lbq_object *object, void *to)
{
	struct lbq_queue *queue = (struct lbq_queue *)object;
	struct lbq_info *info = to;

	info->address = (uintptr_t)queue->pool->base;
	info->bytes = (uint64_t)queue->pool->frames * queue->pool->frame_size;
	info->kind = queue->kind;
	info->mode = queue->mode;
	info->frame_size = queue->pool->frame_size;
	info->frames = queue->pool->frames;
	info->rx_frames = queue->rx_frames;
	info->tx_frames = queue->tx_frames;
	info->fd = queue->sends_only ? -1 : queue->fd;
	info->interface_index = queue->interface.index;
	info->mtu = queue->interface.mtu;
	memcpy(info->mac, queue->interface.mac, sizeof(info->mac));
	memcpy(info->interface, queue->interface.name, sizeof(info->interface));
	return 0;
}

static int32_t queue_stats(struct lbq_object *object, uint64_t *values, uint32_t n)
{
	struct lbq_queue *queue = (struct lbq_queue *)object;

	if (n > LBQ_QUEUE_STATS)
		n = LBQ_QUEUE_STATS;
	pthread_mutex_lock(&queue->pool->lock);
	queue->ops->count(queue);
	memcpy(values, queue->count, n * sizeof(*values));
	pthread_mutex_unlock(&queue->pool->lock);
	return (int32_t)n;
}

static int32_t check_ring(const char *field, uint32_t frames)
{
	if (frames < 64 || frames > MAX_RING || frames & (frames - 1))
		return lbq_fail(LBQ_E_ARGUMENT, "%s %u: a power of two from 64 to %u is accepted", field, frames, MAX_RING);
	return 0;
}

static int32_t check(struct lbq_queue_options *options)
{
	static const uint32_t flags_of[] = {
		[LBQ_XDP] = LBQ_QUEUE_COPY | LBQ_QUEUE_ZERO_COPY,
		[LBQ_PACKET] = LBQ_QUEUE_QDISC_BYPASS | LBQ_QUEUE_GRO_OFF | LBQ_QUEUE_LOW_LATENCY,
		[LBQ_TAP] = LBQ_QUEUE_MULTI,
		[LBQ_RAW] = 0,
		[LBQ_PUNT] = 0,
	};
	int32_t result;

	if (options->kind < LBQ_XDP || options->kind > LBQ_PUNT)
		return lbq_fail(LBQ_E_ARGUMENT, "queue kind %u: LBQ_XDP, LBQ_PACKET, LBQ_TAP, LBQ_RAW or LBQ_PUNT is accepted", options->kind);
	if (options->flags & ~flags_of[options->kind])
		return lbq_fail(LBQ_E_ARGUMENT, "queue flags 0x%x: this kind accepts those of 0x%x", options->flags,
				flags_of[options->kind]);
	if (options->fanout_group > UINT16_MAX)
		return lbq_fail(LBQ_E_ARGUMENT, "fanout_group %u: 0 to 65535 is accepted", options->fanout_group);
	if (options->rx_frames == 0)
		options->rx_frames = DEFAULT_RING;
	if (options->tx_frames == 0)
		options->tx_frames = DEFAULT_RING;
	result = check_ring("rx_frames", options->rx_frames);
	if (result == 0)
		result = check_ring("tx_frames", options->tx_frames);
	if (result == 0 && options->kind == LBQ_RAW && options->interface[0])
		return lbq_fail(LBQ_E_ARGUMENT, "interface %.15s: LBQ_RAW takes none, as routes choose it", options->interface);
	return result < 0 || options->kind == LBQ_RAW ? result : lbq_interface_name(options->interface);
}

/* Numbers of queues are not used twice within a pool: a frame still marked with an old number is nobody else's. Returns 0,
 * which is no queue's number, when they have run out. */
static uint16_t next_owner(struct lbq_pool *pool)
{
	uint32_t number;

	pthread_mutex_lock(&pool->lock);
	number = LBQ_OWNER_FIRST_QUEUE + pool->queues_opened;
	if (number <= UINT16_MAX)
		pool->queues_opened++;
	pthread_mutex_unlock(&pool->lock);
	if (number <= UINT16_MAX)
		return (uint16_t)number;
	lbq_fail(LBQ_E_LIMIT, "the pool has had %u AF_XDP queues, its limit; open a new one", UINT16_MAX - LBQ_OWNER_FIRST_QUEUE + 1);
	return 0;
}

static struct lbq_queue *open_kind(struct lbq_pool *pool, const struct lbq_queue_options *options)
{
	struct lbq_interface interface = { 0 };
	uint16_t owner;

	if (options->kind == LBQ_TAP)
		return lbq_tap_open(pool, options);
	if (options->kind == LBQ_RAW)
		return lbq_raw_open(pool);
	if (lbq_interface_find(options->interface, &interface) < 0)
		return NULL;
	if (options->kind == LBQ_PACKET)
		return lbq_packet_open(pool, options, &interface);
	if (options->kind == LBQ_PUNT)
		return lbq_punt_open(pool, options, &interface);
	owner = next_owner(pool);
	return owner ? lbq_xdp_open(pool, options, &interface, owner) : NULL;
}

static int32_t publish(struct lbq_queue *queue, struct lbq_pool *pool, uint32_t kind)
{
	int32_t result;

	queue->object.kind = LBQ_OBJECT_QUEUE;
	queue->object.destroy = queue_destroy;
	queue->object.info = queue_info;
	queue->object.stats = queue_stats;
	queue->pool = pool;
	queue->kind = kind;
	lbq_retain(&pool->object);
	result = lbq_handle_open(&queue->object);
	if (result < 0)
		queue_destroy(&queue->object);
	return result;
}

int32_t lbq_queue_open(int32_t pool_handle, const struct lbq_queue_options *options)
{
	struct lbq_queue_options checked;
	struct lbq_queue *queue;
	struct lbq_pool *pool;
	int32_t result;

	if (!options)
		return lbq_fail(LBQ_E_ARGUMENT, "lbq_queue_open: options is null");
	checked = *options;
	result = check(&checked);
	if (result < 0)
		return result;
	pool = (struct lbq_pool *)lbq_enter(pool_handle, LBQ_OBJECT_POOL);
	if (!pool)
		return -LBQ_E_HANDLE;
	queue = open_kind(pool, &checked);
	result = queue ? publish(queue, pool, checked.kind) : lbq_last_code();
	lbq_leave(&pool->object);
	return result;
}

int32_t lbq_queue_no_rx(struct lbq_queue *queue, uint32_t *offset, uint32_t *length, uint32_t max)
{
	(void)queue, (void)offset, (void)length, (void)max;
	return 0;
}

void lbq_queue_no_count(struct lbq_queue *queue)
{
	(void)queue;
}

/* Enters a queue and takes its pool's lock. Returns NULL with the error set. */
static struct lbq_queue *begin(int32_t handle, const uint32_t *offset, const uint32_t *length)
{
	struct lbq_queue *queue;

	if (!offset || !length) {
		lbq_fail(LBQ_E_ARGUMENT, "offset or length is null");
		return NULL;
	}
	queue = (struct lbq_queue *)lbq_enter(handle, LBQ_OBJECT_QUEUE);
	if (queue)
		pthread_mutex_lock(&queue->pool->lock);
	return queue;
}

static void end(struct lbq_queue *queue)
{
	pthread_mutex_unlock(&queue->pool->lock);
	lbq_leave(&queue->object);
}

int32_t lbq_rx(int32_t handle, uint32_t *offset, uint32_t *length, uint32_t max)
{
	struct lbq_queue *queue = begin(handle, offset, length);
	int32_t n;

	if (!queue)
		return lbq_last_code();
	n = queue->ops->rx(queue, offset, length, max);
	queue->count[LBQ_RX_PACKETS] += (uint32_t)n;
	for (int32_t i = 0; i < n; i++)
		queue->count[LBQ_RX_BYTES] += length[i];
	end(queue);
	return n;
}

int32_t lbq_tx(int32_t handle, const uint32_t *offset, const uint32_t *length, uint32_t n)
{
	struct lbq_queue *queue = begin(handle, offset, length);
	int32_t taken;

	if (!queue)
		return lbq_last_code();
	taken = queue->ops->tx(queue, offset, length, n);
	queue->count[LBQ_TX_FULL] += n - (uint32_t)taken;
	end(queue);
	return taken;
}
