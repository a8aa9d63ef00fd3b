#ifndef LBQ_TAP_H
#define LBQ_TAP_H

#include <sys/uio.h>

#include "queue.h"

/* Opens queue->fd on the TAP `name`, which is made if it does not exist and gets its number if it has a %d. */
int32_t lbq_tap_attach(struct lbq_queue *queue, char name[16], int several_queues);

/* Sends frames with `header`, which may be empty, in front of each. */
int32_t lbq_tap_send(struct lbq_queue *queue, struct iovec header, const uint32_t *offset, const uint32_t *length, uint32_t n);

void lbq_tap_close(struct lbq_queue *queue);

#endif
