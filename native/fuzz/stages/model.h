/* What the stages do, written down a second time and as plainly as can be: packet by packet, byte by byte, looking things up in
 * the world one after the other. From docs/dataplane.md and the interface in lbqueue_stages.h. */
#ifndef LBQ_FUZZ_MODEL_H
#define LBQ_FUZZ_MODEL_H

#include "world.h"

#define MOST_FRAME 65600

/* A packet as a burst has it. Places are from the frame's first byte. */
struct packet {
	uint8_t *frame; /* as it is expected to be; there is room for 44 bytes in front */
	uint32_t length;
	int32_t verdict, reason, flags;
	uint32_t ip, ip_length, l4;
	uint32_t protocol, src, dst, ports;
	uint32_t id_ports, id_protocol;
	int32_t vip, as, output;
	uint32_t lo, hi, client_port;
	int32_t added; /* bytes that were put in front */
	uint8_t choice[4];
	bool translated; /* rewritten, or left as it is */
};

/* The words of a table; sessions with their side words. */
struct table {
	int32_t *words, *side;
	uint32_t lines, shift, secret[4];
};

/* How long entries live on, in ticks. */
enum { ESTABLISHED, OPENING, CLOSING, UDP_FLOW, OTHER_FLOW, TIMES };

struct model {
	const struct variant *variant;
	const int32_t *owner; /* of each AS slot, as the image has it */
	uint32_t seed[2];
	int32_t now, input, held, shortest_limit;
	uint32_t ticks[TIMES];
	struct table flows, sessions;
	struct packet packet[BURST_CAPACITY];
	int32_t count, received;
	int32_t seen, longest, encaps;
	int32_t list[BURST_CAPACITY], listed;
	double *counters;
	int32_t vips_at, ass_at;
};

/* One call of lbq_stages. */
int32_t model_stages(struct model *m, int32_t from);

/* Parts of it that lay out tables, too. */
bool parse_usual(struct packet *p);
void parse_any(struct packet *p);
int32_t match_vip(const struct packet *p, bool *node_port, int32_t *reason);
void identify(const struct model *m, struct packet *p);
uint32_t line_of(const struct table *table, uint32_t lo, uint32_t hi, bool second);
int32_t find_flow_as(const struct model *m, const struct packet *p, int32_t *at);
void session_key(const struct model *m, const struct packet *p, uint32_t *lo, uint32_t *hi);
int32_t session_value(const struct packet *p);
int32_t life_of(const struct packet *p);
uint32_t live_on(const uint32_t *ticks, int32_t life, uint32_t state, uint32_t *next);

uint32_t ones_sum(const uint8_t *at, uint32_t bytes);

#endif
