/* Shared by the reflectors: the clock, the MAC swap and the line of JSON that each ends with. */
#ifndef LBQ_BENCH_H
#define LBQ_BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define BURST 256

static inline double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static inline void die(const char *what)
{
	perror(what);
	exit(1);
}

/* The reflector takes packets from here on. */
static inline void say_ready(void)
{
	fprintf(stderr, "ready\n");
}

static inline void swap_macs(uint8_t *frame)
{
	uint8_t mac[6];

	memcpy(mac, frame, 6);
	memcpy(frame, frame + 6, 6);
	memcpy(frame + 6, mac, 6);
}

/* Processor time of this process in seconds; it does not suffer from what else the machine does. */
static inline double processor_seconds(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* Rate between the first burst and the last, in slices of a quarter second for the spread. */
struct meter {
	double start, slice_start, min, max, processor;
	uint64_t packets, slice_packets;
	uint32_t slices;
};

static inline void meter_add(struct meter *meter, uint32_t packets)
{
	double now;

	if (!packets)
		return;
	now = seconds_now();
	if (meter->start == 0) {
		meter->start = meter->slice_start = now;
		meter->processor = processor_seconds();
	}
	meter->packets += packets;
	meter->slice_packets += packets;
	if (now - meter->slice_start >= 0.25) {
		double rate = (double)meter->slice_packets / (now - meter->slice_start) / 1e6;

		if (meter->slices == 0 || rate < meter->min)
			meter->min = rate;
		if (rate > meter->max)
			meter->max = rate;
		meter->slices++;
		meter->slice_packets = 0;
		meter->slice_start = now;
	}
}

static inline void meter_print(const struct meter *meter, const char *name)
{
	double processor = processor_seconds() - meter->processor;
	double elapsed = meter->slice_start - meter->start;
	double packets = (double)(meter->packets - meter->slice_packets);

	printf("{\"name\":\"%s\",\"unit\":\"Mpps\",\"value\":%.4f,\"n\":%u,\"min\":%.4f,\"max\":%.4f,\"processorNsPerPacket\":%.0f}\n", name,
	       elapsed > 0 ? packets / elapsed / 1e6 : 0, meter->slices, meter->min, meter->max,
	       meter->packets ? processor * 1e9 / (double)meter->packets : 0);
}

#endif
