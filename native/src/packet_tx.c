/* The transmit ring: TPACKET_V2, one slot a frame. A slot goes AVAILABLE -> (we) SEND_REQUEST -> (kernel) SENDING ->
 * (kernel) AVAILABLE. The frame returns to the pool as soon as it is copied.
 *
 * A virtio_net_hdr before each frame says that all of it is header (hdr_len), so that the kernel copies it out of the ring.
 * Otherwise it sends from the ring's pages, and where a packet stays on this machine (veth, bridges, TAP) it takes a page for
 * each and copies it there: 300 ns more for a packet of minimum size. With such a header the kernel no longer compares a frame
 * with the MTU, so that is done here. */
#include <errno.h>
#include <linux/if_ether.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "error.h"
#include "packet.h"

#define HEADER_OFFSET (TPACKET2_HDRLEN - sizeof(struct sockaddr_ll))
#define HEADER_BYTES sizeof(struct virtio_net_hdr)
#define FRAME_OFFSET (HEADER_OFFSET + HEADER_BYTES)
#define TAG_BYTES 4 /* a VLAN tag does not count */

static int32_t set_up(struct packet_queue *packet, const struct lbq_queue_options *options)
{
	int version = TPACKET_V2, yes = 1, fd = packet->tx.fd;
	struct tpacket_req request = {
		.tp_block_size = LBQ_PACKET_BLOCK,
		.tp_frame_size = packet->queue.pool->frame_size,
		.tp_frame_nr = options->tx_frames,
	};
	int32_t result;

	request.tp_block_nr = options->tx_frames / (LBQ_PACKET_BLOCK / request.tp_frame_size);
	result = lbq_packet_option(packet, fd, PACKET_VERSION, "setsockopt PACKET_VERSION", &version, sizeof(version));
	if (result == 0)
		result = lbq_packet_option(packet, fd, PACKET_LOSS, "setsockopt PACKET_LOSS", &yes, sizeof(yes));
	if (result == 0)
		result = lbq_packet_option(packet, fd, PACKET_VNET_HDR, "setsockopt PACKET_VNET_HDR", &yes, sizeof(yes));
	if (result == 0 && options->flags & LBQ_QUEUE_QDISC_BYPASS)
		result = lbq_packet_option(packet, fd, PACKET_QDISC_BYPASS, "setsockopt PACKET_QDISC_BYPASS", &yes, sizeof(yes));
	if (result == 0)
		result = lbq_packet_option(packet, fd, PACKET_TX_RING, "setsockopt PACKET_TX_RING", &request, sizeof(request));
	packet->tx.version = TPACKET_V2;
	packet->tx.slot_bytes = request.tp_frame_size;
	packet->tx.slots = request.tp_frame_nr;
	packet->tx.bytes = (size_t)request.tp_block_nr * request.tp_block_size;
	return result;
}

int32_t lbq_packet_tx_open(struct packet_queue *packet, const struct lbq_queue_options *options)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_ifindex = (int)packet->queue.interface.index };
	const char *name = packet->queue.interface.name;
	void *ring;
	int32_t result;

	/* Protocol 0: it receives nothing. */
	packet->tx.fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (packet->tx.fd < 0)
		return lbq_fail_errno(errno, "socket AF_PACKET", name);
	result = set_up(packet, options);
	if (result < 0)
		return result;
	ring = mmap(NULL, packet->tx.bytes, PROT_READ | PROT_WRITE, MAP_SHARED, packet->tx.fd, 0);
	if (ring == MAP_FAILED)
		return lbq_fail_errno(errno, "mmap transmit ring of", name);
	packet->tx.ring = ring;
	if (bind(packet->tx.fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return lbq_fail_errno(errno, "bind AF_PACKET", name);
	return 0;
}

void lbq_packet_flush(struct packet_queue *packet)
{
	if (!packet->tx_pending)
		return;
	packet->queue.count[LBQ_SYSTEM_CALLS]++;
	/* A frame that the device refused is gone; the ones behind it wait for another call. */
	packet->tx_pending = send(packet->tx.fd, NULL, 0, MSG_DONTWAIT) < 0;
	if (packet->tx_pending && errno != EAGAIN)
		packet->queue.count[LBQ_TX_ERRORS]++;
}

static int too_long(struct packet_queue *packet, uint32_t length)
{
	if (length <= packet->queue.interface.mtu + ETH_HLEN + TAG_BYTES)
		return 0;
	lbq_packet_refresh_mtu(packet);
	return length > packet->queue.interface.mtu + ETH_HLEN + TAG_BYTES;
}

static int sendable(struct packet_queue *packet, uint32_t length)
{
	return length && length <= packet->tx.slot_bytes - FRAME_OFFSET && !too_long(packet, length);
}

static void fill(struct tpacket2_hdr *slot, const uint8_t *frame, uint32_t length)
{
	struct virtio_net_hdr header = { .hdr_len = (uint16_t)length };

	memcpy((uint8_t *)slot + HEADER_OFFSET, &header, HEADER_BYTES);
	memcpy((uint8_t *)slot + FRAME_OFFSET, frame, length);
	slot->tp_len = (uint32_t)HEADER_BYTES + length;
	__atomic_store_n(&slot->tp_status, TP_STATUS_SEND_REQUEST, __ATOMIC_RELEASE);
}

/* To write it: a slot comes round after all the others, and by then its lines are out of the near caches. */
static void fetch_slot(const struct packet_ring *ring, uint32_t index)
{
	const uint8_t *at = (const uint8_t *)lbq_packet_slot(ring, index);

	__builtin_prefetch(at, 1);
	__builtin_prefetch(at + LBQ_PACKET_LINE, 1);
}

int32_t lbq_packet_tx(struct lbq_queue *queue, const uint32_t *offset, const uint32_t *length, uint32_t n)
{
	struct packet_queue *packet = (struct packet_queue *)queue;
	struct lbq_pool *pool = queue->pool;
	uint32_t i;

	for (i = 0; i < n; i++) {
		int64_t frame = lbq_pool_worker_frame(pool, offset[i], length[i]);
		struct tpacket2_hdr *slot = lbq_packet_slot(&packet->tx, packet->tx.next);

		fetch_slot(&packet->tx, packet->tx.next + LBQ_PACKET_AHEAD);
		if (frame < 0 || !sendable(packet, length[i])) {
			queue->count[LBQ_TX_REFUSED]++;
			lbq_pool_refuse(pool, offset[i]);
			continue;
		}
		if (__atomic_load_n(&slot->tp_status, __ATOMIC_ACQUIRE) != TP_STATUS_AVAILABLE)
			break;
		fill(slot, pool->base + offset[i], length[i]);
		lbq_pool_give(pool, (uint32_t)frame);
		packet->tx.next = (packet->tx.next + 1) & (packet->tx.slots - 1);
		packet->tx_pending = 1;
		queue->count[LBQ_TX_PACKETS]++;
		queue->count[LBQ_TX_BYTES] += length[i];
	}
	lbq_packet_flush(packet);
	return (int32_t)i;
}
