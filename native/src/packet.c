#include "packet.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "error.h"

int32_t lbq_packet_option(const struct packet_queue *packet, int fd, int option, const char *name, const void *value,
			  socklen_t size)
{
	return setsockopt(fd, SOL_PACKET, option, value, size) < 0 ? lbq_fail_errno(errno, name, packet->queue.interface.name) : 0;
}

static void packet_count(struct lbq_queue *queue)
{
	struct packet_queue *packet = (struct packet_queue *)queue;
	struct tpacket_stats_v3 kernel = { 0 };
	socklen_t size = packet->rx.version == TPACKET_V3 ? sizeof(kernel) : sizeof(struct tpacket_stats);

	/* The kernel's counters start anew at each reading. */
	if (getsockopt(packet->rx.fd, SOL_PACKET, PACKET_STATISTICS, &kernel, &size) == 0)
		queue->count[LBQ_RX_RING_FULL] += kernel.tp_drops;
	lbq_packet_refresh_mtu(packet);
}

void lbq_packet_refresh_mtu(struct packet_queue *packet)
{
	uint32_t mtu = lbq_interface_mtu(packet->tx.fd, packet->queue.interface.index);

	/* An interface that has gone keeps what it had: nothing is sent by it. */
	if (mtu)
		packet->queue.interface.mtu = mtu;
}

static void ring_close(struct packet_ring *ring)
{
	if (ring->ring)
		munmap(ring->ring, ring->bytes);
	if (ring->fd >= 0)
		close(ring->fd);
}

static void packet_close(struct lbq_queue *queue)
{
	struct packet_queue *packet = (struct packet_queue *)queue;

	ring_close(&packet->rx);
	ring_close(&packet->tx);
	if (packet->restore_gro)
		(void)lbq_interface_gro(queue->interface.name, 1);
	free(packet);
}

static const struct lbq_queue_ops packet_ops = { lbq_packet_rx, lbq_packet_tx, packet_count, packet_close };

static int32_t gro_off(struct packet_queue *packet)
{
	int32_t was_on = lbq_interface_gro(packet->queue.interface.name, 0);

	if (was_on < 0)
		return was_on;
	packet->restore_gro = (uint32_t)was_on;
	return 0;
}

struct lbq_queue *lbq_packet_open(struct lbq_pool *pool, const struct lbq_queue_options *options,
				  const struct lbq_interface *interface)
{
	struct packet_queue *packet = calloc(1, sizeof(*packet));
	int32_t result = 0;

	if (!packet) {
		lbq_fail_errno(ENOMEM, "calloc", "");
		return NULL;
	}
	packet->queue.ops = &packet_ops;
	packet->queue.pool = pool;
	packet->queue.interface = *interface;
	packet->queue.rx_frames = options->rx_frames;
	packet->queue.tx_frames = options->tx_frames;
	packet->rx.fd = packet->tx.fd = -1;
	if (options->flags & LBQ_QUEUE_GRO_OFF)
		result = gro_off(packet);
	if (result == 0)
		result = lbq_packet_tx_open(packet, options);
	/* Last, as traffic comes in from then on. */
	if (result == 0)
		result = lbq_packet_rx_open(packet, options);
	if (result < 0) {
		packet_close(&packet->queue);
		return NULL;
	}
	packet->queue.fd = packet->rx.fd;
	return &packet->queue;
}
