#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <time.h>

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

static int32_t wait_for(struct pollfd *fds, uint32_t n, uint32_t timeout_us)
{
	int64_t end = now_ns() + (int64_t)timeout_us * 1000;
	int64_t left = (int64_t)timeout_us * 1000;

	for (int errors = 0;;) {
		struct timespec timeout = { left / 1000000000, left % 1000000000 };
		int polled = ppoll(fds, n, &timeout, NULL);
		int32_t ready;

		if (polled < 0 && errno != EINTR)
			return lbq_fail_errno(errno, "ppoll", "");
		/* A signal is for the caller to act upon. */
		if (polled <= 0)
			return 0;
		ready = ready_count(fds, n);
		left = end - now_ns();
		/* An error that does not clear must not make this spin: sleep the rest out without its events. */
		if (ready || left <= 0)
			return ready;
		if (++errors > 2) {
			for (uint32_t i = 0; i < n; i++) {
				if (fds[i].revents & (POLLERR | POLLHUP | POLLNVAL))
					fds[i].fd = -1;
			}
		}
	}
}

int32_t lbq_wait(const int32_t *queues, uint32_t n, uint32_t timeout_us)
{
	struct lbq_queue *entered[MAX_WAIT];
	struct pollfd fds[MAX_WAIT];
	uint32_t i;
	int32_t result = 0;

	if (n == 0 || n > MAX_WAIT || !queues)
		return lbq_fail(LBQ_E_ARGUMENT, "lbq_wait: %u queues; 1 to %d are accepted", n, MAX_WAIT);
	for (i = 0; i < n; i++) {
		entered[i] = (struct lbq_queue *)lbq_enter(queues[i], LBQ_OBJECT_QUEUE);
		if (!entered[i]) {
			result = -LBQ_E_HANDLE;
			break;
		}
		fds[i] = (struct pollfd){ .fd = entered[i]->fd, .events = POLLIN };
	}
	if (result == 0)
		result = wait_for(fds, n, timeout_us);
	while (i-- > 0)
		lbq_leave(&entered[i]->object);
	return result;
}

int32_t lbq_pin(uint32_t cpu)
{
	cpu_set_t set;

	if (cpu >= CPU_SETSIZE)
		return lbq_fail(LBQ_E_ARGUMENT, "cpu %u: 0 to %d is accepted", cpu, CPU_SETSIZE - 1);
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) < 0)
		return errno == EINVAL ? lbq_fail(LBQ_E_ARGUMENT, "cpu %u: this machine or control group does not have it", cpu) :
					 lbq_fail_errno(errno, "sched_setaffinity", "");
	return 0;
}
