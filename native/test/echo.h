/* The round trip that every kind of queue must make: what is on the wire arrives byte by byte, and goes back so. */
#ifndef LBQ_TEST_ECHO_H
#define LBQ_TEST_ECHO_H

#include "frames.h"
#include "netns.h"
#include "rig.h"

/* Sizes from the least to the greatest, with 0, 1 and 2 VLAN tags, received in one burst and sent back in one. `tags` is the
 * greatest number of tags to try, `largest` the longest frame without tags. */
static inline void echo(int32_t queue, int wire, const uint8_t *destination_mac, const uint8_t *source_mac, int tags, uint32_t largest)
{
	enum { FRAMES = 31 }; /* the last, longest one has no tag */
	uint8_t sent[FRAMES][2048], back[2048], *base = rig_base(queue);
	uint32_t size[FRAMES], offset[FRAMES], length[FRAMES];

	for (int i = 0; i < FRAMES; i++) {
		struct frame_options options = {
			.destination_mac = destination_mac,
			.source_mac = source_mac,
			.source = "192.0.2.2",
			.destination = "198.51.100.7",
			.protocol = 17,
			.source_port = 4000,
			.destination_port = 5000,
			.payload = i == FRAMES - 1 ? largest - 42 : 18 + (uint32_t)i * 11,
			.sequence = (uint32_t)i,
			.vlan = { i % 3 > 0 && tags > 0 ? 100 : 0, i % 3 > 1 && tags > 1 ? 0x6000 | 200 : 0 },
		};

		size[i] = frame_build(sent[i], &options);
		wire_send(wire, sent[i], size[i]);
	}
	receive(queue, offset, length, FRAMES);
	for (int i = 0; i < FRAMES; i++) {
		CHECK_EQ(offset[i] % 4, 2);
		CHECK_EQ(offset[i] % 2048, LBQ_FRAME_OFFSET);
		CHECK_EQ(length[i], size[i]);
		CHECK_EQ(memcmp(base + offset[i], sent[i], size[i]), 0);
	}
	CHECK_EQ(lbq_tx(queue, offset, length, FRAMES), FRAMES);
	for (int i = 0; i < FRAMES; i++) {
		CHECK_EQ(wire_receive(wire, back, sizeof(back)), size[i]);
		CHECK_EQ(memcmp(back, sent[i], size[i]), 0);
	}
	CHECK_GE(stat_of(queue, LBQ_RX_PACKETS), FRAMES);
	CHECK_GE(stat_of(queue, LBQ_TX_PACKETS), FRAMES);
}

/* A generated frame with a header pushed in front, as encapsulation does, leaves as it is. */
static inline void generate(int32_t queue, int wire, const uint8_t *destination_mac)
{
	struct frame_options options = { .destination_mac = destination_mac, .source = "192.0.2.1", .destination = "192.0.2.2",
					 .protocol = 17, .payload = 64, .sequence = 77 };
	uint8_t back[2048], expected[2048], *base = rig_base(queue);
	uint32_t offset, length;

	CHECK_EQ(lbq_alloc(queue, &offset, 1), 1);
	offset -= 44;
	length = frame_build(base + offset, &options);
	memcpy(expected, base + offset, length);
	CHECK_EQ(lbq_tx(queue, &offset, &length, 1), 1);
	CHECK_EQ(wire_receive(wire, back, sizeof(back)), length);
	CHECK_EQ(memcmp(back, expected, length), 0);
	/* It is no longer the worker's. */
	CHECK_EQ(lbq_tx(queue, &offset, &length, 1), 1);
	CHECK_EQ(stat_of(queue, LBQ_TX_REFUSED), 1);
}

/* What is no frame of the worker's, empty or too long is taken, counted and not sent; a frame is not lost by it. */
static inline void refuse(int32_t queue, int32_t pool)
{
	uint64_t before = stat_of(queue, LBQ_TX_REFUSED), held = stat_of(pool, LBQ_POOL_WORKER);
	uint32_t offset[4] = { 0, 0, 0xfffffff0, 0 }, length[4] = { 0, 4096, 64, 64 };

	CHECK_EQ(lbq_alloc(queue, offset, 2), 2);
	CHECK_EQ(lbq_tx(queue, offset, length, 4), 4);
	CHECK_EQ(stat_of(queue, LBQ_TX_REFUSED) - before, 4);
	CHECK_EQ(stat_of(pool, LBQ_POOL_WORKER), held);
}

#endif
