#include "handle.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

#include "error.h"
#include "lbqueue.h"

/* A handle is generation << SLOT_BITS | slot; the generation makes an old number of a reused slot invalid. */
#define SLOT_BITS 10
#define SLOTS (1u << SLOT_BITS)
#define GENERATION_MASK 0x1fffffu

struct slot {
	/* handle << 32 | users; the handle part is 0 once closed. */
	_Atomic uint64_t word;
	/* Atomic as lbq_enter reads it for a slot that may just be reused; the compare-and-swap then tells. */
	_Atomic(struct lbq_object *) object;
	uint32_t generation;
};

static struct slot slots[SLOTS];
static pthread_mutex_t slots_lock = PTHREAD_MUTEX_INITIALIZER;

int32_t lbq_handle_open(struct lbq_object *object)
{
	int32_t handle = 0;

	pthread_mutex_lock(&slots_lock);
	for (uint32_t i = 0; i < SLOTS && !handle; i++) {
		struct slot *slot = &slots[i];

		if (atomic_load(&slot->object))
			continue;
		slot->generation = (slot->generation + 1) & GENERATION_MASK;
		if (slot->generation == 0)
			slot->generation = 1;
		handle = (int32_t)(slot->generation << SLOT_BITS | i);
		object->slot = i;
		atomic_store(&slot->object, object);
		atomic_store(&slot->word, (uint64_t)(uint32_t)handle << 32 | 1);
	}
	pthread_mutex_unlock(&slots_lock);
	if (!handle)
		return lbq_fail(LBQ_E_LIMIT, "all %u handles are in use", SLOTS);
	return handle;
}

struct lbq_object *lbq_enter(int32_t handle, int kinds)
{
	struct slot *slot = &slots[(uint32_t)handle & (SLOTS - 1)];
	uint64_t word = atomic_load_explicit(&slot->word, memory_order_acquire);
	struct lbq_object *object;

	do {
		if (handle <= 0 || word >> 32 != (uint32_t)handle) {
			lbq_fail(LBQ_E_HANDLE, "handle %d is not open", handle);
			return NULL;
		}
	} while (!atomic_compare_exchange_weak_explicit(&slot->word, &word, word + 1, memory_order_acq_rel,
							memory_order_acquire));
	object = atomic_load_explicit(&slot->object, memory_order_relaxed);
	if (object->kind & kinds)
		return object;
	lbq_leave(object);
	lbq_fail(LBQ_E_HANDLE, "handle %d is of another kind than this call takes", handle);
	return NULL;
}

void lbq_retain(struct lbq_object *object)
{
	atomic_fetch_add_explicit(&slots[object->slot].word, 1, memory_order_relaxed);
}

void lbq_leave(struct lbq_object *object)
{
	struct slot *slot = &slots[object->slot];

	/* The handle part can only be 0 here if closed, so the whole word is 1 for the very last user. */
	if (atomic_fetch_sub_explicit(&slot->word, 1, memory_order_acq_rel) != 1)
		return;
	object->destroy(object);
	pthread_mutex_lock(&slots_lock);
	atomic_store(&slot->object, NULL);
	pthread_mutex_unlock(&slots_lock);
}

int32_t lbq_close(int32_t handle)
{
	struct slot *slot = &slots[(uint32_t)handle & (SLOTS - 1)];
	uint64_t word = atomic_load(&slot->word);

	do {
		if (handle <= 0 || word >> 32 != (uint32_t)handle)
			return lbq_fail(LBQ_E_HANDLE, "handle %d is not open", handle);
	} while (!atomic_compare_exchange_weak(&slot->word, &word, word & UINT32_MAX));
	lbq_leave(atomic_load(&slot->object));
	return 0;
}

int32_t lbq_info(int32_t handle, struct lbq_info *info)
{
	struct lbq_object *object = lbq_enter(handle, ~0);
	int32_t result;

	if (!object)
		return -LBQ_E_HANDLE;
	if (info) {
		*info = (struct lbq_info){ .fd = -1 };
		result = object->info(object, info);
	} else {
		result = lbq_fail(LBQ_E_ARGUMENT, "lbq_info: info is null");
	}
	lbq_leave(object);
	return result;
}

int32_t lbq_stats(int32_t handle, uint64_t *values, uint32_t n)
{
	struct lbq_object *object = lbq_enter(handle, LBQ_OBJECT_POOL | LBQ_OBJECT_FILTER | LBQ_OBJECT_QUEUE);
	int32_t result;

	if (!object)
		return -LBQ_E_HANDLE;
	result = values ? object->stats(object, values, n) : lbq_fail(LBQ_E_ARGUMENT, "lbq_stats: values is null");
	lbq_leave(object);
	return result;
}
