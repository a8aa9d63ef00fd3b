/* Frames that the worker does not want, back to the kernel as if the interface had just received them. They are written to a
 * TAP of our own, "lbq-p" and the interface's index, whose only use is the program on its receiving side: it moves every frame
 * to the receiving side of the interface. All punt queues of an interface share the TAP, which goes with the last of them. */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../bpf/maps.h"
#include "error.h"
#include "filter.h"
#include "tap.h"

/* Below 1280 there is no IPv6, so the host does not send router solicitations there. Frames written to a TAP may be longer. */
#define TAP_MTU 576

struct punt_queue {
	struct lbq_queue queue;
	struct lbq_punt_header header;
	uint32_t header_bytes;
};

static int32_t punt_tx(struct lbq_queue *queue, const uint32_t *offset, const uint32_t *length, uint32_t n)
{
	struct punt_queue *punt = (struct punt_queue *)queue;

	return lbq_tap_send(queue, (struct iovec){ &punt->header, punt->header_bytes }, offset, length, n);
}

static const struct lbq_queue_ops punt_ops = { lbq_queue_no_rx, punt_tx, lbq_queue_no_count, lbq_tap_close };

/* skb->queue_mapping = 0; return bpf_redirect(index, BPF_F_INGRESS); the number of the TAP's queue, which would be taken for one
 * of the interface's, goes first. */
static int32_t load(uint32_t index)
{
	const struct bpf_insn program[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2, .imm = 0 },
		{ .code = BPF_STX | BPF_MEM | BPF_W, .dst_reg = BPF_REG_1, .src_reg = BPF_REG_2,
		  .off = offsetof(struct __sk_buff, queue_mapping) },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_1, .imm = (int32_t)index },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2, .imm = BPF_F_INGRESS },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_redirect },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "lb_punt", "Apache-2.0", program, sizeof(program) / sizeof(program[0]), NULL);

	return fd < 0 ? lbq_fail_errno(errno, "bpf_prog_load", "lb_punt") : fd;
}

/* Any number of times on one TAP: the same program then takes its own place. */
static int32_t attach_program(const char *tap, uint32_t index)
{
	struct lbq_interface interface;
	LIBBPF_OPTS(bpf_tc_hook, hook, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, options, .handle = 1, .priority = 1, .flags = BPF_TC_F_REPLACE);
	int32_t program, result = lbq_interface_find(tap, &interface);
	int error;

	if (result < 0 || (program = load(index)) < 0)
		return result < 0 ? result : program;
	hook.ifindex = (int)interface.index;
	options.prog_fd = program;
	error = -bpf_tc_hook_create(&hook);
	if (!error || error == EEXIST)
		error = -bpf_tc_attach(&hook, &options);
	/* The TAP keeps it. */
	close(program);
	/* ENOENT: the kernel has no sch_ingress or cls_bpf. */
	return error ? lbq_fail_errno(error == ENOENT ? EOPNOTSUPP : error, "attach tc program to", tap) : 0;
}

static int32_t set_up(struct punt_queue *punt)
{
	uint32_t index = punt->queue.interface.index;
	char tap[16];
	int32_t result;

	snprintf(tap, sizeof(tap), "lbq-p%u", index);
	result = lbq_tap_attach(&punt->queue, tap, 1);
	if (result == 0)
		result = attach_program(tap, index);
	return result == 0 ? lbq_interface_up(tap, TAP_MTU) : result;
}

struct lbq_queue *lbq_punt_open(struct lbq_pool *pool, const struct lbq_queue_options *options,
				const struct lbq_interface *interface)
{
	struct lbq_filter *filter = lbq_filter_enter(options->filter, interface);
	struct punt_queue *punt = filter ? calloc(1, sizeof(*punt)) : NULL;

	if (!filter)
		return NULL;
	if (punt) {
		punt->queue.ops = &punt_ops;
		punt->queue.pool = pool;
		punt->queue.interface = *interface;
		punt->queue.sends_only = 1;
		punt->queue.fd = -1;
		punt->header.type = htons(LBQ_PUNT_TYPE);
		punt->header.cookie = filter->cookie;
		/* A native program runs in the driver, before the place that the frames come back to. */
		punt->header_bytes = filter->mode == LBQ_MODE_GENERIC ? sizeof(punt->header) : 0;
	} else {
		lbq_fail_errno(ENOMEM, "calloc", "");
	}
	lbq_leave(&filter->object);
	lbq_filter_quiet();
	if (punt && set_up(punt) < 0) {
		lbq_tap_close(&punt->queue);
		return NULL;
	}
	return punt ? &punt->queue : NULL;
}
