/* Where the IP packet of a frame is. */
#ifndef LBQ_IP_PACKET_H
#define LBQ_IP_PACKET_H

#include <stdint.h>

enum { IPV4, IPV6, FAMILIES };

/* Finds the IP packet in a frame behind its Ethernet header and at most two VLAN tags. `*at` and `*length` are the frame's and become
 * the packet's own, without padding behind it. Returns IPV4 or IPV6, or -1 if there is none or it is longer than the frame. */
int lbq_find_ip_packet(const uint8_t **at, uint32_t *length);

#endif
