#ifndef LBQ_MEMORY_H
#define LBQ_MEMORY_H

#include <stdatomic.h>
#include <stddef.h>

#include "handle.h"

struct lbq_memory {
	struct lbq_object object;
	uint8_t *address;
	size_t bytes;
	uint32_t pages; /* LBQ_PAGES_* */
	uint32_t existed;
	int fd;
	atomic_flag pooled;
};

#endif
