#include "stages.h"

void lbq_find_kept(struct kept *kept, const int32_t *image, int32_t now)
{
	for (int k = 0; k < LIFE_END; k++) {
		int32_t rule = image[H_LIFETIMES + k];

		kept->expiry[k] = (int32_t)((uint32_t)now + ((uint32_t)rule & RULE_TICKS));
		kept->state[k] = rule & FLOW_STATE_MASK;
	}
	/* A state that the entry is not in: SYNs are never the common case. */
	for (int k = 0; k <= FLOW_STATE_MASK >> FLOW_STATE_SHIFT; k++)
		kept->state[LIFE_TCP_SYN + k] = (k ^ 1) << FLOW_STATE_SHIFT;
}
