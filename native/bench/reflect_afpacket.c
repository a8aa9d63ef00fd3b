/* Bare AF_PACKET reflector; swaps MACs and sends back. It receives by TPACKET_V3 in blocks, as that costs least, and sends by a
 * TPACKET_V2 ring past the queueing discipline. Words after the others change that:
 *   slots  receives by TPACKET_V2 frame by frame, as the balancer does, whose packets must not wait for a block to fill
 *   qdisc  sends through the queueing discipline, as the balancer does, so that captures see it
 *   pages  lets the kernel send from the ring's pages instead of from copies
 * Usage: reflect_afpacket INTERFACE SECONDS [slots] [qdisc] [pages] */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "bench.h"

#define BLOCK 65536u
#define BLOCKS 64u
#define SLOT 2048u
#define SLOTS 2048u

static bool by_slots, through_qdisc, from_pages;

static int open_ring(const char *interface, int version, int option, void *request, socklen_t size, uint16_t protocol, uint8_t **ring,
		     size_t bytes)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = htons(protocol), .sll_ifindex = (int)if_nametoindex(interface) };
	int fd = socket(AF_PACKET, SOCK_RAW, 0), yes = 1, bypass = !through_qdisc, header = option == PACKET_TX_RING && !from_pages;

	if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof(yes)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &bypass, sizeof(bypass)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &header, sizeof(header)) || setsockopt(fd, SOL_PACKET, option, request, size))
		die("AF_PACKET");
	*ring = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (*ring == MAP_FAILED || bind(fd, (struct sockaddr *)&address, sizeof(address)))
		die("ring");
	return fd;
}

static uint8_t *rx_ring, *tx_ring;
static int rx_fd, tx_fd;
static uint32_t tx_next;

/* Puts a packet into the transmit ring. Returns 1, or 0 if there is no room. */
static uint32_t reflect(const uint8_t *from, uint32_t length)
{
	struct tpacket2_hdr *slot = (struct tpacket2_hdr *)(tx_ring + (size_t)tx_next * SLOT);
	uint8_t *data = (uint8_t *)slot + TPACKET2_HDRLEN - sizeof(struct sockaddr_ll);

	if (__atomic_load_n(&slot->tp_status, __ATOMIC_ACQUIRE) != TP_STATUS_AVAILABLE || length > 1600)
		return 0;
	slot->tp_len = length;
	if (!from_pages) {
		/* hdr_len: so many bytes are copied out of the ring. */
		*(struct virtio_net_hdr *)data = (struct virtio_net_hdr){ .hdr_len = (uint16_t)length };
		data += sizeof(struct virtio_net_hdr);
		slot->tp_len += sizeof(struct virtio_net_hdr);
	}
	memcpy(data, from, length);
	swap_macs(data);
	__atomic_store_n(&slot->tp_status, TP_STATUS_SEND_REQUEST, __ATOMIC_RELEASE);
	tx_next = (tx_next + 1) % SLOTS;
	return 1;
}

static void transmit(void)
{
	send(tx_fd, NULL, 0, MSG_DONTWAIT);
}

/* Returns how many packets of the block were sent back. */
static uint32_t reflect_block(const struct tpacket_block_desc *block)
{
	const struct tpacket3_hdr *packet = (const struct tpacket3_hdr *)((const uint8_t *)block + block->hdr.bh1.offset_to_first_pkt);
	uint32_t sent = 0;

	for (uint32_t i = 0; i < block->hdr.bh1.num_pkts; i++) {
		if (reflect((const uint8_t *)packet + packet->tp_mac, packet->tp_snaplen) && ++sent % BURST == 0)
			transmit();
		packet = (const struct tpacket3_hdr *)((const uint8_t *)packet + packet->tp_next_offset);
	}
	transmit();
	return sent;
}

/* Takes the next block or slots. Returns whether there were any. */
static bool take_block(struct meter *meter)
{
	static uint32_t next;
	struct tpacket_block_desc *block = (struct tpacket_block_desc *)(rx_ring + (size_t)next * BLOCK);

	if (!(__atomic_load_n(&block->hdr.bh1.block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER))
		return false;
	meter_add(meter, reflect_block(block));
	__atomic_store_n(&block->hdr.bh1.block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
	next = (next + 1) % BLOCKS;
	return true;
}

static bool take_slots(struct meter *meter)
{
	static uint32_t next;
	uint32_t taken, sent = 0;

	for (taken = 0; taken < BURST; taken++) {
		struct tpacket2_hdr *slot = (struct tpacket2_hdr *)(rx_ring + (size_t)next * SLOT);

		if (!(__atomic_load_n(&slot->tp_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER))
			break;
		sent += reflect((const uint8_t *)slot + slot->tp_mac, slot->tp_snaplen);
		__atomic_store_n(&slot->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
		next = (next + 1) % SLOTS;
	}
	if (taken)
		transmit();
	meter_add(meter, sent);
	return taken > 0;
}

static bool word(int argc, char **argv, const char *wanted)
{
	for (int i = 3; i < argc; i++) {
		if (strcmp(argv[i], wanted) == 0)
			return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	struct tpacket_req3 rx = { .tp_block_size = BLOCK, .tp_block_nr = BLOCKS, .tp_frame_size = SLOT, .tp_frame_nr = BLOCK / SLOT * BLOCKS,
				   .tp_retire_blk_tov = 1 };
	struct tpacket_req tx = { .tp_block_size = BLOCK, .tp_block_nr = SLOTS / (BLOCK / SLOT), .tp_frame_size = SLOT, .tp_frame_nr = SLOTS };
	struct meter meter = { 0 };
	double end;

	if (argc < 3) {
		fprintf(stderr, "usage: %s INTERFACE SECONDS [slots] [qdisc] [pages]\n", argv[0]);
		return 1;
	}
	by_slots = word(argc, argv, "slots");
	through_qdisc = word(argc, argv, "qdisc");
	from_pages = word(argc, argv, "pages");
	tx_fd = open_ring(argv[1], TPACKET_V2, PACKET_TX_RING, &tx, sizeof(tx), 0, &tx_ring, SLOTS * SLOT);
	rx_fd = by_slots ? open_ring(argv[1], TPACKET_V2, PACKET_RX_RING, &rx, sizeof(struct tpacket_req), ETH_P_ALL, &rx_ring, SLOTS * SLOT) :
			   open_ring(argv[1], TPACKET_V3, PACKET_RX_RING, &rx, sizeof(rx), ETH_P_ALL, &rx_ring, BLOCKS * BLOCK);
	say_ready();
	end = seconds_now() + atof(argv[2]);
	while (seconds_now() < end) {
		if (!(by_slots ? take_slots(&meter) : take_block(&meter)))
			poll(&(struct pollfd){ .fd = rx_fd, .events = POLLIN }, 1, 10);
	}
	meter_print(&meter, "reflect_afpacket");
	return 0;
}
