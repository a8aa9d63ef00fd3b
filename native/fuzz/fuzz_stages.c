/* The stages against the plain model of them: after each call the same packets left over, the same verdicts, the same bytes,
 * counters and tables; and nothing read or written but what belongs to them (address sanitizer; guard bytes without). Between the
 * calls it does what TypeScript would, as the input chooses. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stages/input.h"
#include "stages/model.h"
#include "stages/poison.h"

#define ARENA_BYTES (4 << 20)
#define HEADROOM 46
#define GUARD 0xc5
#define GUARD_BYTES 16
#define STALE 0x5a
#define COLUMN_WORDS 22304 /* burst.ts, B.END */
#define COUNTERS (WORKER_COUNTER_REASONS + 48 + VIPS * VIP_COUNTER_COUNT + AS_SLOTS * AS_COUNTER_COUNT)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One memory of frames as the stages have it, and one as the model has it. */
static uint8_t *arena, *expected;
static uint32_t arena_used;

static struct {
	int32_t *words;
	size_t count, bytes;
	int32_t owner[AS_SLOTS];
} image[VARIANTS];

static struct model model;
static struct lbq_stages stages;
static int32_t *columns;
static double *counters, *expected_counters;
static int32_t *flows, *sessions, *sides, *expected_flows, *expected_sessions, *expected_sides;
static uint32_t place[BURST_CAPACITY]; /* of each packet's frame as it came, in both memories */
static const uint8_t *input_data;
static size_t input_size;

static void fail(const char *what, int32_t packet, int64_t here, int64_t wanted)
{
	fprintf(stderr, "stages: %s of packet %d is %lld, model: %lld, for\n", what, packet, (long long)here, (long long)wanted);
	for (size_t i = 0; i < input_size; i++)
		fprintf(stderr, "%02x", input_data[i]);
	fprintf(stderr, "\n");
	abort();
}

static void check(const char *what, int32_t packet, int64_t here, int64_t wanted)
{
	if (here != wanted)
		fail(what, packet, here, wanted);
}

static void *block(size_t bytes)
{
	/* Exactly so long, on a cache line. */
	void *memory = NULL;

	if (posix_memalign(&memory, 64, bytes) != 0)
		abort();
	memset(memory, 0, bytes);
	return memory;
}

static void protect(uint32_t variant, int how)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uintptr_t from = (uintptr_t)image[variant].words & ~(page - 1);

	if (mprotect((void *)from, image[variant].bytes, how) != 0)
		abort();
}

static void set_up(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	arena = block(ARENA_BYTES);
	expected = block(ARENA_BYTES);
	memset(arena, GUARD, ARENA_BYTES);
	memset(expected, GUARD, ARENA_BYTES);
	poison(arena, ARENA_BYTES);
	columns = block(COLUMN_WORDS * 4);
	counters = block(COUNTERS * 8);
	expected_counters = block(COUNTERS * 8);
	for (uint32_t v = 0; v < VARIANTS; v++) {
		image[v].words = build_image(variants + v, &image[v].count);
		image[v].bytes = (image[v].count * 4 + page - 1) & ~(page - 1);
		protect(v, PROT_READ);
	}
}

/* Room for a frame, the same in both memories; false if there is none. */
static bool put_frame(struct packet *p, int32_t i, const uint8_t *bytes, uint32_t length)
{
	uint32_t end = (arena_used + HEADROOM + length + GUARD_BYTES + 7) & ~7u;

	if (end > ARENA_BYTES)
		return false;
	unpoison(arena + arena_used, HEADROOM + length);
	place[i] = arena_used + HEADROOM;
	memcpy(arena + place[i], bytes, length);
	memcpy(expected + place[i], bytes, length);
	p->frame = expected + place[i];
	p->length = length;
	columns[B_OFFSET + i] = (int32_t)place[i];
	columns[B_LENGTH + i] = (int32_t)length;
	arena_used = end;
	return true;
}

static void clear_frames(void)
{
	unpoison(arena, arena_used);
	memset(arena, GUARD, arena_used);
	memset(expected, GUARD, arena_used);
	poison(arena, arena_used);
	arena_used = 0;
}

/* The AS that TypeScript would choose for a new flow, or -1. */
static int32_t new_as(const struct packet *p)
{
	return vips[p->vip].unserved || p->choice[3] % 8 == 7 ? -1 : as_slot(p->vip, p->choice[1] % SERVERS);
}

static int32_t some_expiry(int32_t now, uint8_t choice)
{
	static const uint32_t left[] = { 1000, 1, 0, 0x80000000u };

	return (int32_t)((uint32_t)now + left[choice & 3]);
}

/* Puts an entry where its choice says: bits 0-1 which of its lines, 2-3 which place there, 4-5 when it ends. */
static int32_t put_entry(struct table *table, uint32_t lo, uint32_t hi, int32_t now, uint8_t choice, int32_t value)
{
	uint32_t at;

	if ((choice & 3) == 0)
		return -1;
	at = line_of(table, lo, hi, (choice & 3) == 2) + (choice >> 2 & 3);
	table->words[at] = (int32_t)lo;
	table->words[at + 4] = (int32_t)hi;
	table->words[at + 8] = some_expiry(now, choice >> 4);
	table->words[at + 12] = value;
	return (int32_t)at;
}

/* A server of its VIP and a state, or anything. */
static int32_t flow_value(const struct packet *p)
{
	uint8_t choice = p->choice[1];

	if (choice < 160)
		return (int32_t)((uint32_t)(as_slot(p->vip, choice % SERVERS) + 1) | (uint32_t)(choice & 0x60) << 23);
	return choice < 176 ? 0 : choice < 192 ? 0xffffff : choice < 224 ? AS_SLOTS - 2 + choice % 5 : (int32_t)(choice * 0x01010101u);
}

static void put_session(struct packet *p)
{
	uint8_t choice = p->choice[2];
	int32_t at, unused, *side;
	uint32_t lo, hi;

	p->as = find_flow_as(&model, p, &unused);
	if (p->as < 0)
		p->as = new_as(p);
	if (p->as < 0)
		return;
	session_key(&model, p, &lo, &hi);
	at = put_entry(&model.sessions, lo, hi, model.now, choice,
		       (session_value(p) ^ ((choice & 0x40) != 0 ? SESSION_NODE_PORT : 0)) | (p->choice[3] & 3) << FLOW_STATE_SHIFT);
	if (at < 0)
		return;
	side = expected_sides + (at / 16 * 4 + at % 4) * SESSION_SIDE_WORDS;
	memcpy(side, p->frame + p->dst, (p->flags & FLAG_IPV6) != 0 ? 16 : 4);
	side[4] = (int32_t)(p->ports ^ ((choice & 0x80) != 0 ? 1 : 0));
}

static void lay_out_table(struct table *table, struct lbq_table *of, int32_t **words, int32_t **wanted, uint32_t log2,
			  const struct header *header)
{
	table->lines = 1u << log2;
	*words = block((size_t)table->lines * 64);
	*wanted = block((size_t)table->lines * 64);
	table->words = *wanted;
	for (uint32_t k = 0; k < table->lines * 16 && (header->tables & 0x40) != 0; k++)
		table->words[k] = (int32_t)((k + header->secret) * 0x9e3779b1u >> (k % 16 < 12 ? 0 : 26));
	table->shift = (32 - log2) & 31;
	for (uint32_t k = 0; k < 4; k++)
		table->secret[k] = (header->secret + 1u) * 0x85ebca6bu * (k + 1) | k / 2;
	of->mask = table->lines - 1;
	of->shift = table->shift;
	memcpy(of->secret, table->secret, sizeof(of->secret));
	of->words = (uintptr_t)*words;
}

static size_t side_bytes(void)
{
	return (size_t)model.sessions.lines * LINE_ENTRIES * SESSION_SIDE_WORDS * 4;
}

/* Entries for the flows of this burst, as they choose; the model looks for them in its own tables. */
static void lay_out_tables(const struct header *header)
{
	lay_out_table(&model.flows, &stages.flows, &flows, &expected_flows, header->tables >> 2 & 3, header);
	lay_out_table(&model.sessions, &stages.sessions, &sessions, &expected_sessions, header->tables >> 4 & 3, header);
	sides = block(side_bytes());
	expected_sides = block(side_bytes());
	model.sessions.side = expected_sides;
	stages.sessions.side = (uintptr_t)sides;
	for (int pass = 0; pass < 2; pass++)
		for (int32_t i = 0; i < model.count; i++) {
			struct packet scratch = model.packet[i], *p = &scratch;
			int32_t reason;
			bool node_port;

			if (!parse_usual(p))
				parse_any(p);
			if (p->verdict != VERDICT_PENDING || (p->vip = match_vip(p, &node_port, &reason)) < 0)
				continue;
			p->flags |= node_port ? FLAG_NODE_PORT : 0;
			identify(&model, p);
			if (pass == 0)
				put_entry(&model.flows, p->lo, p->hi, model.now, p->choice[0], flow_value(p));
			else if (is_nat(vips[p->vip].encap))
				put_session(p);
		}
	memcpy(flows, expected_flows, (size_t)model.flows.lines * 64);
	memcpy(sessions, expected_sessions, (size_t)model.sessions.lines * 64);
	memcpy(sides, expected_sides, side_bytes());
}

static void lay_out_image(const struct header *header)
{
	uint32_t variant = header->tables & 3, odd = header->odd[0] | (uint32_t)header->odd[1] << 8 | (uint32_t)header->odd[2] << 16;
	int32_t *words = image[variant].words;

	protect(variant, PROT_READ | PROT_WRITE);
	model.variant = variants + variant;
	model.owner = image[variant].owner;
	model.seed[0] = header->seed * 0x01010101u;
	model.seed[1] = ~header->seed * 0x00010203u;
	for (uint32_t k = 0; k < TIMES; k++)
		model.ticks[k] = header->timeout + 1 + (k * 37 + header->seed) % 5 * 8;
	model.shortest_limit = header->limit < 128 ? 0x7fffffff : header->limit < 192 ? 1400 : header->limit - 150;
	words[H_SEED0] = (int32_t)model.seed[0];
	words[H_SEED1] = (int32_t)model.seed[1];
	for (int32_t life = 0; life <= LIFE_SHARED_TCP; life += 4)
		for (uint32_t state = 0; state < 4; state++) {
			uint32_t next, ticks = live_on(model.ticks, life, state, &next);

			words[H_LIFETIMES + life + (int32_t)state] = (int32_t)(ticks | next << 28);
		}
	words[H_SHORTEST_LIMIT] = model.shortest_limit;
	for (int32_t slot = 0; slot < AS_SLOTS; slot++) {
		/* Draining, the same and ending UDP, vacant. */
		static const int32_t more[] = { 0x40000000, 0x60000000, -1 };
		struct as as;
		int32_t owner = as_of(model.variant, slot, &as) ? as.vip : -1;

		if ((odd >> slot % 24 & 1) != 0)
			owner |= more[slot % 3];
		image[variant].owner[slot] = owner;
		words[words[H_ASS] + slot * A_WORDS + A_VIP] = owner;
	}
	protect(variant, PROT_READ);
	stages.image = (uintptr_t)words;
}

static void lay_out(const uint8_t *data, size_t size)
{
	static struct frame frame;
	struct header header;
	size_t first = read_header(data, size, &header), at = first;

	memset(&model, 0, sizeof(model));
	memset(&stages, 0, sizeof(stages));
	memset(columns, STALE, COLUMN_WORDS * 4);
	while (model.count < 256 && first > 0) {
		struct packet *p = model.packet + model.count;

		at = read_frame(data, size, at, &frame);
		if (at == 0) {
			if (model.count == 0 || model.count >= header.packets)
				break;
			at = first;
			continue;
		}
		if (!put_frame(p, model.count, frame.bytes, frame.length))
			break;
		memcpy(p->choice, frame.choice, CHOICES);
		model.count++;
		if (header.packets != 0 && model.count > header.packets)
			break;
	}
	model.now = header.now;
	model.input = header.input;
	model.held = header.held;
	model.received = model.count;
	lay_out_image(&header);
	lay_out_tables(&header);
	memset(counters, 0, COUNTERS * 8);
	memset(expected_counters, 0, COUNTERS * 8);
	model.counters = expected_counters;
	model.vips_at = stages.vips_at = WORKER_COUNTER_REASONS + 48;
	model.ass_at = stages.ass_at = model.vips_at + VIPS * VIP_COUNTER_COUNT;
	stages.burst = (uintptr_t)columns;
	stages.frames = (uintptr_t)arena;
	stages.counters = (uintptr_t)counters;
	stages.now = model.now;
	stages.input = model.input;
	stages.received = model.received;
	stages.held = model.held;
}

/* What TypeScript has written of a packet. */
static void write_columns(int32_t i)
{
	const struct packet *p = model.packet + i;
	bool six = (p->flags & FLAG_IPV6) != 0;
	int32_t src, dst;

	columns[B_VERDICT + i] = p->verdict;
	columns[B_REASON + i] = p->reason;
	columns[B_FLAGS + i] = p->flags;
	columns[B_LENGTH + i] = (int32_t)p->length;
	if (p->verdict == VERDICT_DROP)
		return;
	columns[B_IP + i] = (int32_t)(place[i] + p->ip);
	columns[B_IP_LENGTH + i] = (int32_t)p->ip_length;
	columns[B_L4 + i] = p->l4 == 0 ? 0 : (int32_t)(place[i] + p->l4);
	columns[B_PROTOCOL + i] = (int32_t)p->protocol;
	memcpy(&src, p->frame + p->src, 4);
	memcpy(&dst, p->frame + p->dst, 4);
	columns[B_SRC + i] = six ? (int32_t)(place[i] + p->src) : src;
	columns[B_DST + i] = six ? (int32_t)(place[i] + p->dst) : dst;
	columns[B_PORTS + i] = (int32_t)p->ports;
	columns[B_EMBEDDED_L4 + i] = 0;
	columns[B_LIFE + i] = life_of(p);
}

static void parse_listed(void)
{
	for (int32_t k = 0; k < model.listed; k++) {
		struct packet *p = model.packet + model.list[k];

		parse_any(p);
		model.seen |= p->flags;
		if (p->verdict == VERDICT_PENDING && (int32_t)p->ip_length > model.longest)
			model.longest = (int32_t)p->ip_length;
		write_columns(model.list[k]);
	}
	/* Answers of servers find their session, fragments wait. */
	for (int32_t i = 0; i < model.count; i++) {
		struct packet *p = model.packet + i;
		uint8_t choice = p->choice[3] & 0x38;

		if (p->verdict != VERDICT_PENDING || (choice != 0x38 && choice != 0x30))
			continue;
		p->verdict = choice == 0x38 ? VERDICT_FORWARD : 5 /* hold */;
		p->as = -1;
		columns[B_VERDICT + i] = p->verdict;
		columns[B_AS + i] = -1;
	}
}

static void answer_listed(void)
{
	for (int32_t k = 0; k < model.listed; k++)
		columns[B_VERDICT + model.list[k]] = model.packet[model.list[k]].verdict = VERDICT_REPLY;
}

/* A later fragment of packet `i` behind the burst; `i` stays as it is, which is the same to the stages. */
static void append_fragment(int32_t i)
{
	struct packet *p = model.packet + model.count;
	uint32_t length = model.packet[i].ip + (model.packet[i].ip_length < 40 ? 20 : 40);

	*p = model.packet[i];
	if (!put_frame(p, model.count, model.packet[i].frame, length))
		return;
	p->ip_length = length - p->ip;
	p->l4 = 0;
	p->flags = (p->flags & ~FLAG_FRAGMENT_FIRST) | FLAG_FRAGMENT_LATER;
	p->frame[p->ip + 2] = 0;
	p->frame[p->ip + 3] = arena[place[model.count] + p->ip + 3] = (uint8_t)p->ip_length;
	arena[place[model.count] + p->ip + 2] = 0;
	/* The burst's columns of the packet that it comes from. */
	for (int32_t column = 2; column < COLUMN_WORDS / BURST_CAPACITY; column++)
		columns[column * BURST_CAPACITY + model.count] = columns[column * BURST_CAPACITY + i];
	write_columns(model.count);
	columns[B_VIP + model.count] = p->vip;
	columns[B_AS + model.count] = p->as;
	model.count++;
}

static void select_listed(void)
{
	int32_t count = model.count;

	for (int32_t k = 0; k < model.listed; k++) {
		struct packet *p = model.packet + model.list[k];

		p->as = new_as(p);
		if (p->as < 0) {
			columns[B_VERDICT + model.list[k]] = p->verdict = VERDICT_DROP;
			columns[B_REASON + model.list[k]] = p->reason = 20;
		} else
			columns[B_AS + model.list[k]] = p->as;
	}
	if (model.longest <= model.shortest_limit)
		return;
	for (int32_t i = 0; i < count; i++) {
		struct packet *p = model.packet + i;

		if (p->verdict != VERDICT_PENDING || (int32_t)p->ip_length <= model.shortest_limit)
			continue;
		if ((p->choice[3] & 0x10) != 0)
			columns[B_VERDICT + i] = p->verdict = VERDICT_REPLY;
		else if ((p->flags & FLAG_IPV6) == 0 && model.count < BURST_CAPACITY)
			append_fragment(i);
	}
}

static void resolve_listed(void)
{
	for (int32_t k = 0; k < model.listed; k++) {
		struct packet *p = model.packet + model.list[k];
		int32_t i = model.list[k];

		p->client_port = p->ports & 0xffff;
		if ((p->choice[2] & 0xc0) == 0xc0)
			p->client_port ^= 0x55;
		else if ((p->choice[2] & 0xc0) == 0x80) {
			columns[B_VERDICT + i] = p->verdict = VERDICT_DROP;
			columns[B_REASON + i] = p->reason = 25;
		}
		columns[B_CLIENT_PORT + i] = (int32_t)p->client_port;
	}
}

/* `classified`: if it is still pending, it has a VIP. */
static void check_packet(int32_t i, bool classified)
{
	const struct packet *p = model.packet + i;

	check("verdict", i, columns[B_VERDICT + i], p->verdict);
	if (p->verdict == VERDICT_DROP || p->verdict == VERDICT_PUNT)
		check("reason", i, columns[B_REASON + i], p->reason);
	check("offset", i, columns[B_OFFSET + i], (int64_t)place[i] - p->added);
	check("length", i, columns[B_LENGTH + i], p->length);
	if (!p->translated && (!classified || p->verdict != VERDICT_PENDING))
		return;
	check("VIP", i, columns[B_VIP + i], p->vip);
	check("encap", i, columns[B_ENCAP + i], vips[p->vip].encap);
	check("flags", i, columns[B_FLAGS + i], p->flags);
	if (!p->translated)
		return;
	check("AS", i, columns[B_AS + i], p->as);
	check("identity (low)", i, (uint32_t)columns[B_LO + i], p->lo);
	check("identity (high)", i, (uint32_t)columns[B_HI + i], p->hi);
	if ((model.variant->flags & IMAGE_FLAG_HAS_NETWORK) != 0)
		check("output", i, columns[B_OUTPUT + i], p->output);
}

/* After a call that ended at `next`. */
static void check_call(int32_t next, int32_t wanted)
{
	bool is_listed[BURST_CAPACITY] = { false };

	check("next step", -1, next, wanted);
	check("number listed", -1, stages.listed, model.listed);
	for (int32_t k = 0; k < model.listed; k++) {
		check("list", k, columns[B_MISSES + k], model.list[k]);
		is_listed[model.list[k]] = true;
	}
	check("seen", -1, stages.seen, model.seen);
	check("longest", -1, stages.longest, model.longest);
	if (next > LBQ_FROM_CLASSIFY)
		check("encaps", -1, stages.encaps, model.encaps);
	for (int32_t i = 0; i < model.count; i++)
		if (next != LBQ_FROM_CLASSIFY || !is_listed[i])
			check_packet(i, next > LBQ_FROM_HASH || (next == LBQ_FROM_HASH && !is_listed[i]));
}

/* Whether a column is as it was before the stages, from an entry on. */
static void check_stale(int32_t column, int32_t from)
{
	static int32_t stale[BURST_CAPACITY];

	memset(stale, STALE, sizeof(stale));
	if (memcmp(columns + column * BURST_CAPACITY + from, stale, (size_t)(BURST_CAPACITY - from) * 4) != 0)
		fail("a column of others, or behind the burst,", column, 1, 0);
}

static void check_columns(void)
{
	/* BUCKET, EMBEDDED_IP, FRAGMENT_ID, SEQUENCE, FRAGMENT_NEXT, FRAGMENT_BYTES, FRAGMENT_TOTAL are none of the stages' business. */
	static const uint64_t others = 1ull << 20 | 1ull << 21 | 1ull << 23 | 1ull << 28 | 1ull << 29 | 1ull << 37 | 1ull << 38;

	for (int32_t column = 0; column < COLUMN_WORDS / BURST_CAPACITY; column++) {
		/* Of these TypeScript has written the fragments behind the burst. */
		if ((others >> column & 1) != 0 && model.count == model.received)
			check_stale(column, 0);
		/* Lanes of vectors may run over the end. */
		check_stale(column, (model.count + 15) & ~15);
	}
}

/* All that was written: the counters, tables and frames of both are the same. */
static void check_memory(void)
{
	unpoison(arena, arena_used);
	check_columns();
	for (size_t k = 0; k < COUNTERS; k++)
		check("a counter", (int32_t)k, (int64_t)counters[k], (int64_t)expected_counters[k]);
	for (uint32_t k = 0; k < model.flows.lines * 16; k++)
		check("a word of the flow table", (int32_t)k, flows[k], expected_flows[k]);
	for (uint32_t k = 0; k < model.sessions.lines * 16; k++)
		check("a word of the session table", (int32_t)k, sessions[k], expected_sessions[k]);
	check("sides of sessions", -1, memcmp(sides, expected_sides, side_bytes()), 0);
	if (memcmp(arena, expected, arena_used) == 0)
		return;
	for (int32_t i = 0; i < model.count; i++)
		for (uint32_t k = place[i] - HEADROOM; k < place[i] + columns[B_LENGTH + i]; k++)
			check("a byte", i, arena[k] | (int64_t)(k - place[i]) << 8, expected[k] | (int64_t)(k - place[i]) << 8);
	fail("a byte between frames", -1, 0, 0);
}

static void run(void)
{
	int32_t from = LBQ_FROM_PARSE, next, wanted;

	for (int calls = 0; from != LBQ_DONE; calls++) {
		check("calls", -1, calls > LBQ_DONE, 0);
		stages.count = model.count;
		stages.seen = model.seen;
		stages.longest = model.longest;
		stages.encaps = model.encaps;
		next = lbq_stages(&stages, from);
		wanted = model_stages(&model, from);
		check_call(next, wanted);
		switch (next) {
		case LBQ_FROM_CLASSIFY:
			parse_listed();
			stages.held = model.held = 0;
			break;
		case LBQ_FROM_HASH:
			answer_listed();
			break;
		case LBQ_FROM_NAT:
			select_listed();
			break;
		case LBQ_FROM_REWRITE:
			resolve_listed();
			break;
		}
		from = next;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < HEADER_BYTES || size > 4096)
		return 0;
	if (arena == NULL)
		set_up();
	input_data = data;
	input_size = size;
	lay_out(data, size);
	run();
	check_memory();
	clear_frames();
	free(flows);
	free(sessions);
	free(sides);
	free(expected_flows);
	free(expected_sessions);
	free(expected_sides);
	return 0;
}
