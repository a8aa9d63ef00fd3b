#ifndef LBQ_FILTER_OBJECT_H
#define LBQ_FILTER_OBJECT_H

#include <bpf/libbpf.h>
#include <pthread.h>

#include "handle.h"
#include "interface.h"

struct lbq_filter {
	struct lbq_object object;
	struct lbq_interface interface;
	struct bpf_object *program;
	int link; /* fd of the bpf_link: the kernel detaches the program when it is closed */
	uint64_t cookie; /* generic mode: by which the program knows the frames of LBQ_PUNT */
	int sockets; /* fd of the map that takes a receive queue to its AF_XDP socket */
	uint32_t mode;
	pthread_mutex_t lock; /* one lbq_filter_set at a time */
};

/* lbq_enter for the filter of a queue; it must be attached to the queue's interface. */
struct lbq_filter *lbq_filter_enter(int32_t handle, const struct lbq_interface *interface);

/* libbpf explains failures only on its log: keeps its last warning of this thread instead of printing it. */
void lbq_filter_quiet(void);

#endif
