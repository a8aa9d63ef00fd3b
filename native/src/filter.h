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
	int sockets; /* fd of the map that takes a receive queue to its AF_XDP socket */
	uint32_t mode;
	pthread_mutex_t lock; /* one lbq_filter_set at a time */
};

#endif
