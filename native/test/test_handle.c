/* Handles: stale numbers, wrong kinds, the full table, one thread closing what another uses, and waking one. Needs no rights. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#include "check.h"

static void numbers(void)
{
	int32_t first = lbq_memory_open(NULL, 4096, 0), second;
	uint32_t offset;
	struct lbq_info info;

	CHECK_EQ(lbq_close(first), 0);
	second = lbq_memory_open(NULL, 4096, 0);
	CHECK(first != second);
	CHECK_EQ(lbq_close(first), -LBQ_E_HANDLE);
	CHECK_EQ(lbq_info(first, &info), -LBQ_E_HANDLE);
	CHECK_EQ(lbq_info(second, NULL), -LBQ_E_ARGUMENT);
	CHECK_EQ(lbq_alloc(second, &offset, 1), -LBQ_E_HANDLE);
	check_text("another kind");
	for (int32_t handle = -3; handle < 3; handle++)
		CHECK_EQ(lbq_close(handle), -LBQ_E_HANDLE);
	CHECK_EQ(lbq_close(INT32_MAX), -LBQ_E_HANDLE);
	CHECK_EQ(lbq_close(INT32_MIN), -LBQ_E_HANDLE);
	CHECK_EQ(lbq_close(second), 0);
}

static void full_table(void)
{
	static int32_t handles[1100];
	int n = 0;

	while ((handles[n] = lbq_memory_open(NULL, 4096, 0)) > 0)
		n++;
	CHECK_EQ(n, 1024);
	CHECK_EQ(handles[n], -LBQ_E_LIMIT);
	while (n-- > 0)
		CHECK_EQ(lbq_close(handles[n]), 0);
}

static _Atomic int32_t shared;
static _Atomic int rounds_left;

/* Uses whatever pool is there; every call either works or says LBQ_E_HANDLE. */
static void *use(void *nothing)
{
	while (atomic_load(&rounds_left) > 0) {
		uint32_t offset[8];
		int32_t pool = atomic_load(&shared), n = lbq_alloc(pool, offset, 8), freed;

		if (n == -LBQ_E_HANDLE)
			continue;
		CHECK_GE(n, 0);
		freed = lbq_free(pool, offset, (uint32_t)n);
		CHECK(freed == n || freed == -LBQ_E_HANDLE);
	}
	return nothing;
}

static void closing_under_use(void)
{
	pthread_t threads[2];

	atomic_store(&rounds_left, 2000);
	for (int i = 0; i < 2; i++)
		CHECK_EQ(pthread_create(&threads[i], NULL, use, NULL), 0);
	while (atomic_fetch_sub(&rounds_left, 1) > 1) {
		int32_t memory = lbq_memory_open(NULL, 16 * 2048, 0), pool = lbq_pool_open(memory, 2048);

		CHECK_GT(pool, 0);
		CHECK_EQ(lbq_close(memory), 0);
		atomic_store(&shared, pool);
		CHECK_EQ(lbq_close(pool), 0);
	}
	for (int i = 0; i < 2; i++)
		CHECK_EQ(pthread_join(threads[i], NULL), 0);
}

/* Longer than the test may take. */
#define FOREVER 600000000

static void *wait_forever(void *pool)
{
	/* Several times: the call may come before the wait or within it. */
	for (int i = 0; i < 100; i++) {
		CHECK_EQ(lbq_wait(pool, 1, FOREVER), 0);
		atomic_fetch_sub(&rounds_left, 1);
	}
	return NULL;
}

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000ll + now.tv_nsec / 1000;
}

static void waking(void)
{
	int32_t memory[2], pool[2];
	pthread_t thread;
	int64_t start;

	for (int i = 0; i < 2; i++) {
		memory[i] = lbq_memory_open(NULL, 16 * 2048, 0);
		pool[i] = lbq_pool_open(memory[i], 2048);
		CHECK_GT(pool[i], 0);
	}
	CHECK_EQ(lbq_wait(pool, 2, 1000), 0);
	/* Any of the pools; one that is named twice; calls before the wait. They count as one. */
	for (int i = 0; i < 2; i++) {
		int32_t same[2] = { pool[i], pool[i] };

		CHECK_EQ(lbq_wake(pool[i]), 0);
		CHECK_EQ(lbq_wake(pool[i]), 0);
		CHECK_EQ(lbq_wait(i ? pool : same, 2, FOREVER), 0);
		start = now_us();
		CHECK_EQ(lbq_wait(pool, 2, 5000), 0);
		CHECK_GE(now_us() - start, 5000);
	}
	atomic_store(&rounds_left, 100);
	CHECK_EQ(pthread_create(&thread, NULL, wait_forever, &pool[0]), 0);
	for (int left = 100; left > 0; left--) {
		CHECK_EQ(lbq_wake(pool[0]), 0);
		while (atomic_load(&rounds_left) >= left)
			;
	}
	CHECK_EQ(pthread_join(thread, NULL), 0);
	CHECK_EQ(lbq_wake(memory[0]), -LBQ_E_HANDLE);
	CHECK_EQ(lbq_wait(memory, 1, 0), -LBQ_E_HANDLE);
	for (int i = 0; i < 2; i++) {
		CHECK_EQ(lbq_close(pool[i]), 0);
		CHECK_EQ(lbq_close(memory[i]), 0);
		CHECK_EQ(lbq_wake(pool[i]), -LBQ_E_HANDLE);
	}
}

static void *wait_for_end(void *end)
{
	pthread_mutex_lock(end);
	pthread_mutex_unlock(end);
	return NULL;
}

static int may_run_on(pthread_t thread, uint32_t cpu)
{
	cpu_set_t set;

	CHECK_EQ(pthread_getaffinity_np(thread, sizeof(set), &set), 0);
	return CPU_ISSET(cpu, &set) != 0;
}

/* Both threads leave the CPUs named, if others are left to them; a thread of theirs can be bound there all the same. */
static void cpus(void)
{
	pthread_mutex_t end = PTHREAD_MUTEX_INITIALIZER;
	uint32_t all[CPU_SETSIZE], n = 0, wrong = CPU_SETSIZE;
	pthread_t other;

	pthread_mutex_lock(&end);
	CHECK_EQ(pthread_create(&other, NULL, wait_for_end, &end), 0);
	for (uint32_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (may_run_on(pthread_self(), cpu))
			all[n++] = cpu;
	}
	CHECK_EQ(lbq_keep_off(all, n), 0);
	CHECK(may_run_on(other, all[n - 1]));
	CHECK_EQ(lbq_keep_off(&wrong, 1), -LBQ_E_ARGUMENT);
	CHECK_EQ(lbq_keep_off(NULL, 1), -LBQ_E_ARGUMENT);
	if (n > 1) {
		CHECK_EQ(lbq_keep_off(&all[n - 1], 1), (int32_t)n - 1);
		CHECK(!may_run_on(other, all[n - 1]) && !may_run_on(pthread_self(), all[n - 1]));
		CHECK(may_run_on(other, all[0]) && may_run_on(pthread_self(), all[0]));
		CHECK_EQ(lbq_pin(all[n - 1]), 0);
		CHECK(may_run_on(pthread_self(), all[n - 1]) && !may_run_on(other, all[n - 1]));
	}
	pthread_mutex_unlock(&end);
	CHECK_EQ(pthread_join(other, NULL), 0);
}

int main(void)
{
	char small[8];

	numbers();
	full_table();
	closing_under_use();
	waking();
	CHECK_EQ(lbq_close(0), -LBQ_E_HANDLE);
	CHECK_EQ(lbq_last_error(small, sizeof(small)), 7);
	CHECK_EQ(strcmp(small, "handle "), 0);
	CHECK_EQ(lbq_last_error(NULL, 4), -LBQ_E_ARGUMENT);
	cpus();
	CHECK_EQ(lbq_pin(0), 0);
	CHECK_EQ(lbq_pin(100000), -LBQ_E_ARGUMENT);
	return 0;
}
