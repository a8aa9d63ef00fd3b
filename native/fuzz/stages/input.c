#include "input.h"

#include <string.h>

#include "model.h"

/* What a frame begins with: how it is finished, its length, its choices. */
enum { SIZE = 1, FIRST_CHOICE = 2, RECORD_BYTES = 6 };
enum { FIX_CHECKSUM = 1, FIX_LENGTHS = 2, DIRECT = 4, LONG = 8, DIRECTION_SHIFT = 4 };

size_t read_header(const uint8_t *data, size_t size, struct header *header)
{
	if (size < HEADER_BYTES)
		return 0;
	header->tables = data[0];
	header->input = data[1] & 3;
	header->held = data[2] & 1;
	header->packets = data[3];
	memcpy(&header->now, data + 4, 4);
	memcpy(&header->timeout, data + 8, 2);
	memcpy(header->odd, data + 10, 3);
	header->limit = data[13];
	header->seed = data[14];
	header->secret = data[15];
	return HEADER_BYTES;
}

static void put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* Payload behind what the input has of it: a full-sized packet, or one that encapsulation makes too long. */
static void lengthen(struct frame *frame)
{
	uint32_t length = (frame->choice[3] & 0x80) != 0 ? 14 + 65480 + frame->choice[2] % 56u : frame->length + 1200;

	if (frame->length < length) {
		memset(frame->bytes + frame->length, 0x37, length - frame->length);
		frame->length = length;
	}
}

/* A packet for a VIP, for a node port, or from a server of a NAT VIP. */
static void direct(uint8_t *ip, uint8_t *ports, uint8_t family, uint8_t to)
{
	uint8_t bytes = family == 4 ? 4 : 16, *src = ip + (family == 4 ? 12 : 8), *dst = src + bytes;
	struct as as;

	if (to < VIPS) {
		if (vips[to].family != family)
			return;
		memcpy(dst, vips[to].address, bytes);
		if (vips[to].port != 0)
			put16(ports + 2, vips[to].port);
	} else if (to == VIPS) {
		memcpy(dst, family == 4 ? node4 : node6, bytes);
		put16(ports + 2, 30080);
	} else if (as_of(variants, as_slot(family == 4 ? 9 : 11, to % SERVERS), &as)) {
		memcpy(src, as.address, bytes);
		put16(ports, 8080);
	}
}

/* Changes that would be long in coming by chance. */
static void finish(struct frame *frame, uint8_t how)
{
	uint32_t link = 14, header, l4;
	uint8_t family, *ip;

	if ((how & LONG) != 0)
		lengthen(frame);
	while (link < 22 && frame->length > link && frame->bytes[link - 2] == 0x81)
		link += 4;
	family = frame->bytes[link - 2] == 0x08 ? 4 : 6;
	header = family == 4 ? 20 : 40;
	if (frame->length < link + header + 4)
		return;
	ip = frame->bytes + link;
	l4 = frame->length - link - header;
	if ((how & DIRECT) != 0)
		direct(ip, ip + header, family, how >> DIRECTION_SHIFT);
	if ((how & FIX_LENGTHS) != 0) {
		put16(ip + (family == 4 ? 2 : 4), family == 4 ? header + l4 : l4);
		if (ip[family == 4 ? 9 : 6] == PROTOCOL_UDP && l4 >= 6)
			put16(ip + header + 4, l4);
	}
	if ((how & FIX_CHECKSUM) != 0 && family == 4) {
		put16(ip + 10, 0);
		put16(ip + 10, ~ones_sum(ip, 20) & 0xffff);
	}
}

size_t read_frame(const uint8_t *data, size_t size, size_t at, struct frame *frame)
{
	size_t length;

	if (at + RECORD_BYTES > size)
		return 0;
	length = data[at + SIZE];
	memcpy(frame->choice, data + at + FIRST_CHOICE, CHOICES);
	if (at + RECORD_BYTES + length > size)
		length = size - at - RECORD_BYTES;
	memcpy(frame->bytes, data + at + RECORD_BYTES, length);
	frame->length = (uint32_t)length;
	finish(frame, data[at]);
	return at + RECORD_BYTES + length;
}
