/* AF_PACKET queues: a receive ring and a transmit ring, each on a socket of its own so that each can have the version of the
 * ring that suits it. Frames are copied between the rings and the pool. */
#ifndef LBQ_PACKET_QUEUE_H
#define LBQ_PACKET_QUEUE_H

#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <sys/socket.h>

#include "queue.h"

#define LBQ_PACKET_BLOCK 65536u
#define LBQ_PACKET_LINE 64 /* bytes of a cache line */
#define LBQ_PACKET_AHEAD 6 /* how many slots before its turn the lines of one are fetched */

struct packet_ring {
	int fd;
	uint8_t *ring;
	size_t bytes;
	uint32_t slot_bytes;
	uint32_t slots;
	uint32_t next;
	uint32_t version; /* enum tpacket_versions */
};

struct packet_queue {
	struct lbq_queue queue;
	struct packet_ring rx, tx;
	/* TPACKET_V3: the block being read. */
	struct tpacket3_hdr *packet;
	uint32_t packets_left;
	uint32_t tx_pending; /* slots were filled that a call may not have sent */
	uint32_t restore_gro;
};

int32_t lbq_packet_rx_open(struct packet_queue *packet, const struct lbq_queue_options *options);
int32_t lbq_packet_rx(struct lbq_queue *queue, uint32_t *offset, uint32_t *length, uint32_t max);

int32_t lbq_packet_tx_open(struct packet_queue *packet, const struct lbq_queue_options *options);
int32_t lbq_packet_tx(struct lbq_queue *queue, const uint32_t *offset, const uint32_t *length, uint32_t n);

/* Sends what an earlier call left in the ring. */
void lbq_packet_flush(struct packet_queue *packet);

/* Asks for the interface's MTU again. */
void lbq_packet_refresh_mtu(struct packet_queue *packet);

static inline struct tpacket2_hdr *lbq_packet_slot(const struct packet_ring *ring, uint32_t index)
{
	return (struct tpacket2_hdr *)(ring->ring + (size_t)(index & (ring->slots - 1)) * ring->slot_bytes);
}

/* setsockopt at level SOL_PACKET; records the error. */
int32_t lbq_packet_option(const struct packet_queue *packet, int fd, int option, const char *name, const void *value,
			  socklen_t size);

#endif
