/* liblbqueue: packet queues on one block of frame memory.
 *
 * It maps memory, moves descriptors in bursts and makes the system calls; it decides nothing about packets. The memory
 * model, the ownership of frames and the threading rules are in native/README.md.
 *
 * Every function returns a number >= 0, or a negated LBQ_E_* code, upon which lbq_last_error() has the text. Handles are
 * positive 31-bit integers that are never dangling: a closed one answers LBQ_E_HANDLE. Byte order is the host's unless
 * a field says otherwise. */
#ifndef LBQUEUE_H
#define LBQUEUE_H

#include <stdint.h>

#include "lbqueue_filter.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LBQ_API __attribute__((visibility("default")))

/* Error codes; stable. */
#define LBQ_E_HANDLE 1       /* no open handle of the kind asked for */
#define LBQ_E_ARGUMENT 2     /* an argument is out of range; the text says what would be accepted */
#define LBQ_E_INTERFACE 3    /* no such interface in this network namespace */
#define LBQ_E_PERMISSION 4   /* a capability is missing */
#define LBQ_E_BUSY 5         /* queue, interface or address held by another socket or XDP program */
#define LBQ_E_UNSUPPORTED 6  /* kernel or driver cannot do it */
#define LBQ_E_MEMORY 7       /* out of memory, or over RLIMIT_MEMLOCK */
#define LBQ_E_LIMIT 8        /* a table is full (handles, filter entries, file descriptors) */
#define LBQ_E_SYSTEM 9       /* any other system error; the text names call and errno */

/* Frame memory: where a received or allocated frame's Ethernet header starts within its frame. 258 = 2 (mod 4), so the
 * IP header is 32-bit aligned behind 0, 1 or 2 VLAN tags; there are 258 bytes of headroom, and frame_size - 258 of room. */
#define LBQ_FRAME_OFFSET 258

/* Flags of lbq_memory_open. */
#define LBQ_MEMORY_HUGE 1   /* 2 MiB pages: hugetlb if reserved, else transparent ones */
#define LBQ_MEMORY_SHARED 2 /* a memfd rather than anonymous memory (implied by a path) */

/* Which pages memory got (lbq_info.mode). */
#define LBQ_PAGES_SMALL 0
#define LBQ_PAGES_TRANSPARENT 1 /* transparent huge pages back at least half of it */
#define LBQ_PAGES_HUGETLB 2

/* Kinds of queue. */
#define LBQ_XDP 1
#define LBQ_PACKET 2
#define LBQ_TAP 3
#define LBQ_RAW 4  /* sends only: IP packets, which the kernel routes */
#define LBQ_PUNT 5 /* sends only: frames, which the kernel takes as received on the interface */

/* Flags of lbq_queue_options. */
#define LBQ_QUEUE_COPY 1         /* XDP: never zero-copy */
#define LBQ_QUEUE_ZERO_COPY 2    /* XDP: fail rather than copy */
#define LBQ_QUEUE_QDISC_BYPASS 4 /* PACKET: transmit past the queueing discipline */
#define LBQ_QUEUE_GRO_OFF 8      /* PACKET: switch receive offload of the interface off until closed */
#define LBQ_QUEUE_MULTI 16       /* TAP: one of several queues of the interface */
#define LBQ_QUEUE_LOW_LATENCY 32 /* PACKET: hand each frame over at once (TPACKET_V2) rather than a block at a time */

/* Modes in lbq_info.mode: of a queue, LBQ_MODE_ZERO_COPY or 0; of a filter, LBQ_MODE_NATIVE or LBQ_MODE_GENERIC. */
#define LBQ_MODE_ZERO_COPY 1
#define LBQ_MODE_NATIVE 2
#define LBQ_MODE_GENERIC 3

/* Flags of lbq_filter_open: without one, native is tried before generic. */
#define LBQ_FILTER_FORCE_NATIVE 1
#define LBQ_FILTER_FORCE_GENERIC 2

/* Operations of lbq_filter_set. */
#define LBQ_FILTER_ADD 1
#define LBQ_FILTER_REMOVE 2
#define LBQ_FILTER_REPLACE 3

struct lbq_queue_options {
	uint32_t kind;
	uint32_t flags;
	uint32_t queue;        /* XDP: receive queue of the interface */
	uint32_t rx_frames;    /* ring sizes, powers of two; 0 = 2048. Not used by TAP, RAW and PUNT. */
	uint32_t tx_frames;
	uint32_t fanout_group; /* PACKET: 1..65535 shares the flows among the sockets of that group; 0 = none */
	int32_t filter;        /* XDP: the filter that feeds it; 0 = none, the queue then only transmits. PUNT: the interface's */
	char interface[16];    /* TAP: created; a %d in it is replaced by the kernel. RAW: empty */
};

struct lbq_info {
	uint64_t address; /* memory, pool: where it is mapped; queue: of its pool */
	uint64_t bytes;
	uint32_t kind; /* queues: LBQ_XDP … LBQ_PUNT; others 0 */
	uint32_t mode; /* LBQ_PAGES_* of memory and pool; LBQ_MODE_* of queue and filter */
	uint32_t frame_size;
	uint32_t frames;
	uint32_t rx_frames;
	uint32_t tx_frames;
	int32_t fd; /* queue that receives: to poll; shared memory: to pass on; else -1 */
	uint32_t interface_index;
	uint32_t mtu;
	uint32_t existed; /* memory from a path: 1 if its content is an earlier one */
	uint8_t mac[6];
	uint8_t reserved[2];
	char interface[16];
};

/* Indices of lbq_stats for a queue. The kernel's own counters are marked K. */
enum {
	LBQ_RX_PACKETS,
	LBQ_RX_BYTES,
	LBQ_TX_PACKETS,      /* handed to the kernel */
	LBQ_TX_BYTES,
	LBQ_RX_DROPPED,      /* K: lost for want of a frame to receive into, or too long for one */
	LBQ_RX_RING_FULL,    /* K: lost as the receive ring was full: the worker is too slow */
	LBQ_RX_FILL_EMPTY,   /* K: times that it found the fill ring empty; in copy mode each is one of LBQ_RX_DROPPED */
	LBQ_RX_INVALID,      /* K: invalid fill descriptors */
	LBQ_TX_INVALID,      /* K: invalid transmit descriptors */
	LBQ_RX_OVERSIZE,     /* longer than a frame's room: dropped, never truncated */
	LBQ_RX_NO_FRAME,     /* times that receiving stopped because the pool was empty */
	LBQ_TX_REFUSED,      /* descriptors that were no frame of the worker's, empty or too long; RAW: not IP: taken, not sent */
	LBQ_TX_FULL,         /* frames offered but not accepted: the ring was full */
	LBQ_TX_ERRORS,       /* system calls that failed to transmit; TAP, RAW, PUNT: each is one frame lost */
	LBQ_SYSTEM_CALLS,    /* made by rx and tx */
	LBQ_FRAMES_KERNEL,   /* frames of the pool now in this queue's rings */
	LBQ_QUEUE_STATS
};

/* Indices of lbq_stats for a pool. A filter has LBQ_FILTER_OTHER … LBQ_FILTER_PUNTED. */
enum { LBQ_POOL_FREE, LBQ_POOL_WORKER, LBQ_POOL_KERNEL, LBQ_POOL_INVALID_FREE, LBQ_POOL_STATS };

/* Maps `bytes` (rounded up to whole pages), zeroed unless `path` names a file with content. A file is created with mode
 * 0600; one whose size differs from `bytes` is refused. Returns a handle. */
LBQ_API int32_t lbq_memory_open(const char *path, uint64_t bytes, uint32_t flags);

/* Cuts memory into frames of 2048 or 4096 bytes, all free. One pool per worker; memory belongs to one pool. */
LBQ_API int32_t lbq_pool_open(int32_t memory, uint32_t frame_size);

/* Takes up to n frames for generated packets: offset[i] is where the Ethernet header goes. Returns how many. */
LBQ_API int32_t lbq_alloc(int32_t pool_or_queue, uint32_t *offset, uint32_t n);

/* Gives frames back, by any offset inside each. Returns how many were the worker's; others are counted and left alone. */
LBQ_API int32_t lbq_free(int32_t pool_or_queue, const uint32_t *offset, uint32_t n);

/* Takes back every frame the worker holds, for when a worker has died. Returns how many. */
LBQ_API int32_t lbq_reclaim(int32_t pool);

/* Attaches the filter program to an interface, by a link that the kernel undoes when the process ends, however it
 * ends. Nothing matches until lbq_filter_set. Returns a handle; lbq_info tells native or generic, and if native failed,
 * lbq_last_error why. */
LBQ_API int32_t lbq_filter_open(const char *interface, uint32_t flags);

/* Changes `count` entries of one kind. REPLACE makes them the only ones: all are added before any other is removed, and
 * a failed one takes back what it added. Returns how many entries the map gained or lost. */
LBQ_API int32_t lbq_filter_set(int32_t filter, uint32_t kind, uint32_t operation, const struct lbq_filter_entry *entries,
			       uint32_t count);

/* Opens a queue on an interface of this thread's network namespace, or one for its routes. Returns a handle. */
LBQ_API int32_t lbq_queue_open(int32_t pool, const struct lbq_queue_options *options);

/* Receives up to max frames: where in frame memory each Ethernet header starts, and its length with VLAN tags and without
 * FCS. They are the worker's until lbq_tx or lbq_free. Never blocks. */
LBQ_API int32_t lbq_rx(int32_t queue, uint32_t *offset, uint32_t *length, uint32_t max);

/* Sends frames of the queue's pool, received by whichever of its queues. Returns how many it took, from the front; the rest
 * stay the worker's. Never blocks. */
LBQ_API int32_t lbq_tx(int32_t queue, const uint32_t *offset, const uint32_t *length, uint32_t n);

/* Blocks until one of up to 64 queues has something to receive, for timeout_us microseconds, or until lbq_wake on a pool of
 * theirs. A pool may stand in the place of a queue. Returns how many queues have something. */
LBQ_API int32_t lbq_wait(const int32_t *pools_or_queues, uint32_t n, uint32_t timeout_us);

/* Ends the lbq_wait that a thread is in with a queue of this pool, or if there is none, its next one. Any number of calls
 * before that wait returns count as one. For any thread; takes no lock. */
LBQ_API int32_t lbq_wake(int32_t pool_or_queue);

/* Properties of any handle. */
LBQ_API int32_t lbq_info(int32_t handle, struct lbq_info *info);

/* Counters since opening, of a queue, pool or filter. Fills up to n values and returns how many. */
LBQ_API int32_t lbq_stats(int32_t handle, uint64_t *values, uint32_t n);

/* Binds the calling thread to one CPU. */
LBQ_API int32_t lbq_pin(uint32_t cpu);

/* Keeps all threads that this process has by now, and those they will make, off these CPUs; lbq_pin takes a thread back to one.
 * Returns how many CPUs are left to them; 0 if none would be, and then nothing has changed. */
LBQ_API int32_t lbq_keep_off(const uint32_t *cpus, uint32_t n);

/* Closes any handle, at any time and in any order. What others still use (a pool under a queue) goes with the last. */
LBQ_API int32_t lbq_close(int32_t handle);

/* The text of this thread's last error, always terminated. Returns its length. */
LBQ_API int32_t lbq_last_error(char *text, uint32_t size);

#ifdef __cplusplus
}
#endif

#endif
