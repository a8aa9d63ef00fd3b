#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "error.h"
#include "queue.h"

#define MAX_WAIT 64

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ll + now.tv_nsec;
}

/* A socket error (an interface that went down) makes poll return at once until it is read; it is nothing to receive. */
static void clear_error(int fd)
{
	int error;
	socklen_t size = sizeof(error);

	(void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
}

static int32_t ready_count(const struct pollfd *fds, uint32_t n)
{
	int32_t ready = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (fds[i].revents & POLLIN)
			ready++;
		if (fds[i].revents & POLLERR)
			clear_error(fds[i].fd);
	}
	return ready;
}

/* What a wait listens to: the queues, then each pool of theirs once. */
struct wait_set {
	struct pollfd fds[2 * MAX_WAIT];
	uint32_t queues;
	uint32_t all;
};

static void add_pool(struct wait_set *set, const struct lbq_pool *pool)
{
	for (uint32_t i = set->queues; i < set->all; i++) {
		if (set->fds[i].fd == pool->wake)
			return;
	}
	set->fds[set->all++] = (struct pollfd){ .fd = pool->wake, .events = POLLIN };
}

/* Takes the calls of lbq_wake so far. */
static int take_wakes(const struct wait_set *set)
{
	int woken = 0;

	for (uint32_t i = set->queues; i < set->all; i++) {
		uint64_t calls;

		if (set->fds[i].revents & POLLIN && read(set->fds[i].fd, &calls, sizeof(calls)) > 0)
			woken = 1;
	}
	return woken;
}

static int32_t wait_for(struct wait_set *set, uint32_t timeout_us)
{
	int64_t end = now_ns() + (int64_t)timeout_us * 1000;
	int64_t left = (int64_t)timeout_us * 1000;

	for (int errors = 0;;) {
		struct timespec timeout = { left / 1000000000, left % 1000000000 };
		int polled = ppoll(set->fds, set->all, &timeout, NULL);
		int32_t ready;

		if (polled < 0 && errno != EINTR)
			return lbq_fail_errno(errno, "ppoll", "");
		/* A signal is for the caller to act upon. */
		if (polled <= 0)
			return 0;
		ready = ready_count(set->fds, set->queues);
		left = end - now_ns();
		/* An error that does not clear must not make this spin: sleep the rest out without its events. */
		if (take_wakes(set) || ready || left <= 0)
			return ready;
		if (++errors > 2) {
			for (uint32_t i = 0; i < set->queues; i++) {
				if (set->fds[i].revents & (POLLERR | POLLHUP | POLLNVAL))
					set->fds[i].fd = -1;
			}
		}
	}
}

static int poll_fd(const struct lbq_object *object)
{
	const struct lbq_queue *queue = (const struct lbq_queue *)object;

	/* poll() passes over -1. */
	return object->kind == LBQ_OBJECT_QUEUE && !queue->sends_only ? queue->fd : -1;
}

static const struct lbq_pool *pool_of(const struct lbq_object *object)
{
	return object->kind == LBQ_OBJECT_POOL ? (const struct lbq_pool *)object : ((const struct lbq_queue *)object)->pool;
}

int32_t lbq_wait(const int32_t *handles, uint32_t n, uint32_t timeout_us)
{
	struct lbq_object *entered[MAX_WAIT];
	struct wait_set set = { .queues = n, .all = n };
	uint32_t i;
	int32_t result = 0;

	if (n == 0 || n > MAX_WAIT || !handles)
		return lbq_fail(LBQ_E_ARGUMENT, "lbq_wait: %u queues; 1 to %d are accepted", n, MAX_WAIT);
	for (i = 0; i < n; i++) {
		entered[i] = lbq_enter(handles[i], LBQ_OBJECT_POOL | LBQ_OBJECT_QUEUE);
		if (!entered[i]) {
			result = -LBQ_E_HANDLE;
			break;
		}
		set.fds[i] = (struct pollfd){ .fd = poll_fd(entered[i]), .events = POLLIN };
		add_pool(&set, pool_of(entered[i]));
	}
	if (result == 0)
		result = wait_for(&set, timeout_us);
	while (i-- > 0)
		lbq_leave(entered[i]);
	return result;
}
