/* Frames for the tests: Ethernet, up to two VLAN tags, IPv4 or IPv6, UDP, TCP or ICMP, a mark as payload. */
#ifndef LBQ_TEST_FRAMES_H
#define LBQ_TEST_FRAMES_H

#include <stdint.h>

struct frame_options {
	const uint8_t *destination_mac; /* NULL: broadcast */
	const uint8_t *source_mac; /* NULL: zero */
	const char *source; /* textual; its family is the frame's */
	const char *destination;
	uint8_t protocol;
	uint16_t source_port;
	uint16_t destination_port;
	uint16_t vlan[2]; /* 0: none */
	uint32_t payload; /* bytes behind the transport header, at least 8 for the mark */
	uint32_t sequence; /* goes into the payload */
	uint16_t fragment_offset; /* in units of 8 bytes; IPv6: a fragment header is put in */
	uint8_t more_fragments;
	uint8_t options; /* IPv6: a destination-options header; IPv4: 4 bytes of no-operation options */
	uint8_t icmp_type; /* for protocol 1 and 58 */
	const uint8_t *inside; /* for ICMP: the IP packet it reports on */
	uint32_t inside_length;
};

/* Returns the length. Checksums: IPv4's is right; those of UDP, TCP and ICMP are 0, which no test depends on. */
uint32_t frame_build(uint8_t *frame, const struct frame_options *options);

/* Whether a frame is one of ours: the mark is in it. */
int frame_is_marked(const uint8_t *frame, uint32_t length);

#endif
