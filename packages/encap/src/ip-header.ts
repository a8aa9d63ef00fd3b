/*
 * IPv4, RFC 791 §3.1. IHL counts 32-bit words; 5 means no options.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +-------+-------+-----------+---+-------------------------------+
 *  0|Version|  IHL  |   DSCP    |ECN|          Total length         |   DSCP and ECN: RFC 2474, RFC 3168
 *   +-------+-------+-----------+---+-----+-------------------------+
 *  4|         Identification        |0|D|M|     Fragment offset     |   offset in units of 8 bytes
 *   +---------------+---------------+-----+-------------------------+
 *  8|      TTL      |    Protocol   |        Header checksum        |
 *   +---------------+---------------+-------------------------------+
 * 12|                        Source address                         |
 *   +---------------------------------------------------------------+
 * 16|                      Destination address                      |
 *   +---------------------------------------------------------------+
 *
 * IPv6, RFC 8200 §3.
 *
 *   +-------+---------------+---------------------------------------+
 *  0|Version| Traffic class |               Flow label              |
 *   +-------+---------------+-------+---------------+---------------+
 *  4|         Payload length        |  Next header  |   Hop limit   |
 *   +-------------------------------+---------------+---------------+
 *  8|                 Source address (16 bytes)                     |
 *   +---------------------------------------------------------------+
 * 24|               Destination address (16 bytes)                  |
 *   +---------------------------------------------------------------+
 */

/** Byte offsets inside an IPv4 header. */
export const IP4_LENGTH = 2;
export const IP4_FRAGMENT = 6;
export const IP4_TTL = 8;
export const IP4_PROTOCOL = 9;
export const IP4_CHECKSUM = 10;
export const IP4_SRC = 12;
export const IP4_DST = 16;
/** Bytes of an IPv4 header without options. */
export const IP4_HEADER_BYTES = 20;

/** Byte offsets inside an IPv6 header. */
export const IP6_LENGTH = 4;
export const IP6_NEXT_HEADER = 6;
export const IP6_HOP_LIMIT = 7;
export const IP6_SRC = 8;
export const IP6_DST = 24;
/** Bytes of an IPv6 header without extension headers. */
export const IP6_HEADER_BYTES = 40;

/** Protocol and next-header numbers (IANA "Assigned Internet Protocol Numbers"). */
export const PROTOCOL_ICMP = 1;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;
export const PROTOCOL_DCCP = 33;
export const PROTOCOL_GRE = 47;
export const PROTOCOL_ICMP6 = 58;
export const PROTOCOL_SCTP = 132;
export const PROTOCOL_UDPLITE = 136;
