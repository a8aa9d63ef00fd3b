/* The image as packages/dataplane/src/image/layout.ts has it, built from the world by lookups that are made in advance one by
 * one: nothing of how the product builds it. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "poison.h"
#include "world.h"

#define MOST_WORDS (1 << 18)
#define GAP_WORDS 4

struct entry {
	uint8_t family, address[16], bits;
	int32_t prefix;
};

struct builder {
	int32_t words[MOST_WORDS];
	uint32_t used;
	struct {
		uint32_t from, to;
	} gap[32];
	uint32_t gaps;
	struct entry entry[VIPS + 2];
	int32_t entries;
};

static uint32_t raw32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, 4);
	return value;
}

static uint32_t raw_port(uint16_t port)
{
	return (uint32_t)(port >> 8 | (port & 0xff) << 8);
}

/* Room for a section on a boundary of 16 words, behind a gap. */
static uint32_t take(struct builder *b, uint32_t words)
{
	uint32_t at = (b->used + GAP_WORDS + 15) & ~15u;

	b->gap[b->gaps].from = (b->used + 1) & ~1u;
	b->gap[b->gaps++].to = at;
	b->used = at + words;
	if (b->used > MOST_WORDS)
		abort();
	return at;
}

static bool covers(const struct entry *entry, const uint8_t *address, uint8_t bits)
{
	for (uint8_t bit = 0; bit < bits; bit++)
		if (((entry->address[bit / 8] ^ address[bit / 8]) >> (7 - bit % 8) & 1) != 0)
			return false;
	return true;
}

static int32_t prefix_of(struct builder *b, uint8_t family, const uint8_t *address, uint8_t bits)
{
	for (int32_t k = 0; k < b->entries; k++)
		if (b->entry[k].family == family && b->entry[k].bits == bits && covers(b->entry + k, address, bits))
			return k;
	b->entry[b->entries] = (struct entry){ .family = family, .bits = bits, .prefix = b->entries };
	memcpy(b->entry[b->entries].address, address, 16);
	return b->entries++;
}

/* Fills `count` entries below an address of `depth` bits, of which the last ones count up; deeper nodes go behind. */
static void fill4(struct builder *b, uint32_t table, uint32_t at, const uint8_t *above, uint8_t depth, uint32_t count)
{
	for (uint32_t n = 0; n < count; n++) {
		uint8_t address[16] = { above[0], above[1], above[2], above[3] };
		int32_t best = -1;
		bool deeper = false;
		uint32_t node, place = n;

		if (depth == 16) {
			address[0] = (uint8_t)n;
			address[1] = (uint8_t)(n >> 8);
		} else
			address[depth / 8 - 1] = (uint8_t)n;
		for (int32_t k = 0; k < b->entries; k++) {
			const struct entry *entry = b->entry + k;

			if (entry->family != 4 || !covers(entry, address, entry->bits < depth ? entry->bits : depth))
				continue;
			if (entry->bits > depth)
				deeper = true;
			else if (best < 0 || b->entry[best].bits < entry->bits)
				best = k;
		}
		b->words[at + place] = best + 1;
		if (!deeper)
			continue;
		node = b->used;
		b->used += 256;
		b->words[at + place] = (int32_t)(0x80000000u | (node - table));
		fill4(b, table, node, address, (uint8_t)(depth + 8), 256);
	}
}

static uint32_t build_lpm4(struct builder *b)
{
	uint32_t at = take(b, 65536);

	fill4(b, at, at, (uint8_t[4]){ 0 }, 16, 65536);
	return at;
}

/* lpm6.ts: masks of the lengths in use, longest first, then slots, placed by a hash that is repeated here. */
static uint32_t build_lpm6(struct builder *b)
{
	uint8_t lengths[VIPS + 2];
	uint32_t n = 0, slots = 32, at, slot_at;

	for (int bits = 128; bits >= 0; bits--)
		for (int32_t k = 0; k < b->entries; k++)
			if (b->entry[k].family == 6 && b->entry[k].bits == bits) {
				lengths[n++] = (uint8_t)bits;
				break;
			}
	at = take(b, 4 + n * 4 + slots * 8);
	b->words[at] = (int32_t)(4 + n * 4);
	b->words[at + 1] = (int32_t)slots - 1;
	slot_at = at + 4 + n * 4;
	for (uint32_t l = 0; l < n; l++) {
		uint8_t mask[16] = { 0 };
		uint32_t mask_at = 4 + l * 4;

		for (uint8_t bit = 0; bit < lengths[l]; bit++)
			mask[bit / 8] |= (uint8_t)(128 >> bit % 8);
		memcpy(b->words + at + mask_at, mask, 16);
		for (int32_t k = 0; k < b->entries; k++) {
			const struct entry *entry = b->entry + k;
			uint32_t h = 0, slot;

			if (entry->family != 6 || entry->bits != lengths[l])
				continue;
			h = (raw32(entry->address) ^ mask_at) * 0x9e3779b1u + raw32(entry->address + 4) * 0x85ebca77u;
			h += raw32(entry->address + 8) * 0xc2b2ae3du + raw32(entry->address + 12) * 0x27d4eb2fu;
			h = (h ^ (h >> 15)) * 0x2c1b3c6du;
			for (slot = (h ^ (h >> 13)) & (slots - 1); b->words[slot_at + slot * 8 + 4] != 0;)
				slot = (slot + 1) & (slots - 1);
			memcpy(b->words + slot_at + slot * 8, entry->address, 16);
			b->words[slot_at + slot * 8 + 4] = (int32_t)mask_at;
			b->words[slot_at + slot * 8 + 5] = k;
		}
	}
	return at;
}

static uint32_t place(uint32_t a, uint32_t b, uint32_t mask)
{
	uint32_t h = a ^ (b * 0x9e3779b1u);

	h = (h ^ (h >> 15)) * 0x85ebca6bu;

	return (h ^ (h >> 15)) & mask;
}

static void add_port(struct builder *b, uint32_t at, uint32_t mask, int32_t prefix, uint32_t protocol, uint32_t port,
		     uint32_t node, int32_t vip)
{
	uint32_t key = (uint32_t)prefix | protocol, k = place(key, port, mask);

	while (b->words[at + k * PORT_WORDS + PORT_VIP] != 0)
		k = (k + 1) & mask;
	b->words[at + k * PORT_WORDS + PORT_KEY] = (int32_t)key;
	b->words[at + k * PORT_WORDS + PORT_PORT] = (int32_t)(port | node);
	b->words[at + k * PORT_WORDS + PORT_VIP] = vip + 1;
}

static void build_ports(struct builder *b)
{
	const uint32_t mask = 15;
	uint32_t at = take(b, (mask + 1) * PORT_WORDS);

	b->words[H_PORTS] = (int32_t)at;
	b->words[H_PORTS_MASK] = (int32_t)mask;
	for (int32_t v = 0; v < VIPS; v++) {
		const struct vip *vip = vips + v;
		int32_t own = prefix_of(b, vip->family, vip->address, vip->bits);
		int32_t node = prefix_of(b, vip->family, vip->family == 4 ? node4 : node6, vip->family == 4 ? 32 : 128);

		for (uint32_t k = 0; k < 2 && vip->port != 0; k++) {
			uint32_t protocol = k == 0 ? PORT_PROTOCOL_TCP : PORT_PROTOCOL_UDP;

			if (vip->protocol != 0 && vip->protocol != (k == 0 ? PROTOCOL_TCP : PROTOCOL_UDP))
				continue;
			add_port(b, at, mask, own, protocol, raw_port(vip->port), 0, v);
			if (vip->node_port != 0)
				add_port(b, at, mask, node, protocol, raw_port(vip->node_port), PORT_NODE_PORT, v);
		}
	}
}

static void build_nat(struct builder *b, const struct variant *variant)
{
	const uint32_t mask = 63;
	uint32_t at = take(b, (mask + 1) * N_WORDS);
	struct as as;

	b->words[H_NAT] = (int32_t)at;
	b->words[H_NAT_MASK] = (int32_t)mask;
	for (int32_t slot = 0; slot < AS_SLOTS; slot++) {
		const struct vip *vip = vips + slot / SERVERS;

		if (!as_of(variant, slot, &as) || !is_nat(vip->encap))
			continue;
		for (uint32_t protocol = PROTOCOL_TCP; protocol <= PROTOCOL_UDP; protocol += PROTOCOL_UDP - PROTOCOL_TCP) {
			uint32_t tail = raw_port(vip->target_port) | protocol << 16 | (uint32_t)as.family << 24, mixed = 0, k;

			if (vip->protocol != 0 && vip->protocol != protocol)
				continue;
			for (int word = 0; word < 4; word++)
				mixed ^= raw32(as.address + 4 * word);
			for (k = place(mixed, tail, mask); b->words[at + k * N_WORDS + N_TAIL] != 0;)
				k = (k + 1) & mask;
			memcpy(b->words + at + k * N_WORDS, as.address, 16);
			b->words[at + k * N_WORDS + N_TAIL] = (int32_t)tail;
		}
	}
}

static void write_template(uint8_t *to, const struct as *as, uint8_t inner)
{
	uint32_t sum;

	if (vips[as->vip].encap == ENCAP_CODE_GRE4) {
		memcpy(to, (uint8_t[]){ 0x45, 0, 0, 0, 0, 0, 0, 0, 128, 47 }, 10);
		memcpy(to + 12, outer_source4, 4);
		memcpy(to + 16, as->address, 4);
		sum = 0;
		for (int k = 0; k < 20; k += 4)
			sum += (raw32(to + k) & 0xffff) + (raw32(to + k) >> 16);
		memcpy(to + 24, &sum, 4);
		memcpy(to + 20, (uint8_t[]){ 0, 0, inner == 4 ? 8 : 0x86, inner == 4 ? 0 : 0xdd }, 4);
	} else {
		memcpy(to, (uint8_t[]){ 0x60, 0, 0, 0, 0, 0, 47, 128 }, 8);
		memcpy(to + 8, outer_source6, 16);
		memcpy(to + 24, as->address, 16);
		memcpy(to + 40, (uint8_t[]){ 0, 0, inner == 4 ? 8 : 0x86, inner == 4 ? 0 : 0xdd }, 4);
	}
}

static void build_ass(struct builder *b, const struct variant *variant)
{
	uint32_t at = take(b, AS_SLOTS * A_WORDS);
	struct as as;

	b->words[H_ASS] = (int32_t)at;
	b->words[H_AS_SLOTS] = AS_SLOTS;
	for (int32_t slot = 0; slot < AS_SLOTS; slot++) {
		int32_t *record = b->words + at + slot * A_WORDS;
		const struct vip *vip;
		uint8_t ethernet[16] = { 0 };

		record[A_VIP] = -1;
		if (!as_of(variant, slot, &as))
			continue;
		vip = vips + as.vip;
		record[A_VIP] = as.vip;
		record[A_NEXT_HOP] = as.queued ? HOP_KIND_QUEUE : (variant->flags & IMAGE_FLAG_HAS_NETWORK) != 0 ? 2 : 0;
		record[A_QUEUE] = as.output;
		memcpy(record + A_ADDRESS, as.address, 16);
		/* Half a word, two words, and the last with the type, of what leaves. */
		memcpy(ethernet, as.macs, 2);
		memcpy(ethernet + 4, as.macs + 2, 10);
		memcpy(ethernet + 14, as.family == 4 ? (uint8_t[]){ 8, 0 } : (uint8_t[]){ 0x86, 0xdd }, 2);
		memcpy(record + A_ETHERNET, ethernet, 16);
		if (vip->encap <= ENCAP_CODE_GRE6)
			write_template((uint8_t *)(record + A_TEMPLATE), &as, vip->family);
	}
}

static void build_vips(struct builder *b, const struct variant *variant)
{
	uint32_t at = take(b, VIPS * V_WORDS), prefixes;

	b->words[H_VIPS] = (int32_t)at;
	for (int32_t v = 0; v < VIPS; v++) {
		int32_t *record = b->words + at + v * V_WORDS;
		const struct vip *vip = vips + v;

		record[V_ENCAP] = vip->encap;
		record[V_DSCP] = vip->dscp;
		record[V_TARGET_PORT] = (int32_t)raw_port(vip->target_port);
		record[V_FLAGS] = (vip->sticky && (variant->flags & IMAGE_FLAG_HAS_STICKY) != 0 ? VIP_FLAG_STICKY : 0) |
				  (vip->port != 0 ? VIP_FLAG_PER_PORT : 0) | (vip->protocol != 0 ? VIP_FLAG_ONE_PROTOCOL : 0);
	}
	prefixes = take(b, (uint32_t)b->entries * P_WORDS);
	b->words[H_PREFIXES] = (int32_t)prefixes;
	for (int32_t k = 0; k < b->entries; k++) {
		const struct entry *entry = b->entry + k;

		b->words[prefixes + (uint32_t)k * P_WORDS + P_VIP] = PREFIX_PER_PORT;
		b->words[prefixes + (uint32_t)k * P_WORDS + P_NODE] =
			memcmp(entry->address, entry->family == 4 ? node4 : node6, 16) == 0;
		for (int32_t v = 0; v < VIPS; v++)
			if (vips[v].port == 0 && prefix_of(b, vips[v].family, vips[v].address, vips[v].bits) == k)
				b->words[prefixes + (uint32_t)k * P_WORDS + P_VIP] = v;
	}
}

int32_t *build_image(const struct variant *variant, size_t *words)
{
	struct builder *b = calloc(1, sizeof(*b));
	size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes;
	uint8_t *memory;

	if (b == NULL)
		abort();
	b->used = 64;
	build_ports(b); /* knows all prefixes */
	build_nat(b, variant);
	build_ass(b, variant);
	build_vips(b, variant);
	b->words[H_LPM6] = (int32_t)build_lpm6(b);
	b->words[H_LPM4] = (int32_t)build_lpm4(b);
	b->words[H_FLAGS] = (int32_t)variant->flags;
	b->words[H_NAT4_QUEUES] = (int32_t)variant->nat4_queues;
	b->words[H_NAT6_QUEUES] = (int32_t)variant->nat6_queues;
	b->words[H_SOURCE4_MASK] = (int32_t)variant->source4_mask;
	b->words[H_SOURCE6_MASK] = (int32_t)variant->source6_mask;
	/* A cache line is the unit that the product aligns to. */
	*words = (b->used + 15) & ~15u;
	bytes = (*words * 4 + page - 1) & ~(page - 1);
	memory = mmap(NULL, bytes + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED || mprotect(memory + bytes, page, PROT_NONE) != 0)
		abort();
	memory += bytes - *words * 4;
	memcpy(memory, b->words, *words * 4);
	for (uint32_t k = 0; k < b->gaps; k++)
		poison(memory + (size_t)b->gap[k].from * 4, (size_t)(b->gap[k].to - b->gap[k].from) * 4);
	free(b);
	return (int32_t *)(void *)memory;
}
