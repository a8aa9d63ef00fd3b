#ifndef LBQ_XDP_H
#define LBQ_XDP_H

#include <xdp/xsk.h>

#include "queue.h"

struct xdp_queue {
	struct lbq_queue queue;
	struct xsk_umem *umem;
	struct xsk_socket *socket;
	struct xsk_ring_cons rx, completion;
	struct xsk_ring_prod tx, fill;
	uint32_t filled; /* frames in the fill and receive rings */
	uint32_t sent; /* frames in the transmit and completion rings */
};

/* Keeps the fill ring as full as the pool allows; with the pool's lock held. */
void lbq_xdp_refill(struct xdp_queue *xdp);

extern const struct lbq_queue_ops lbq_xdp_ops;

#endif
