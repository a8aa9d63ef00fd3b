#include "model.h"

static uint32_t be16(const uint8_t *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

static uint32_t raw32(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint32_t raw_port(uint32_t port)
{
	return (port >> 8 & 0xff) | (port & 0xff) << 8;
}

static void put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* One's-complement sum (RFC 1071), folded. */
uint32_t ones_sum(const uint8_t *at, uint32_t bytes)
{
	uint64_t sum = 0;

	for (uint32_t k = 0; k < bytes; k++)
		sum += k % 2 == 0 ? (uint32_t)at[k] << 8 : at[k];
	while (sum > 0xffff)
		sum = (sum >> 16) + (sum & 0xffff);
	return (uint32_t)sum;
}

/* RFC 1624: what a checksum becomes when the bytes `before` become `after`. */
static uint32_t amend(uint32_t checksum, const uint8_t *before, const uint8_t *after, uint32_t bytes)
{
	uint32_t sum = ~checksum & 0xffff;

	for (uint32_t k = 0; k < bytes; k += 2)
		sum += (~be16(before + k) & 0xffff) + be16(after + k);
	while (sum > 0xffff)
		sum = (sum >> 16) + (sum & 0xffff);
	return ~sum & 0xffff;
}

static bool is_six(const struct packet *p)
{
	return (p->flags & FLAG_IPV6) != 0;
}

static bool has_ports(uint32_t protocol)
{
	return protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP;
}

/* TCP and UDP headers that are whole, and agree with the packet's length. */
static bool is_sound_l4(const uint8_t *l4, uint32_t protocol, uint32_t bytes)
{
	if (protocol == PROTOCOL_UDP)
		return bytes >= 8 && be16(l4 + 4) >= 8 && be16(l4 + 4) <= bytes;
	return bytes >= 20 && l4[12] / 16 >= 5 && l4[12] / 16 * 4u <= bytes;
}

static void read_addresses(struct packet *p)
{
	p->src = p->ip + (is_six(p) ? 8 : 12);
	p->dst = p->ip + (is_six(p) ? 24 : 16);
}

/* IP with nothing in front of it and nothing between it and a sound TCP or UDP header. */
bool parse_usual(struct packet *p)
{
	const uint8_t *ip = p->frame + 14;
	uint32_t bytes = p->length - 14, header;

	if (p->length < 34)
		return false;
	p->ip = 14;
	if (be16(p->frame + 12) == 0x0800) {
		header = 20;
		if (ip[0] != 0x45 || (be16(ip + 6) & 0x3fff) != 0 || ones_sum(ip, 20) != 0xffff)
			return false;
		p->ip_length = be16(ip + 2);
		p->protocol = ip[9];
		p->flags = FLAG_PORTS;
	} else if (be16(p->frame + 12) == 0x86dd) {
		header = 40;
		if (bytes < 40 || ip[0] / 16 != 6)
			return false;
		p->ip_length = 40 + be16(ip + 4);
		p->protocol = ip[6];
		p->flags = FLAG_PORTS | FLAG_IPV6;
	} else
		return false;
	if (p->ip_length < header || p->ip_length > bytes || !has_ports(p->protocol) ||
	    !is_sound_l4(ip + header, p->protocol, p->ip_length - header))
		return false;
	p->l4 = 14 + header;
	p->ports = raw32(ip + header);
	read_addresses(p);
	p->verdict = VERDICT_PENDING;
	return true;
}

/* What a packet in an ICMP error tells: its flow turned round. */
static void read_quoted(struct packet *p, uint32_t at, uint32_t header)
{
	const uint8_t *ip = p->frame + at;
	uint32_t end = p->ip + p->ip_length;

	if (at + header + 8 > end || ip[0] / 16 != (is_six(p) ? 6 : 4) || (!is_six(p) && ip[0] != 0x45))
		return;
	p->protocol = is_six(p) ? ip[6] : ip[9];
	p->flags |= FLAG_ICMP_ERROR;
	p->src = at + (is_six(p) ? 24 : 16);
	p->dst = at + (is_six(p) ? 8 : 12);
	if (has_ports(p->protocol)) {
		p->flags |= FLAG_PORTS;
		p->ports = raw32(ip + header) >> 16 | raw32(ip + header) << 16;
	}
}

static void parse_icmp(struct packet *p)
{
	const uint8_t *icmp = p->frame + p->l4;
	uint32_t header = is_six(p) ? 40 : 20;

	if (p->l4 + 8 > p->ip + p->ip_length)
		return;
	if (icmp[0] == (is_six(p) ? 128 : 8))
		p->flags |= FLAG_ECHO_REQUEST;
	if (is_six(p) ? icmp[0] < 128 : icmp[0] == 3 || icmp[0] == 11)
		read_quoted(p, p->l4 + 8, header);
}

/* What the reference makes of a packet that is not usual, as far as the stages behind it care: tags, IPv4 options, later
 * fragments, other protocols, ICMP errors. What it cannot read is dropped. The last choice tells whether a fragment is known. */
void parse_any(struct packet *p)
{
	uint32_t at = 12, header;
	const uint8_t *ip;

	p->verdict = VERDICT_DROP;
	p->reason = 6 + p->choice[3] % 10;
	p->flags = 0;
	p->l4 = p->ports = 0;
	while (at + 2 <= p->length && at < 20 && be16(p->frame + at) == 0x8100)
		at += 4;
	if (at + 2 + 20 > p->length)
		return;
	p->ip = at + 2;
	ip = p->frame + p->ip;
	if (be16(p->frame + at) == 0x0800 && ip[0] / 16 == 4) {
		header = ip[0] % 16 * 4u;
		p->ip_length = be16(ip + 2);
		p->protocol = ip[9];
	} else if (be16(p->frame + at) == 0x86dd && ip[0] / 16 == 6 && p->ip + 40 <= p->length) {
		header = 40;
		p->ip_length = 40 + be16(ip + 4);
		p->protocol = ip[6];
		p->flags = FLAG_IPV6;
	} else
		return;
	if (header < 20 || p->ip_length < header || p->ip + p->ip_length > p->length)
		return;
	read_addresses(p);
	p->verdict = VERDICT_PENDING;
	p->reason = 0;
	if (!is_six(p) && (be16(ip + 6) & 0x1fff) != 0) {
		/* It goes by the ports of its first fragment. */
		p->flags |= FLAG_FRAGMENT_LATER;
		if (has_ports(p->protocol)) {
			p->flags |= FLAG_PORTS;
			p->ports = 0x50001388u;
		}
		return;
	}
	if (!is_six(p) && (be16(ip + 6) & 0x2000) != 0)
		p->flags |= FLAG_FRAGMENT_FIRST;
	p->l4 = p->ip + header;
	if (has_ports(p->protocol)) {
		if (!is_sound_l4(ip + header, p->protocol, p->ip_length - header)) {
			p->verdict = VERDICT_DROP;
			p->reason = 15;
			return;
		}
		p->flags |= FLAG_PORTS;
		p->ports = raw32(ip + header);
	} else if (p->protocol == (is_six(p) ? PROTOCOL_ICMP6 : PROTOCOL_ICMP))
		parse_icmp(p);
	if (is_six(p) && (p->choice[3] & 0x40) != 0 && (p->flags & FLAG_ICMP_ERROR) == 0)
		p->flags |= FLAG_SOURCE_ROUTED;
}

static int32_t model_parse(struct model *m)
{
	m->seen = m->longest = m->listed = 0;
	for (int32_t i = 0; i < m->count; i++) {
		struct packet *p = m->packet + i;

		if (!parse_usual(p)) {
			m->list[m->listed++] = i;
			continue;
		}
		m->seen |= p->flags;
		if ((int32_t)p->ip_length > m->longest)
			m->longest = (int32_t)p->ip_length;
	}
	return m->listed;
}

/* Whether some packet comes from where a NAT VIP has servers, on a queue where answers arrive. */
static bool has_answer(const struct model *m)
{
	struct as as;

	for (int32_t i = 0; i < m->count; i++) {
		const struct packet *p = m->packet + i;
		uint32_t queues = is_six(p) ? m->variant->nat6_queues : m->variant->nat4_queues;

		if ((queues >> (m->input & 31) & 1) == 0)
			continue;
		for (int32_t slot = 0; slot < AS_SLOTS; slot++) {
			const struct vip *vip = vips + slot / SERVERS;

			if (as_of(m->variant, slot, &as) && is_nat(vip->encap) && as.family == (is_six(p) ? 6 : 4) &&
			    memcmp(as.address, p->frame + p->src, is_six(p) ? 16 : 4) == 0 &&
			    raw_port(vip->target_port) == (p->ports & 0xffff) && (vip->protocol == 0 || vip->protocol == p->protocol))
				return true;
		}
	}
	return false;
}

static uint8_t shared_bits(const uint8_t *a, const uint8_t *b, uint8_t most)
{
	uint8_t bits = 0;

	while (bits < most && ((a[bits / 8] ^ b[bits / 8]) >> (7 - bits % 8) & 1) == 0)
		bits++;
	return bits;
}

static bool serves(const struct vip *vip, const struct packet *p, uint16_t port)
{
	return (p->flags & FLAG_PORTS) != 0 && port != 0 && raw_port(port) == p->ports >> 16 &&
	       (vip->protocol == 0 || vip->protocol == p->protocol);
}

/* The VIP of a packet, or -1 with the reason why it has none, or -2 for a request to be answered here. */
int32_t match_vip(const struct packet *p, bool *node_port, int32_t *reason)
{
	uint8_t family = is_six(p) ? 6 : 4, width = is_six(p) ? 128 : 32;
	const uint8_t *dst = p->frame + p->dst, *node = is_six(p) ? node6 : node4;
	int32_t longest = -1;

	*node_port = memcmp(dst, node, width / 8) == 0;
	for (int32_t v = 0; v < VIPS; v++)
		if (vips[v].family == family && vips[v].bits > longest && shared_bits(vips[v].address, dst, vips[v].bits) == vips[v].bits)
			longest = vips[v].bits;
	*reason = REASON_NO_VIP;
	if (*node_port) {
		for (int32_t v = 0; v < VIPS; v++)
			if (vips[v].family == family && serves(vips + v, p, vips[v].node_port))
				return v;
		return -1;
	}
	if (longest < 0)
		return -1;
	for (int32_t v = 0; v < VIPS; v++) {
		if (vips[v].family != family || vips[v].bits != longest || shared_bits(vips[v].address, dst, vips[v].bits) != longest)
			continue;
		if (vips[v].port == 0 || serves(vips + v, p, vips[v].port))
			return v;
	}
	if ((p->flags & FLAG_ECHO_REQUEST) != 0)
		return -2;
	*reason = REASON_OTHER_PORT;
	if ((p->protocol == PROTOCOL_ICMP || p->protocol == PROTOCOL_ICMP6) && (p->flags & (FLAG_FRAGMENT_FIRST | FLAG_FRAGMENT_LATER)) != 0)
		*reason = REASON_ECHO_FRAGMENT;
	return -1;
}

static int32_t model_classify(struct model *m)
{
	m->encaps = m->listed = 0;
	for (int32_t i = 0; i < m->count; i++) {
		struct packet *p = m->packet + i;
		int32_t vip, reason;
		bool node_port;

		if (p->verdict != VERDICT_PENDING)
			continue;
		vip = match_vip(p, &node_port, &reason);
		if (vip == -2)
			m->list[m->listed++] = i;
		else if (vip < 0) {
			p->verdict = VERDICT_PUNT;
			p->reason = reason;
		} else {
			uint8_t ttl = p->frame[p->ip + (is_six(p) ? 7 : 8)];

			if (node_port)
				p->flags |= FLAG_NODE_PORT;
			if (vips[vip].encap >= ENCAP_CODE_L3DSR && ttl <= 1) {
				p->verdict = VERDICT_DROP;
				p->reason = REASON_TTL_EXPIRED;
			} else if (vips[vip].encap == ENCAP_CODE_NAT6 && (p->flags & FLAG_SOURCE_ROUTED) != 0) {
				p->verdict = VERDICT_DROP;
				p->reason = REASON_NAT_ROUTING_HEADER;
			} else {
				p->vip = vip;
				m->encaps |= 1 << vips[vip].encap;
			}
		}
	}
	return m->listed;
}

/* packages/core/src/flow-hash.ts, one flow: `words` of an address are 1 or 4. */
static void flow_hash(const uint32_t seed[2], uint32_t words, const uint8_t *src, const uint8_t *dst, uint32_t ports, uint32_t protocol,
		      uint32_t *lo, uint32_t *hi)
{
	static const uint32_t by[] = { 0x9e3779b1u, 0xcc9e2d51u, 0x1b873593u, 0x2545f491u, 0x27d4eb2fu };
	uint32_t a, b;

	if (words == 1) {
		a = (seed[0] ^ raw32(dst)) * 0x85ebca6bu;
		a ^= a >> 16;
		b = ((seed[1] ^ protocol) + a) * 0xc2b2ae35u;
		b ^= b >> 15;
		a = (a + b) ^ raw32(src);
	} else {
		a = seed[0];
		b = seed[1] ^ 0x10000;
		for (uint32_t k = 0; k < 4; k++) {
			a = (a ^ raw32(dst + 4 * k)) * 0x85ebca6bu;
			a ^= a >> 16;
			b = ((b ^ raw32(src + 4 * k)) + a) * 0xc2b2ae35u;
			b ^= b >> 15;
			a += b;
		}
		a ^= protocol;
	}
	b ^= ports;
	a *= by[0];
	a ^= a >> 15;
	b = (b + a) * by[1];
	b ^= b >> 14;
	a = (a + b) * by[2];
	a ^= a >> 16;
	b = (b ^ a) * by[3];
	b ^= b >> 15;
	a = (a + b) * by[4];
	a ^= a >> 15;
	*lo = a;
	*hi = a + b;
}

/* What tells the flow of a packet for a VIP. */
void identify(const struct model *m, struct packet *p)
{
	const struct vip *vip = vips + p->vip;

	p->id_ports = p->ports;
	p->id_protocol = p->protocol;
	if (vip->sticky && (m->variant->flags & IMAGE_FLAG_HAS_STICKY) != 0) {
		p->id_ports = vip->port == 0 ? 0 : p->ports & 0xffff0000u;
		if (vip->protocol == 0)
			p->id_protocol = 0;
	}
	flow_hash(m->seed, is_six(p) ? 4 : 1, p->frame + p->src, p->frame + p->dst, p->id_ports, p->id_protocol, &p->lo, &p->hi);
}

/* packages/core/src/flow-table.ts: word of one of the two lines of an identity. */
uint32_t line_of(const struct table *t, uint32_t lo, uint32_t hi, bool second)
{
	uint32_t x = (lo ^ t->secret[0]) * t->secret[1], y, h;

	x = x ^ x / 32768;
	y = (hi + x) * t->secret[2];
	y = y ^ y / 16384;
	x = (x + y) * t->secret[3];
	x = x ^ x / 65536;
	h = second ? (x + y) * 0x85ebca6bu : x * 0x9e3779b1u;
	return (h >> t->shift) % t->lines * 16;
}

/* The first entry with this identity in a line, if it is live. */
static int32_t find_in(const struct table *t, uint32_t line, uint32_t lo, uint32_t hi, int32_t now)
{
	for (uint32_t at = line; at < line + 4; at++) {
		if ((uint32_t)t->words[at] != lo || (uint32_t)t->words[at + 4] != hi)
			continue;
		return t->words[at + 12] != 0 && (int32_t)((uint32_t)t->words[at + 8] - (uint32_t)now) > 0 ? (int32_t)at : -1;
	}
	return -1;
}

static int32_t find_entry(const struct table *t, uint32_t lo, uint32_t hi, int32_t now)
{
	int32_t at = find_in(t, line_of(t, lo, hi, false), lo, hi, now);

	return at >= 0 ? at : find_in(t, line_of(t, lo, hi, true), lo, hi, now);
}

/* The AS slot of a packet's established flow, if it is plainly its VIP's; else -1. */
int32_t find_flow_as(const struct model *m, const struct packet *p, int32_t *at)
{
	int32_t slot;

	*at = find_entry(&m->flows, p->lo, p->hi, m->now);
	if (*at < 0)
		return -1;
	slot = (m->flows.words[*at + 12] & 0xffffff) - 1;
	return slot >= 0 && slot < AS_SLOTS && m->owner[slot] == p->vip ? slot : -1;
}

/* What a packet says about the life of its flow (packages/dataplane/src/burst.ts, Life). */
int32_t life_of(const struct packet *p)
{
	bool fin, syn, rst, ack;
	uint8_t flags;

	if (p->protocol != PROTOCOL_TCP)
		return p->protocol == PROTOCOL_UDP ? LIFE_UDP : 0;
	if (p->l4 == 0 || (p->flags & FLAG_ICMP_ERROR) != 0)
		return LIFE_TCP_REST;
	flags = p->frame[p->l4 + 13];
	fin = flags % 2 != 0;
	syn = flags / 2 % 2 != 0;
	rst = flags / 4 % 2 != 0;
	ack = flags / 16 % 2 != 0;
	if (syn && !ack && !rst)
		return LIFE_TCP_SYN;
	return fin || rst ? LIFE_TCP_END : LIFE_TCP_DATA;
}

/* The same where an entry may stand for all flows of a client. */
static int32_t shared_life_of(const struct model *m, const struct packet *p)
{
	const struct vip *vip = vips + p->vip;

	if (!vip->sticky || (m->variant->flags & IMAGE_FLAG_HAS_STICKY) == 0)
		return life_of(p);
	return vip->protocol == 0 ? LIFE_SHARED : vip->protocol == PROTOCOL_UDP ? LIFE_UDP : LIFE_SHARED_TCP;
}

/* Ticks that an entry in a state lives on after a packet, and its next state. There is no fourth state; it counts as the first. */
uint32_t live_on(const uint32_t *ticks, int32_t life, uint32_t state, uint32_t *next)
{
	uint32_t longest = ticks[ESTABLISHED];

	state = state > CLOSING ? ESTABLISHED : state;
	*next = ESTABLISHED;
	switch (life) {
	case LIFE_SHARED:
		longest = ticks[UDP_FLOW] > longest ? ticks[UDP_FLOW] : longest;
		return ticks[OTHER_FLOW] > longest ? ticks[OTHER_FLOW] : longest;
	case LIFE_SHARED_TCP:
		return ticks[ESTABLISHED];
	case LIFE_UDP:
		return ticks[UDP_FLOW];
	case LIFE_TCP_REST:
		*next = state;
		break;
	case LIFE_TCP_DATA:
		*next = state == CLOSING ? CLOSING : ESTABLISHED;
		break;
	case LIFE_TCP_END:
		*next = CLOSING;
		break;
	case LIFE_TCP_SYN:
		*next = OPENING;
		break;
	default:
		return ticks[OTHER_FLOW];
	}
	return ticks[*next];
}

static void keep(const struct model *m, const struct table *t, int32_t at, int32_t life)
{
	uint32_t value = (uint32_t)t->words[at + 12], next, ticks = live_on(m->ticks, life, value >> 28 & 3, &next);

	t->words[at + 8] = (int32_t)((uint32_t)m->now + ticks);
	t->words[at + 12] = (int32_t)((value & 0xcfffffffu) | next << 28);
}

static int32_t model_select(struct model *m)
{
	/* Entries for which a connection is opened anew: what follows there is left over, too. At most eight lines. */
	bool opened[8 * 16] = { false };

	m->listed = 0;
	/* Those in their second line come last. */
	for (int32_t i = 0; i < m->count; i++) {
		struct packet *p = m->packet + i;
		int32_t at, slot, life;

		if (p->verdict != VERDICT_PENDING)
			continue;
		identify(m, p);
		slot = find_flow_as(m, p, &at);
		life = shared_life_of(m, p);
		if (at >= 0 && life == LIFE_TCP_SYN)
			opened[at] = true;
		if (slot < 0 || opened[at]) {
			m->list[m->listed++] = i;
			continue;
		}
		keep(m, &m->flows, at, life);
		p->as = slot;
		m->counters[m->vips_at + p->vip * VIP_COUNTER_COUNT + VIP_COUNTER_EXISTING] += 1;
	}
	return m->listed;
}

/* A session goes by its answer as the server sends it. */
void session_key(const struct model *m, const struct packet *p, uint32_t *lo, uint32_t *hi)
{
	struct as as;

	if (!as_of(m->variant, p->as, &as))
		memset(&as, 0, sizeof(as));
	flow_hash(m->seed, is_six(p) ? 4 : 1, as.address, p->frame + p->src, raw_port(vips[p->vip].target_port) | p->ports << 16,
		  p->protocol | 0x8000, lo, hi);
}

int32_t session_value(const struct packet *p)
{
	return (p->vip + 1) | ((p->flags & FLAG_NODE_PORT) != 0 ? SESSION_NODE_PORT : 0);
}

static int32_t model_nat(struct model *m)
{
	m->listed = 0;
	for (int32_t i = 0; i < m->count; i++) {
		struct packet *p = m->packet + i;
		const int32_t *side;
		uint32_t lo, hi;
		int32_t at;

		if (p->verdict != VERDICT_PENDING || !is_nat(vips[p->vip].encap))
			continue;
		p->client_port = p->ports & 0xffff;
		session_key(m, p, &lo, &hi);
		at = find_entry(&m->sessions, lo, hi, m->now);
		side = at < 0 ? NULL : m->sessions.side + (at / 16 * 4 + at % 4) * 8;
		if (side == NULL || (m->sessions.words[at + 12] & (int32_t)0xcfffffff) != session_value(p) || (uint32_t)side[4] != p->ports ||
		    memcmp(side, p->frame + p->dst, is_six(p) ? 16 : 4) != 0) {
			m->list[m->listed++] = i;
			continue;
		}
		keep(m, &m->sessions, at, life_of(p));
	}
	return m->listed;
}

/* Where a transport has a checksum that covers addresses; 0: it has none. */
static uint32_t checksum_place(uint32_t protocol)
{
	return protocol == PROTOCOL_TCP ? 16 : protocol == PROTOCOL_UDP || protocol == PROTOCOL_UDPLITE || protocol == PROTOCOL_DCCP ? 6 : 0;
}

/* Outer headers in front of the packet; its own bytes stay. */
static void encapsulate(const struct model *m, struct packet *p, const struct as *as)
{
	uint32_t overhead = as->family == 4 ? 24 : 44, bytes = p->ip_length;
	uint8_t *outer = p->frame + p->ip - overhead, *gre;
	uint32_t mask = as->family == 4 ? m->variant->source4_mask : m->variant->source6_mask;

	memmove(p->frame - overhead, p->frame, p->ip);
	p->frame -= overhead;
	p->added = (int32_t)overhead;
	put16(outer - 2, as->family == 4 ? 0x0800 : 0x86dd);
	memset(outer, 0, overhead);
	if (as->family == 4) {
		outer[0] = 0x45;
		put16(outer + 2, bytes + 24);
		outer[8] = 128;
		outer[9] = 47;
		memcpy(outer + 12, outer_source4, 4);
		memcpy(outer + 16, as->address, 4);
		gre = outer + 20;
	} else {
		outer[0] = 0x60;
		put16(outer + 4, bytes + 4);
		outer[6] = 47;
		outer[7] = 128;
		memcpy(outer + 8, outer_source6, 16);
		memcpy(outer + 24, as->address, 16);
		gre = outer + 40;
	}
	/* Some last bits of the source are the flow's. */
	for (uint32_t k = 0; k < 4; k++) {
		uint8_t *at = outer + (as->family == 4 ? 12 : 20) + k, bits = (uint8_t)(mask >> 8 * k);

		*at = (uint8_t)((*at & ~bits) | ((p->lo >> 8 * k) & bits));
	}
	if (as->family == 4)
		put16(outer + 10, ~ones_sum(outer, 20) & 0xffff);
	put16(gre + 2, is_six(p) ? 0x86dd : 0x0800);
}

/* Another destination, one hop further, and every checksum that covers what has changed. */
static void redirect(struct packet *p, const struct as *as, bool mark, uint8_t dscp, uint32_t target_port)
{
	uint8_t *ip = p->frame + p->ip, *l4 = p->l4 == 0 ? NULL : p->frame + p->l4, before[24], after[24];
	uint32_t protocol = (p->flags & FLAG_ICMP_ERROR) != 0 ? PROTOCOL_ICMP : p->protocol, place = checksum_place(protocol);
	uint32_t width = is_six(p) ? 16 : 4, at = is_six(p) ? 24 : 16, bytes = width, old, now;

	memcpy(before, ip + at, width);
	memcpy(ip + at, as->address, width);
	memcpy(after, ip + at, width);
	if (l4 != NULL && place != 0 && p->l4 + place + 2 <= p->ip + p->ip_length) {
		if (target_port != 0) {
			memcpy(before + width, l4 + 2, 2);
			put16(l4 + 2, target_port);
			memcpy(after + width, l4 + 2, 2);
			bytes += 2;
		}
		old = be16(l4 + place);
		now = amend(old, before, after, bytes);
		if (protocol == PROTOCOL_UDP || protocol == PROTOCOL_UDPLITE)
			now = old == 0 ? 0 : now == 0 ? 0xffff : now;
		put16(l4 + place, now);
	}
	if (is_six(p)) {
		ip[7]--;
		return;
	}
	bytes = width;
	memcpy(before + bytes, ip, 2);
	memcpy(before + bytes + 2, ip + 8, 2);
	ip[8]--;
	if (mark)
		ip[1] = (uint8_t)(dscp * 4 + ip[1] % 4);
	memcpy(after + bytes, ip, 2);
	memcpy(after + bytes + 2, ip + 8, 2);
	put16(ip + 10, amend(be16(ip + 10), before, after, bytes + 4));
}

static void count(struct model *m, struct packet *p)
{
	if (p->verdict == VERDICT_REPLY)
		m->counters[WORKER_COUNTER_REPLIED] += 1;
	if (p->verdict != VERDICT_DROP && p->verdict != VERDICT_PUNT)
		return;
	m->counters[p->verdict == VERDICT_DROP ? WORKER_COUNTER_DROPPED : WORKER_COUNTER_PUNTED] += 1;
	m->counters[WORKER_COUNTER_REASONS + p->reason] += 1;
}

static bool is_listed_by_rewrite(const struct packet *p)
{
	if (p->verdict == VERDICT_FORWARD)
		return true;
	return p->verdict == VERDICT_PENDING && is_nat(vips[p->vip].encap) &&
	       ((p->flags & FLAG_ICMP_ERROR) != 0 || p->client_port != (p->ports & 0xffff));
}

static void model_rewrite(struct model *m)
{
	m->listed = 0;
	for (int32_t i = 0; i < m->count; i++) {
		struct packet *p = m->packet + i;
		const struct vip *vip = vips + p->vip;
		double *counter;
		struct as as;

		if (is_listed_by_rewrite(p)) {
			m->list[m->listed++] = i;
			continue;
		}
		if (p->verdict == VERDICT_PENDING && vip->encap <= ENCAP_CODE_GRE6 &&
		    p->ip_length + (vip->encap == ENCAP_CODE_GRE4 ? 24 : 4) > 65535) {
			p->verdict = VERDICT_DROP;
			p->reason = REASON_ENCAP_TOO_BIG;
		}
		if (p->verdict != VERDICT_PENDING) {
			if (p->verdict == VERDICT_REPLY)
				p->output = m->input;
			count(m, p);
			continue;
		}
		if (!as_of(m->variant, p->as, &as))
			continue;
		if (vip->encap <= ENCAP_CODE_GRE6)
			encapsulate(m, p, &as);
		else
			redirect(p, &as, vip->encap == ENCAP_CODE_L3DSR, vip->dscp, vip->target_port);
		if (as.queued)
			memcpy(p->frame, as.macs, 12);
		/* Padding stays behind. */
		p->length = p->ip + (uint32_t)p->added + p->ip_length;
		p->verdict = VERDICT_FORWARD;
		p->output = as.output;
		p->translated = true;
		m->counters[WORKER_COUNTER_FORWARDED] += 1;
		counter = m->counters + m->ass_at + p->as * AS_COUNTER_COUNT;
		counter[AS_COUNTER_PACKETS] += 1;
		counter[AS_COUNTER_BYTES] += p->ip_length;
	}
	m->counters[WORKER_COUNTER_RECEIVED] += m->received;
	m->counters[WORKER_COUNTER_BURSTS] += 1;
}

int32_t model_stages(struct model *m, int32_t from)
{
	bool nat;

	if (from <= LBQ_FROM_PARSE && (model_parse(m) > 0 || m->held > 0 || has_answer(m)))
		return LBQ_FROM_CLASSIFY;
	if (from <= LBQ_FROM_CLASSIFY && model_classify(m) > 0)
		return LBQ_FROM_HASH;
	if (from <= LBQ_FROM_HASH && (model_select(m) > 0 || m->longest > m->shortest_limit || (m->variant->flags & IMAGE_FLAG_HAS_MSS) != 0))
		return LBQ_FROM_NAT;
	nat = (m->encaps & (1 << ENCAP_CODE_NAT4 | 1 << ENCAP_CODE_NAT6)) != 0;
	if (from <= LBQ_FROM_NAT && nat && model_nat(m) > 0)
		return LBQ_FROM_REWRITE;
	model_rewrite(m);
	return LBQ_DONE;
}
