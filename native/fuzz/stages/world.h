/* What the balancer is configured for in these tests, as one would say it: the image is built from it (image.c), and the
 * plain model of the stages (model.c) looks things up in it, one after the other. */
#ifndef LBQ_FUZZ_WORLD_H
#define LBQ_FUZZ_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lbqueue_stages.h"
#include "stages/layout.h"

#define SERVERS 3

struct vip {
	uint8_t family, address[16], bits;
	uint8_t encap; /* ENCAP_CODE_* */
	uint8_t protocol; /* 0: TCP and UDP */
	uint16_t port; /* 0: any */
	uint16_t target_port, node_port;
	uint8_t dscp;
	bool sticky;
	bool unserved; /* no servers */
};

/* Ways of being configured that change how stages go. */
struct variant {
	uint32_t flags; /* IMAGE_FLAG_HAS_NETWORK, _MSS, _STICKY */
	bool next_hops; /* Ethernet addresses of ASs are known; with a network those of every other one are the kernel's */
	uint32_t nat4_queues, nat6_queues;
	uint32_t source4_mask, source6_mask; /* raw */
};

/* An AS slot: a server of a VIP. The last slot is vacant. */
struct as {
	int32_t vip;
	uint8_t family, address[16];
	bool queued; /* its next hop's Ethernet addresses are known */
	int32_t output;
	uint8_t macs[12];
};

#define VIPS 13
#define VARIANTS 4
#define AS_SLOTS (VIPS * SERVERS + 1)

extern const struct vip vips[VIPS];
extern const struct variant variants[VARIANTS];
extern const uint8_t node4[16], node6[16], outer_source4[4], outer_source6[16];

/* Slot of a server of a VIP. */
static inline int32_t as_slot(int32_t vip, int32_t server)
{
	return vip * SERVERS + server;
}

/* What is in an AS slot; false for a vacant one. */
bool as_of(const struct variant *variant, int32_t slot, struct as *as);

static inline bool is_nat(uint8_t encap)
{
	return encap >= ENCAP_CODE_NAT4;
}

/* Builds the image of a variant in page-aligned memory that ends at a page nobody may touch; the gaps between its sections may
 * not be touched either (address sanitizer). `words` gets its length. */
int32_t *build_image(const struct variant *variant, size_t *words);

#endif
