#include "stages.h"

/* Packets of the burst that are to be translated, and of those the ones looked for in their second line. */
struct translated {
	int32_t count, misses;
	int32_t packet[BURST_CAPACITY];
	int32_t miss[BURST_CAPACITY];
};

static void list_translated(struct translated *list, const int32_t *w, int32_t count)
{
	int32_t listed = 0;

	for (int32_t i = 0; i < count; i++) {
		list->packet[listed] = i;
		listed += w[B_VERDICT + i] == VERDICT_PENDING && w[B_ENCAP + i] >= ENCAP_CODE_NAT4;
	}
	list->count = listed;
	list->misses = 0;
}

/* Session keys of all packets to be translated, and their lines, which are fetched. */
static void keys(struct lbq_stages *s, const struct translated *to)
{
	int32_t *w = words_of(s->burst);
	const int32_t *image = words_of(s->image), *sessions = words_of(s->sessions.words);
	const uint8_t *frames = (const uint8_t *)words_of(s->frames);
	uint32_t seed0 = (uint32_t)image[H_SEED0], seed1 = (uint32_t)image[H_SEED1];
	const int32_t *address = image + image[H_ASS] + A_ADDRESS, *target = image + image[H_VIPS] + V_TARGET_PORT;

	for (int32_t k = 0; k < to->count; k++) {
		int32_t i = to->packet[k];
		uint32_t client = (uint32_t)w[B_PORTS + i] & 0xffff;

		w[B_CLIENT_PORT + i] = (int32_t)client;
		w[B_NAT_AS + i] = address[w[B_AS + i] * A_WORDS];
		w[B_NAT_PORTS + i] = (int32_t)((uint32_t)target[w[B_VIP + i] * V_WORDS] | client << 16);
		w[B_NAT_PROTOCOL + i] = w[B_PROTOCOL + i] | SESSION_TAG;
	}
	if ((s->encaps & (1 << ENCAP_CODE_NAT4)) != 0)
		lbq_hash_columns4(w, s->count, &s->sessions, seed0, seed1, B_NAT_AS, B_SRC, B_NAT_PORTS, B_NAT_PROTOCOL, B_NAT_LO, B_NAT_HI,
				  B_NAT_LINE);
	if ((s->encaps & (1 << ENCAP_CODE_NAT6)) != 0) {
		struct lbq_list6 list;
		int32_t listed = 0;

		for (int32_t k = 0; k < to->count; k++) {
			int32_t i = to->packet[k];

			if ((w[B_FLAGS + i] & FLAG_IPV6) == 0)
				continue;
			list.packet[listed] = i;
			list.src[listed] = (const uint8_t *)(address + w[B_AS + i] * A_WORDS);
			list.dst[listed++] = frames + (uint32_t)w[B_SRC + i];
		}
		lbq_hash_listed6(w, listed, &s->sessions, seed0, seed1, &list, B_NAT_PORTS, B_NAT_PROTOCOL, B_NAT_LO, B_NAT_HI, B_NAT_LINE);
	}
	for (int32_t k = 0; k < to->count; k++)
		fetch_early(sessions + (uint32_t)w[B_NAT_LINE + to->packet[k]]);
}

static uint32_t side_at(int32_t at)
{
	return (((uint32_t)at >> 4) * LINE_ENTRIES + ((uint32_t)at & 3)) * SESSION_SIDE_WORDS;
}

/* pipeline/nat-identity.ts, isOurs. */
static bool is_ours(const struct lbq_stages *s, const int32_t *w, int32_t i, int32_t at)
{
	const int32_t *words = words_of(s->sessions.words);
	const int32_t *side = words_of(s->sessions.side) + side_at(at);
	int32_t flags = w[B_FLAGS + i];
	int32_t value = (w[B_VIP + i] + 1) | ((flags & FLAG_NODE_PORT) != 0 ? SESSION_NODE_PORT : 0);

	if ((words[at + LINE_VALUE] & ~FLOW_STATE_MASK) != value || side[4] != w[B_PORTS + i])
		return false;
	if ((flags & FLAG_IPV6) == 0)
		return side[0] == w[B_DST + i];
	return memcmp(side, (const uint8_t *)words_of(s->frames) + (uint32_t)w[B_DST + i], 16) == 0;
}

int32_t lbq_nat_forward(struct lbq_stages *s)
{
	int32_t *w = words_of(s->burst), *words = words_of(s->sessions.words);
	const int32_t *image = words_of(s->image), *side = words_of(s->sessions.side);
	int32_t now = s->now, listed = 0;
	struct translated to;
	struct kept kept;

	lbq_find_kept(&kept, image, now);
	list_translated(&to, w, s->count);
	keys(s, &to);
	for (int32_t k = 0; k < to.count; k++) {
		int32_t i = to.packet[k];
		int32_t at = find_in_line(words, (uint32_t)w[B_NAT_LINE + i], w[B_NAT_LO + i], w[B_NAT_HI + i], now);

		w[B_NAT_AT + i] = at;
		if (at >= 0) {
			fetch_early(side + side_at(at));
			continue;
		}
		fetch_early(words + second_line(&s->sessions, (uint32_t)w[B_NAT_LO + i], (uint32_t)w[B_NAT_HI + i]));
		to.miss[to.misses++] = i;
	}
	for (int32_t k = 0; k < to.misses; k++) {
		int32_t i = to.miss[k], lo = w[B_NAT_LO + i], hi = w[B_NAT_HI + i];
		int32_t at = find_in_line(words, second_line(&s->sessions, (uint32_t)lo, (uint32_t)hi), lo, hi, now);

		if (at >= 0)
			fetch_early(side + side_at(at));
		w[B_NAT_AT + i] = at;
	}
	for (int32_t k = 0; k < to.count; k++) {
		int32_t i = to.packet[k], at = w[B_NAT_AT + i];

		if (at < 0 || !is_ours(s, w, i, at))
			w[B_MISSES + listed++] = i;
		else if (!is_kept(&kept, words, at, w[B_LIFE + i]))
			keep_entry(image, words, at, w[B_LIFE + i], now);
	}
	return listed;
}
