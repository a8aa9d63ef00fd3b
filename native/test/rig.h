/* What most queue tests start from: a pool, and queues on it. */
#ifndef LBQ_TEST_RIG_H
#define LBQ_TEST_RIG_H

#include "check.h"

static inline int32_t rig_pool(uint32_t frames, uint32_t frame_size)
{
	int32_t memory = lbq_memory_open(NULL, (uint64_t)frames * frame_size, 0);
	int32_t pool = lbq_pool_open(memory, frame_size);

	CHECK_GT(pool, 0);
	CHECK_EQ(lbq_close(memory), 0);
	return pool;
}

static inline struct lbq_queue_options rig_options(uint32_t kind, const char *interface)
{
	struct lbq_queue_options options = { .kind = kind, .rx_frames = 256, .tx_frames = 256 };

	strcpy(options.interface, interface);
	return options;
}

static inline int32_t rig_xdp(int32_t pool, int32_t filter, const char *interface, uint32_t queue)
{
	struct lbq_queue_options options = rig_options(LBQ_XDP, interface);
	int32_t handle;

	options.filter = filter;
	options.queue = queue;
	handle = lbq_queue_open(pool, &options);
	CHECK_GT(handle, 0);
	return handle;
}

static inline int32_t rig_queue(int32_t pool, uint32_t kind, const char *interface, uint32_t flags)
{
	struct lbq_queue_options options = rig_options(kind, interface);
	int32_t handle;

	options.flags = flags;
	handle = lbq_queue_open(pool, &options);
	CHECK_GT(handle, 0);
	return handle;
}

static inline uint8_t *rig_base(int32_t handle)
{
	struct lbq_info info;

	CHECK_EQ(lbq_info(handle, &info), 0);
	return (uint8_t *)(uintptr_t)info.address;
}

static inline uint32_t rig_mode(int32_t handle)
{
	struct lbq_info info;

	CHECK_EQ(lbq_info(handle, &info), 0);
	return info.mode;
}

static inline void rig_prefix(int32_t filter, uint32_t operation, const uint8_t address[4], uint8_t bits)
{
	struct lbq_filter_entry entry = { .family = 4, .prefix_length = bits };

	memcpy(entry.address, address, 4);
	CHECK_EQ(lbq_filter_set(filter, LBQ_FILTER_PREFIX, operation, &entry, 1), 1);
}

static const uint8_t rig_vip[4] = { 198, 51, 100, 0 }; /* /24: RFC 5737 */

#endif
