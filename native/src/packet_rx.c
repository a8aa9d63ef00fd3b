/* The receive ring: TPACKET_V3 in blocks, or TPACKET_V2 frame by frame. Who owns a block or slot: the kernel until it sets
 * TP_STATUS_USER, then we until we set TP_STATUS_KERNEL. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "error.h"
#include "packet.h"

#define BLOCK_TIMEOUT_MS 1
#define TAG_BYTES 4
#define MACS_BYTES 12

/* What both ring versions say about a packet. */
struct received {
	const uint8_t *data; /* from the Ethernet header; before it the virtio_net_hdr */
	uint32_t length;
	uint32_t captured;
	uint32_t status;
	uint16_t tci;
	uint16_t tpid;
};

/* One's-complement sum (RFC 1071) over bytes as a big-endian machine would read them. */
static uint16_t checksum(const uint8_t *data, uint32_t length)
{
	uint64_t sum = 0;

	for (; length > 1; length -= 2, data += 2)
		sum += (uint32_t)data[0] << 8 | data[1];
	if (length)
		sum += (uint32_t)data[0] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* Senders on this machine leave TCP and UDP checksums to hardware that is not there (veth): the field holds the sum of the
 * pseudo header, and the rest is added here. */
static void complete_checksum(uint8_t *frame, uint32_t length, const struct virtio_net_hdr *header)
{
	uint32_t at = header->csum_start + header->csum_offset;
	uint16_t sum;

	if (header->csum_start >= length || at + 2 > length)
		return;
	sum = checksum(frame + header->csum_start, length - header->csum_start);
	/* RFC 768: a UDP checksum of 0 means none. */
	if (sum == 0)
		sum = 0xffff;
	frame[at] = (uint8_t)(sum >> 8);
	frame[at + 1] = (uint8_t)sum;
}

/* Copies into a frame, puts back the VLAN tag that the kernel takes out. Returns the length, or 0 if it is to be dropped. */
static uint32_t copy(struct packet_queue *packet, const struct received *received, uint32_t offset)
{
	uint8_t *to = packet->queue.pool->base + offset;
	int tagged = (received->status & TP_STATUS_VLAN_VALID) != 0;
	struct virtio_net_hdr header;

	memcpy(&header, received->data - sizeof(header), sizeof(header));
	if (header.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) {
		/* Into the ring: it is ours, and the offsets are those before the tag is put back. */
		complete_checksum((uint8_t *)(uintptr_t)received->data, received->captured, &header);
	}
	if (!tagged) {
		memcpy(to, received->data, received->length);
		return received->length;
	}
	memcpy(to, received->data, MACS_BYTES);
	to[MACS_BYTES] = (uint8_t)(received->tpid >> 8);
	to[MACS_BYTES + 1] = (uint8_t)received->tpid;
	to[MACS_BYTES + 2] = (uint8_t)(received->tci >> 8);
	to[MACS_BYTES + 3] = (uint8_t)received->tci;
	memcpy(to + MACS_BYTES + TAG_BYTES, received->data + MACS_BYTES, received->length - MACS_BYTES);
	return received->length + TAG_BYTES;
}

static int fits(const struct packet_queue *packet, const struct received *received)
{
	struct virtio_net_hdr header;

	memcpy(&header, received->data - sizeof(header), sizeof(header));
	/* Segments that the kernel has merged would leave as one packet; for TCP that is the same stream if it fits. */
	if (header.gso_type != VIRTIO_NET_HDR_GSO_NONE && received->length > packet->queue.interface.mtu + ETH_HLEN)
		return 0;
	if (header.gso_type == VIRTIO_NET_HDR_GSO_UDP)
		return 0;
	return received->captured == received->length && received->length >= ETH_HLEN &&
	       received->length + TAG_BYTES <= packet->queue.pool->room;
}

/* Hands one packet to the worker; counts and drops what does not fit. Returns how many it handed over. */
static uint32_t deliver(struct packet_queue *packet, const struct received *received, uint32_t *offset, uint32_t *length)
{
	if (!fits(packet, received)) {
		packet->queue.count[LBQ_RX_OVERSIZE]++;
		return 0;
	}
	*offset = lbq_queue_frame(&packet->queue);
	*length = copy(packet, received, *offset);
	return 1;
}

static int has_frame(struct packet_queue *packet)
{
	if (packet->queue.pool->free_count)
		return 1;
	packet->queue.count[LBQ_RX_NO_FRAME]++;
	return 0;
}

static uint16_t tpid(uint32_t status, uint16_t value)
{
	return status & TP_STATUS_VLAN_TPID_VALID ? value : ETH_P_8021Q;
}

static struct tpacket_block_desc *block(const struct packet_ring *ring, uint32_t index)
{
	return (struct tpacket_block_desc *)(ring->ring + (size_t)index * ring->slot_bytes);
}

static int next_block(struct packet_queue *packet)
{
	struct tpacket_block_desc *next = block(&packet->rx, packet->rx.next);

	if (!(__atomic_load_n(&next->hdr.bh1.block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER))
		return 0;
	packet->packets_left = next->hdr.bh1.num_pkts;
	packet->packet = (struct tpacket3_hdr *)((uint8_t *)next + next->hdr.bh1.offset_to_first_pkt);
	return 1;
}

static void end_block(struct packet_queue *packet)
{
	struct tpacket_block_desc *done = block(&packet->rx, packet->rx.next);

	__atomic_store_n(&done->hdr.bh1.block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
	packet->packet = NULL;
	packet->rx.next = (packet->rx.next + 1) % packet->rx.slots;
}

static uint32_t rx_blocks(struct packet_queue *packet, uint32_t *offset, uint32_t *length, uint32_t max)
{
	uint32_t n = 0;

	while (n < max && (packet->packet || next_block(packet))) {
		struct tpacket3_hdr *header = packet->packet;
		struct received received;

		if (packet->packets_left == 0) {
			end_block(packet);
			continue;
		}
		if (!has_frame(packet))
			break;
		received = (struct received){ (uint8_t *)header + header->tp_mac, header->tp_len, header->tp_snaplen, header->tp_status,
					      (uint16_t)header->hv1.tp_vlan_tci, tpid(header->tp_status, header->hv1.tp_vlan_tpid) };
		n += deliver(packet, &received, offset + n, length + n);
		packet->packet = (struct tpacket3_hdr *)((uint8_t *)header + header->tp_next_offset);
		packet->packets_left--;
	}
	if (packet->packet && packet->packets_left == 0)
		end_block(packet);
	return n;
}

/* The kernel has filled a slot on another CPU: its lines come from there while the slots before it are copied. Three hold a
 * packet of minimum size. */
static void fetch_slot(const struct packet_ring *ring, uint32_t index)
{
	const uint8_t *at = (const uint8_t *)lbq_packet_slot(ring, index);

	for (int line = 0; line < 3; line++)
		__builtin_prefetch(at + line * LBQ_PACKET_LINE);
}

static uint32_t rx_slots(struct packet_queue *packet, uint32_t *offset, uint32_t *length, uint32_t max)
{
	uint32_t n = 0;

	while (n < max) {
		struct tpacket2_hdr *header = lbq_packet_slot(&packet->rx, packet->rx.next);
		uint32_t status = __atomic_load_n(&header->tp_status, __ATOMIC_ACQUIRE);
		struct received received;

		if (!(status & TP_STATUS_USER) || !has_frame(packet))
			break;
		fetch_slot(&packet->rx, packet->rx.next + LBQ_PACKET_AHEAD);
		received = (struct received){ (uint8_t *)header + header->tp_mac, header->tp_len, header->tp_snaplen, status,
					      header->tp_vlan_tci, tpid(status, header->tp_vlan_tpid) };
		n += deliver(packet, &received, offset + n, length + n);
		__atomic_store_n(&header->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
		packet->rx.next = (packet->rx.next + 1) % packet->rx.slots;
	}
	return n;
}

int32_t lbq_packet_rx(struct lbq_queue *queue, uint32_t *offset, uint32_t *length, uint32_t max)
{
	struct packet_queue *packet = (struct packet_queue *)queue;

	lbq_packet_flush(packet);
	return (int32_t)(packet->rx.version == TPACKET_V3 ? rx_blocks(packet, offset, length, max) :
							    rx_slots(packet, offset, length, max));
}

/* V3: blocks of any number of packets. V2: slots of 2048 or 4096 bytes. */
static int32_t set_up_ring(struct packet_queue *packet, const struct lbq_queue_options *options)
{
	int fd = packet->rx.fd, version = options->flags & LBQ_QUEUE_LOW_LATENCY ? TPACKET_V2 : TPACKET_V3;
	uint32_t slot = packet->queue.pool->frame_size, per_block = LBQ_PACKET_BLOCK / slot;
	struct tpacket_req3 request = {
		.tp_block_size = LBQ_PACKET_BLOCK,
		.tp_block_nr = options->rx_frames / per_block,
		.tp_frame_size = slot,
		.tp_frame_nr = options->rx_frames,
		.tp_retire_blk_tov = BLOCK_TIMEOUT_MS,
	};
	int32_t result = lbq_packet_option(packet, fd, PACKET_VERSION, "setsockopt PACKET_VERSION", &version, sizeof(version));

	packet->rx.version = (uint32_t)version;
	packet->rx.slot_bytes = version == TPACKET_V3 ? request.tp_block_size : slot;
	packet->rx.slots = version == TPACKET_V3 ? request.tp_block_nr : request.tp_frame_nr;
	packet->rx.bytes = (size_t)request.tp_block_nr * request.tp_block_size;
	if (result < 0)
		return result;
	return lbq_packet_option(packet, fd, PACKET_RX_RING, "setsockopt PACKET_RX_RING", &request,
				 version == TPACKET_V3 ? sizeof(request) : sizeof(struct tpacket_req));
}

static int32_t set_up(struct packet_queue *packet, const struct lbq_queue_options *options)
{
	int fd = packet->rx.fd, yes = 1;
	int32_t result = lbq_packet_option(packet, fd, PACKET_IGNORE_OUTGOING, "setsockopt PACKET_IGNORE_OUTGOING", &yes, sizeof(yes));

	if (result == 0)
		result = lbq_packet_option(packet, fd, PACKET_VNET_HDR, "setsockopt PACKET_VNET_HDR", &yes, sizeof(yes));
	return result == 0 ? set_up_ring(packet, options) : result;
}

int32_t lbq_packet_rx_open(struct packet_queue *packet, const struct lbq_queue_options *options)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET,
				       .sll_protocol = htons(ETH_P_ALL),
				       .sll_ifindex = (int)packet->queue.interface.index };
	const char *name = packet->queue.interface.name;
	int fanout = (int)(options->fanout_group | PACKET_FANOUT_HASH << 16);
	void *ring;
	int32_t result;

	/* Protocol 0 until bound: a new socket would hear every interface. */
	packet->rx.fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (packet->rx.fd < 0)
		return lbq_fail_errno(errno, "socket AF_PACKET", name);
	result = set_up(packet, options);
	if (result < 0)
		return result;
	ring = mmap(NULL, packet->rx.bytes, PROT_READ | PROT_WRITE, MAP_SHARED, packet->rx.fd, 0);
	if (ring == MAP_FAILED)
		return lbq_fail_errno(errno, "mmap receive ring of", name);
	packet->rx.ring = ring;
	if (bind(packet->rx.fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return lbq_fail_errno(errno, "bind AF_PACKET", name);
	return options->fanout_group ? lbq_packet_option(packet, packet->rx.fd, PACKET_FANOUT, "setsockopt PACKET_FANOUT", &fanout,
							  sizeof(fanout)) :
				       0;
}
