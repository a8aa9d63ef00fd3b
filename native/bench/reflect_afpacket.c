/* Bare AF_PACKET reflector: TPACKET_V3 receive ring, TPACKET_V2 transmit ring; swaps MACs and sends back.
 * Usage: reflect_afpacket INTERFACE SECONDS */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "bench.h"

#define BLOCK 65536u
#define BLOCKS 64u
#define SLOT 2048u
#define SLOTS 2048u

static int open_ring(const char *interface, int version, int option, void *request, socklen_t size, uint16_t protocol, uint8_t **ring,
		     size_t bytes)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = htons(protocol), .sll_ifindex = (int)if_nametoindex(interface) };
	int fd = socket(AF_PACKET, SOCK_RAW, 0), yes = 1;

	if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof(yes)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof(yes)) || setsockopt(fd, SOL_PACKET, option, request, size))
		die("AF_PACKET");
	*ring = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (*ring == MAP_FAILED || bind(fd, (struct sockaddr *)&address, sizeof(address)))
		die("ring");
	return fd;
}

static uint8_t *rx_ring, *tx_ring;
static int rx_fd, tx_fd;
static uint32_t tx_next;

static uint32_t reflect_block(struct tpacket_block_desc *block)
{
	struct tpacket3_hdr *packet = (struct tpacket3_hdr *)((uint8_t *)block + block->hdr.bh1.offset_to_first_pkt);
	uint32_t sent = 0;

	for (uint32_t i = 0; i < block->hdr.bh1.num_pkts; i++) {
		struct tpacket2_hdr *slot = (struct tpacket2_hdr *)(tx_ring + (size_t)tx_next * SLOT);
		uint8_t *data = (uint8_t *)slot + TPACKET2_HDRLEN - sizeof(struct sockaddr_ll);

		if (__atomic_load_n(&slot->tp_status, __ATOMIC_ACQUIRE) == TP_STATUS_AVAILABLE && packet->tp_snaplen <= 1600) {
			memcpy(data, (uint8_t *)packet + packet->tp_mac, packet->tp_snaplen);
			swap_macs(data);
			slot->tp_len = packet->tp_snaplen;
			__atomic_store_n(&slot->tp_status, TP_STATUS_SEND_REQUEST, __ATOMIC_RELEASE);
			tx_next = (tx_next + 1) % SLOTS;
			if (++sent % BURST == 0)
				send(tx_fd, NULL, 0, MSG_DONTWAIT);
		}
		packet = (struct tpacket3_hdr *)((uint8_t *)packet + packet->tp_next_offset);
	}
	send(tx_fd, NULL, 0, MSG_DONTWAIT);
	return sent;
}

int main(int argc, char **argv)
{
	struct tpacket_req3 rx = { .tp_block_size = BLOCK, .tp_block_nr = BLOCKS, .tp_frame_size = SLOT, .tp_frame_nr = BLOCK / SLOT * BLOCKS,
				   .tp_retire_blk_tov = 1 };
	struct tpacket_req tx = { .tp_block_size = BLOCK, .tp_block_nr = SLOTS / (BLOCK / SLOT), .tp_frame_size = SLOT, .tp_frame_nr = SLOTS };
	struct meter meter = { 0 };
	double end;

	if (argc != 3) {
		fprintf(stderr, "usage: %s INTERFACE SECONDS\n", argv[0]);
		return 1;
	}
	tx_fd = open_ring(argv[1], TPACKET_V2, PACKET_TX_RING, &tx, sizeof(tx), 0, &tx_ring, SLOTS * SLOT);
	rx_fd = open_ring(argv[1], TPACKET_V3, PACKET_RX_RING, &rx, sizeof(rx), ETH_P_ALL, &rx_ring, BLOCKS * BLOCK);
	say_ready();
	end = seconds_now() + atof(argv[2]);
	for (uint32_t next = 0; seconds_now() < end;) {
		struct tpacket_block_desc *block = (struct tpacket_block_desc *)(rx_ring + (size_t)next * BLOCK);

		if (!(__atomic_load_n(&block->hdr.bh1.block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER)) {
			poll(&(struct pollfd){ .fd = rx_fd, .events = POLLIN }, 1, 10);
			continue;
		}
		meter_add(&meter, reflect_block(block));
		__atomic_store_n(&block->hdr.bh1.block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
		next = (next + 1) % BLOCKS;
	}
	meter_print(&meter, "reflect_afpacket");
	return 0;
}
