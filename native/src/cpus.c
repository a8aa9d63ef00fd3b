/* Which CPUs threads run on. */
#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>

#include "error.h"
#include "lbqueue.h"

static int32_t bad_cpu(uint32_t cpu)
{
	return lbq_fail(LBQ_E_ARGUMENT, "cpu %u: 0 to %d is accepted", cpu, CPU_SETSIZE - 1);
}

int32_t lbq_pin(uint32_t cpu)
{
	cpu_set_t set;

	if (cpu >= CPU_SETSIZE)
		return bad_cpu(cpu);
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) < 0)
		return errno == EINVAL ? lbq_fail(LBQ_E_ARGUMENT, "cpu %u: this machine or control group does not have it", cpu) :
					 lbq_fail_errno(errno, "sched_setaffinity", "");
	return 0;
}

static int32_t move_threads(const cpu_set_t *set)
{
	DIR *threads = opendir("/proc/self/task");
	struct dirent *entry;

	if (!threads)
		return lbq_fail_errno(errno, "opendir", "/proc/self/task");
	while ((entry = readdir(threads))) {
		pid_t thread = (pid_t)atol(entry->d_name);

		/* One that has just ended needs no place. */
		if (thread > 0)
			(void)sched_setaffinity(thread, sizeof(*set), set);
	}
	closedir(threads);
	return 0;
}

int32_t lbq_keep_off(const uint32_t *cpus, uint32_t n)
{
	cpu_set_t set;
	int32_t result;

	if (n && !cpus)
		return lbq_fail(LBQ_E_ARGUMENT, "lbq_keep_off: cpus is null");
	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return lbq_fail_errno(errno, "sched_getaffinity", "");
	for (uint32_t i = 0; i < n; i++) {
		if (cpus[i] >= CPU_SETSIZE)
			return bad_cpu(cpus[i]);
		CPU_CLR(cpus[i], &set);
	}
	if (CPU_COUNT(&set) == 0)
		return 0;
	result = move_threads(&set);
	return result < 0 ? result : CPU_COUNT(&set);
}
