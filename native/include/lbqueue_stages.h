/* The pipeline's stages over a burst, in one call. The TypeScript stages (packages/dataplane/src/pipeline) are the reference
 * and do whatever is not usual: the call returns to them with a list of packets, and goes on from where it stopped. */
#ifndef LBQUEUE_STAGES_H
#define LBQUEUE_STAGES_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where to begin, and where to go on. What TypeScript does before going on at each:
 *
 *   LBQ_FROM_CLASSIFY   parses the packets listed; fragments; NAT answers
 *   LBQ_FROM_HASH       answers the echo requests listed
 *   LBQ_FROM_NAT        selects for the packets listed; MTU, MSS
 *   LBQ_FROM_REWRITE    finds or makes the NAT sessions of the packets listed
 *   LBQ_DONE            rewrites, outputs and counts the packets listed
 */
#define LBQ_FROM_PARSE 0
#define LBQ_FROM_CLASSIFY 1
#define LBQ_FROM_HASH 2
#define LBQ_FROM_NAT 3
#define LBQ_FROM_REWRITE 4
#define LBQ_DONE 5

/* A flow table or session table (packages/core/src/flow-table.ts). */
struct lbq_table {
	uint64_t words;
	uint64_t side; /* sessions only */
	uint32_t mask; /* lines - 1 */
	uint32_t shift; /* 0..31 */
	uint32_t secret[4];
};

/* All that the stages work on. Written by TypeScript (packages/dataplane/src/native/native-stages.ts knows the places);
 * addresses stay valid as long as TypeScript holds the arrays. */
struct lbq_stages {
	uint64_t burst;
	uint64_t frames;
	uint64_t image;
	uint64_t counters;
	struct lbq_table flows;
	struct lbq_table sessions;
	int32_t vips_at; /* counters: first VIP group, first AS group */
	int32_t ass_at;
	/* In, for each call. */
	int32_t count;
	int32_t now;
	int32_t input;
	int32_t received;
	int32_t held; /* fragments waiting */
	int32_t reserved;
	/* Out; TypeScript may change the first three between calls. */
	int32_t seen;
	int32_t longest;
	int32_t encaps;
	int32_t listed;
};

#if defined(__GNUC__)
#define LBQ_STAGES_API __attribute__((visibility("default")))
#else
#define LBQ_STAGES_API
#endif

/* Runs the stages from `from` on. Returns where to go on, LBQ_DONE at the end; s->listed packets are in column B_MISSES. */
LBQ_STAGES_API int32_t lbq_stages(struct lbq_stages *s, int32_t from);

/* The layout that the stages were built for: IMAGE_LAYOUT_VERSION of packages/dataplane/src/image/layout.ts. */
LBQ_STAGES_API int32_t lbq_layout(void);

/* The address of an array, for struct lbq_stages. */
LBQ_STAGES_API uint64_t lbq_address(const void *array);

/* Nanoseconds of processor time that the calling thread has used. */
LBQ_STAGES_API double lbq_thread_ns(void);

#ifdef __cplusplus
}
#endif

#endif
