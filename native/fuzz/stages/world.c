#include "world.h"

const uint8_t node4[16] = { 192, 0, 2, 254 };
const uint8_t node6[16] = { 0x20, 0x01, 0x0d, 0xb8, 0, 0xff, [15] = 0xfe };
const uint8_t outer_source4[4] = { 192, 0, 2, 240 };
const uint8_t outer_source6[16] = { 0x20, 0x01, 0x0d, 0xb8, 0, 0xff };

/* Prefixes nest, some VIPs share one. */
const struct vip vips[VIPS] = {
	{ 4, { 90 }, 8, ENCAP_CODE_GRE4, 0, 0, 0, 0, 0, false, false },
	{ 4, { 90, 7 }, 16, ENCAP_CODE_GRE6, 0, 0, 0, 0, 0, false, false },
	{ 4, { 90, 7, 7, 128 }, 25, ENCAP_CODE_GRE4, 0, 0, 0, 0, 0, false, true },
	{ 4, { 91 }, 8, ENCAP_CODE_GRE6, 0, 0, 0, 0, 0, true, false },
	{ 6, { 0x20, 0x02 }, 16, ENCAP_CODE_GRE4, 0, 0, 0, 0, 0, false, false },
	{ 6, { 0x20, 0x02, 0, 7 }, 33, ENCAP_CODE_GRE6, 0, 443, 0, 0, 0, false, false },
	{ 6, { 0x20, 0x03 }, 16, ENCAP_CODE_GRE6, 0, 0, 0, 0, 0, true, false },
	{ 4, { 100 }, 8, ENCAP_CODE_L3DSR, 0, 0, 0, 0, 5, false, false },
	{ 4, { 100, 7 }, 17, ENCAP_CODE_L3DSR, 17, 53, 0, 0, 63, false, false },
	{ 4, { 92, 0, 0, 1 }, 32, ENCAP_CODE_NAT4, 0, 80, 8080, 30080, 0, false, false },
	{ 4, { 92, 0, 0, 1 }, 32, ENCAP_CODE_NAT4, 17, 53, 5353, 0, 0, true, false },
	{ 6, { 0x20, 0x04, [15] = 1 }, 128, ENCAP_CODE_NAT6, 6, 80, 8080, 30080, 0, false, false },
	{ 6, { 0x20, 0x04 }, 15, ENCAP_CODE_GRE6, 0, 0, 0, 0, 0, false, false },
};

const struct variant variants[VARIANTS] = {
	{ 0, false, 1, 1, 0, 0 },
	{ IMAGE_FLAG_HAS_STICKY, true, 0, 0, 0, 0 },
	{ IMAGE_FLAG_HAS_NETWORK, true, 0, 0, 0x0f000000, 0xffff0000 },
	{ IMAGE_FLAG_HAS_NETWORK | IMAGE_FLAG_HAS_MSS | IMAGE_FLAG_HAS_STICKY, true, 2, 0, 0, 0x0f000000 },
};

bool as_of(const struct variant *variant, int32_t slot, struct as *as)
{
	const struct vip *vip = vips + slot / SERVERS;
	uint8_t server = (uint8_t)(slot % SERVERS);

	if (slot < 0 || slot >= VIPS * SERVERS || vip->unserved)
		return false;
	memset(as, 0, sizeof(*as));
	as->vip = slot / SERVERS;
	as->family = vip->encap == ENCAP_CODE_GRE6 || vip->encap == ENCAP_CODE_NAT6 ? 6 : 4;
	if (as->family == 4)
		memcpy(as->address, (uint8_t[]){ 10, 0, vip->dscp, (uint8_t)(server + 1) }, 4);
	else
		memcpy(as->address, (uint8_t[]){ 0x20, 0x01, 0xff, 0xff, [15] = (uint8_t)(server + 2) }, 16);
	as->queued = variant->next_hops && ((variant->flags & IMAGE_FLAG_HAS_NETWORK) == 0 || server != 1);
	as->output = as->queued ? server : -1;
	memcpy(as->macs, (uint8_t[]){ 2, 0xff, 0, 1, 0x80, server, 2, 0, 0, 0x90, 3, 0xfe }, 12);
	return true;
}
