#include "stages.h"

/* packages/core/src/lpm4.ts */
static int32_t lookup4(const int32_t *t, uint32_t dst)
{
	int32_t entry = t[dst & 0xffff];

	if (entry >= 0)
		return entry - 1;
	entry = t[(uint32_t)(entry & 0x7fffffff) + ((dst >> 16) & 0xff)];
	if (entry >= 0)
		return entry - 1;
	return t[(uint32_t)(entry & 0x7fffffff) + (dst >> 24)] - 1;
}

static uint64_t load64(const void *at)
{
	uint64_t value;

	memcpy(&value, at, 8);
	return value;
}

/* packages/core/src/lpm6.ts, hash6 */
static uint32_t spread6(uint64_t k01, uint64_t k23, uint32_t mask_at)
{
	uint32_t h = ((uint32_t)k01 ^ mask_at) * 0x9e3779b1u + (uint32_t)(k01 >> 32) * 0x85ebca77u;

	h += (uint32_t)k23 * 0xc2b2ae3du + (uint32_t)(k23 >> 32) * 0x27d4eb2fu;
	h = (h ^ (h >> 15)) * 0x2c1b3c6du;
	return h ^ (h >> 13);
}

/* packages/core/src/lpm6.ts, with two words at once. */
static int32_t lookup6(const int32_t *t, const uint8_t *address)
{
	uint32_t masks_end = (uint32_t)t[0], slot_mask = (uint32_t)t[1];
	uint64_t w01 = load64(address), w23 = load64(address + 8);

	for (uint32_t mask_at = LPM6_HEADER_WORDS; mask_at < masks_end; mask_at += LPM6_MASK_WORDS) {
		uint64_t k01 = w01 & load64(t + mask_at), k23 = w23 & load64(t + mask_at + 2);

		for (uint32_t slot = spread6(k01, k23, mask_at) & slot_mask;; slot = (slot + 1) & slot_mask) {
			const int32_t *at = t + masks_end + (slot << LPM6_SLOT_SHIFT);

			if (at[LPM6_SLOT_MASK_AT] == 0)
				break;
			if ((uint32_t)at[LPM6_SLOT_MASK_AT] == mask_at && load64(at) == k01 && load64(at + 2) == k23)
				return at[LPM6_SLOT_VALUE];
		}
	}
	return -1;
}

static void end_with(int32_t *w, int32_t i, int32_t verdict, int32_t reason)
{
	w[B_VERDICT + i] = verdict;
	w[B_REASON + i] = reason;
}

/* The record of a packet's port at the prefix, or NULL. */
INLINE const int32_t *find_port(const int32_t *ports, uint32_t mask, const int32_t *w, int32_t i, int32_t prefix)
{
	uint32_t key = (uint32_t)prefix | (w[B_PROTOCOL + i] == PROTOCOL_TCP ? PORT_PROTOCOL_TCP : PORT_PROTOCOL_UDP);
	uint32_t port = (uint32_t)w[B_PORTS + i] >> 16;

	for (uint32_t place = place_of(key, port, mask);; place = (place + 1) & mask) {
		const int32_t *at = ports + place * PORT_WORDS;

		if (at[PORT_VIP] == 0)
			return NULL;
		if ((uint32_t)at[PORT_KEY] == key && ((uint32_t)at[PORT_PORT] & 0xffff) == port)
			return at;
	}
}

/* A packet for a prefix whose VIPs have other ports: sets the verdict, or returns true, and it is an echo request to answer. */
static bool is_echo(int32_t *w, const int32_t *image, int32_t i, int32_t prefix)
{
	int32_t flags = w[B_FLAGS + i], protocol = w[B_PROTOCOL + i];
	bool node = image[image[H_PREFIXES] + prefix * P_WORDS + P_NODE] != 0;

	if (!node && (flags & FLAG_ECHO_REQUEST) != 0)
		return true;
	if (node)
		end_with(w, i, VERDICT_PUNT, REASON_NO_VIP);
	else if ((protocol == PROTOCOL_ICMP || protocol == PROTOCOL_ICMP6) &&
		 (flags & (FLAG_FRAGMENT_FIRST | FLAG_FRAGMENT_LATER)) != 0)
		end_with(w, i, VERDICT_PUNT, REASON_ECHO_FRAGMENT);
	else
		end_with(w, i, VERDICT_PUNT, REASON_OTHER_PORT);
	return false;
}

int32_t lbq_classify(struct lbq_stages *s)
{
	int32_t *w = words_of(s->burst);
	const int32_t *image = words_of(s->image);
	const uint8_t *frames = (const uint8_t *)words_of(s->frames);
	const int32_t *lpm4 = image + image[H_LPM4], *lpm6 = image + image[H_LPM6];
	const int32_t *ports = image + image[H_PORTS];
	uint32_t mask = (uint32_t)image[H_PORTS_MASK];
	int32_t prefixes = image[H_PREFIXES], vips = image[H_VIPS];
	int32_t count = s->count, listed = 0, encaps = 0;

	for (int32_t i = 0; i < count; i++) {
		bool six;
		int32_t prefix, vip, encap;

		if (w[B_VERDICT + i] != VERDICT_PENDING)
			continue;
		six = (w[B_FLAGS + i] & FLAG_IPV6) != 0;
		prefix = six ? lookup6(lpm6, frames + (uint32_t)w[B_DST + i]) : lookup4(lpm4, (uint32_t)w[B_DST + i]);
		if (prefix < 0) {
			end_with(w, i, VERDICT_PUNT, REASON_NO_VIP);
			continue;
		}
		vip = image[prefixes + prefix * P_WORDS + P_VIP];
		if (vip == PREFIX_PER_PORT) {
			const int32_t *port = NULL;

			if ((w[B_FLAGS + i] & FLAG_PORTS) != 0)
				port = find_port(ports, mask, w, i, prefix);
			if (port == NULL) {
				if (is_echo(w, image, i, prefix))
					w[B_MISSES + listed++] = i;
				continue;
			}
			if ((port[PORT_PORT] & PORT_NODE_PORT) != 0)
				w[B_FLAGS + i] |= FLAG_NODE_PORT;
			vip = port[PORT_VIP] - 1;
		}
		encap = image[vips + vip * V_WORDS + V_ENCAP];
		if (encap >= ENCAP_CODE_L3DSR && frames[(uint32_t)w[B_IP + i] + (six ? 7 : 8)] <= 1) {
			end_with(w, i, VERDICT_DROP, REASON_TTL_EXPIRED);
			continue;
		}
		if (encap == ENCAP_CODE_NAT6 && (w[B_FLAGS + i] & FLAG_SOURCE_ROUTED) != 0) {
			end_with(w, i, VERDICT_DROP, REASON_NAT_ROUTING_HEADER);
			continue;
		}
		w[B_VIP + i] = vip;
		w[B_ENCAP + i] = encap;
		encaps |= 1 << encap;
	}
	s->encaps = encaps;
	return listed;
}
