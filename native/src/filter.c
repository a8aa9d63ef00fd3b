/* The XDP filter program: load, attach, counters. */
#include "filter.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "lbqueue.h"

extern const uint8_t lbq_filter_object[], lbq_filter_object_end[];

static _Thread_local char warning[160];

static int keep_warning(enum libbpf_print_level level, const char *format, va_list arguments)
{
	if (level == LIBBPF_WARN)
		vsnprintf(warning, sizeof(warning), format, arguments);
	return 0;
}

void lbq_filter_quiet(void)
{
	libbpf_set_print(keep_warning);
}

static int32_t set_cookie(struct lbq_filter *filter)
{
	uint32_t key = 0;

	if (getrandom(&filter->cookie, sizeof(filter->cookie), 0) != sizeof(filter->cookie))
		return lbq_fail_errno(errno, "getrandom", "");
	if (bpf_map_update_elem(bpf_object__find_map_fd_by_name(filter->program, "punt_cookie"), &key, &filter->cookie, BPF_ANY) < 0)
		return lbq_fail_errno(errno, "bpf_map_update_elem", "punt_cookie");
	return 0;
}

static int32_t load(struct lbq_filter *filter)
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "lb_filter");
	int error;

	filter->program = bpf_object__open_mem(lbq_filter_object, (size_t)(lbq_filter_object_end - lbq_filter_object), &options);
	if (!filter->program)
		return lbq_fail_errno(errno, "bpf_object__open_mem", "lb_filter");
	warning[0] = 0;
	error = -bpf_object__load(filter->program);
	if (error) {
		int32_t result = lbq_fail_errno(error, "bpf_object__load", "lb_filter");

		warning[strcspn(warning, "\n")] = 0;
		if (result == -LBQ_E_PERMISSION || !warning[0])
			return result;
		return lbq_fail(-result, "bpf_object__load lb_filter: errno %d, %s", error, warning);
	}
	filter->sockets = bpf_object__find_map_fd_by_name(filter->program, "sockets");
	return set_cookie(filter);
}

static int attach_mode(struct lbq_filter *filter, uint32_t flags)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = flags);
	int program = bpf_program__fd(bpf_object__find_program_by_name(filter->program, "lb_filter"));

	filter->link = bpf_link_create(program, (int)filter->interface.index, BPF_XDP, &options);
	return filter->link < 0 ? errno : 0;
}

/* Records why native mode failed. */
static int32_t fail_native(int error, const char *name)
{
	if (error == ERANGE)
		return lbq_fail(LBQ_E_UNSUPPORTED, "attach native XDP to %s: its MTU is too large for the driver (errno %d)", name, error);
	if (error == ENOSPC)
		return lbq_fail(LBQ_E_UNSUPPORTED, "attach native XDP to %s: too few queues; a veth end needs as many for receiving as its peer has for sending (errno %d)",
				name, error);
	return lbq_fail_errno(error, "attach native XDP to", name);
}

static int32_t attach(struct lbq_filter *filter, uint32_t flags)
{
	const char *name = filter->interface.name;
	int error;

	if (!(flags & LBQ_FILTER_FORCE_GENERIC)) {
		int32_t result;

		filter->mode = LBQ_MODE_NATIVE;
		error = attach_mode(filter, XDP_FLAGS_DRV_MODE);
		if (!error)
			return 0;
		result = fail_native(error, name);
		/* Generic mode would not cure these; anything else it may. */
		if (error == EBUSY || error == EEXIST || error == EPERM || flags & LBQ_FILTER_FORCE_NATIVE)
			return result;
	}
	filter->mode = LBQ_MODE_GENERIC;
	error = attach_mode(filter, XDP_FLAGS_SKB_MODE);
	return error ? lbq_fail_errno(error, "attach generic XDP to", name) : 0;
}

static void filter_destroy(struct lbq_object *object)
{
	struct lbq_filter *filter = (struct lbq_filter *)object;

	if (filter->link >= 0)
		close(filter->link);
	bpf_object__close(filter->program);
	pthread_mutex_destroy(&filter->lock);
	free(filter);
}

static int32_t filter_info(struct lbq_object *object, void *to)
{
	struct lbq_filter *filter = (struct lbq_filter *)object;
	struct lbq_info *info = to;

	info->mode = filter->mode;
	info->fd = filter->link;
	info->interface_index = filter->interface.index;
	info->mtu = filter->interface.mtu;
	memcpy(info->mac, filter->interface.mac, sizeof(info->mac));
	memcpy(info->interface, filter->interface.name, sizeof(info->interface));
	return 0;
}

static int32_t filter_stats(struct lbq_object *object, uint64_t *values, uint32_t n)
{
	struct lbq_filter *filter = (struct lbq_filter *)object;
	int map = bpf_object__find_map_fd_by_name(filter->program, "counters");
	int cpus = libbpf_num_possible_cpus();
	uint64_t *each = cpus > 0 ? calloc((size_t)cpus, sizeof(*each)) : NULL;
	uint32_t reason;

	if (!each)
		return lbq_fail_errno(ENOMEM, "calloc", "");
	for (reason = 0; reason < n && reason < LBQ_FILTER_REASONS; reason++) {
		if (bpf_map_lookup_elem(map, &reason, each) < 0) {
			free(each);
			return lbq_fail_errno(errno, "bpf_map_lookup_elem", filter->interface.name);
		}
		values[reason] = 0;
		for (int cpu = 0; cpu < cpus; cpu++)
			values[reason] += each[cpu];
	}
	free(each);
	return (int32_t)reason;
}

struct lbq_filter *lbq_filter_enter(int32_t handle, const struct lbq_interface *interface)
{
	struct lbq_filter *filter = (struct lbq_filter *)lbq_enter(handle, LBQ_OBJECT_FILTER);

	if (!filter || filter->interface.index == interface->index)
		return filter;
	lbq_fail(LBQ_E_ARGUMENT, "filter %d is attached to %s, the queue is on %s", handle, filter->interface.name, interface->name);
	lbq_leave(&filter->object);
	return NULL;
}

int32_t lbq_filter_open(const char *name, uint32_t flags)
{
	struct lbq_filter *filter;
	int32_t result;

	if (flags > LBQ_FILTER_FORCE_GENERIC)
		return lbq_fail(LBQ_E_ARGUMENT, "filter flags 0x%x: 0, LBQ_FILTER_FORCE_NATIVE or LBQ_FILTER_FORCE_GENERIC is accepted",
				flags);
	filter = calloc(1, sizeof(*filter));
	if (!filter)
		return lbq_fail_errno(ENOMEM, "calloc", "");
	filter->object.kind = LBQ_OBJECT_FILTER;
	filter->object.destroy = filter_destroy;
	filter->object.info = filter_info;
	filter->object.stats = filter_stats;
	filter->link = -1;
	pthread_mutex_init(&filter->lock, NULL);
	lbq_filter_quiet();
	result = lbq_interface_find(name, &filter->interface);
	if (result == 0)
		result = load(filter);
	if (result == 0)
		result = attach(filter, flags);
	if (result == 0)
		result = lbq_handle_open(&filter->object);
	if (result < 0)
		filter_destroy(&filter->object);
	return result;
}
