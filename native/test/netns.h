/* Two network namespaces without names, which end with the test: "lb", the library's side, and "peer", joined by a veth pair
 * lb0-peer0 with addresses 192.0.2.1 / 2001:db8::1 and .2 / ::2. The test runs in lb. */
#ifndef LBQ_TEST_NETNS_H
#define LBQ_TEST_NETNS_H

#include <stdint.h>

struct netns {
	int lb; /* file descriptors of the namespaces */
	int peer;
	int wire; /* raw socket on peer0: what comes out of it and goes into it */
	uint8_t lb_mac[6];
	uint8_t peer_mac[6];
};

/* Skips the test (exit 77) without root. `queues` is the number of receive and transmit queues of both ends. */
void netns_open(struct netns *netns, int queues);

/* Runs a shell command in a namespace; fails the test if it fails. */
void netns_run(int namespace, const char *format, ...) __attribute__((format(printf, 2, 3)));

void netns_enter(int namespace);

/* A raw socket on an interface of this thread's namespace that does not see what itself sends. */
int wire_open(const char *interface);

void wire_send(int wire, const void *frame, uint32_t length);

/* The next frame on the wire that has the test's mark (frames.h), or 0 after 2 s. VLAN tags that the kernel took out are put
 * back. */
uint32_t wire_receive(int wire, void *frame, uint32_t room);

/* Receives exactly n frames of the queue within 2 s, waiting with lbq_wait. */
void receive(int32_t queue, uint32_t *offset, uint32_t *length, uint32_t n);

#endif
