/* Packets at a steady rate to a reflector and back: what each waits under light load. Sends and looks for what comes back from one
 * thread that never sleeps, so that nothing of the waiting is its own. The last 8 bytes of a packet are when it was sent, wherever
 * the reflector puts headers in front. Usage: paced INTERFACE DESTINATION-MAC SECONDS PACKETS-PER-SECOND */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>

#include "bench.h"

#define MAX_SAMPLES (1u << 21)
#define WARM_UP 0.2 /* seconds */
#define LATE 1e-3 /* after a longer pause of this thread what was not sent in time is left out */
#define STRAGGLERS 0.1

/* As in blast.c, one flow. */
static uint8_t frame[60] = { 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 99, 8, 0, 0x45, 0, 0, 46, 0, 0, 0, 0, 64, 17, 0x8a, 0x77,
			     198, 18, 0, 1, 198, 51, 100, 1, 0, 1, 0, 9, 0, 26, 0, 0 };
static double microseconds[MAX_SAMPLES];
static uint32_t samples;

static int open_socket(const char *interface, uint16_t protocol)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = htons(protocol), .sll_ifindex = (int)if_nametoindex(interface) };
	int fd = socket(AF_PACKET, SOCK_RAW, 0), yes = 1, bytes = 1 << 24;

	if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof(yes)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof(yes)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) || bind(fd, (struct sockaddr *)&address, sizeof(address)))
		die("AF_PACKET");
	return fd;
}

static void send_one(int fd)
{
	double now = seconds_now();

	memcpy(frame + sizeof(frame) - sizeof(now), &now, sizeof(now));
	if (send(fd, frame, sizeof(frame), 0) < 0)
		die("send");
}

/* Returns how many packets came, none or one. */
static uint32_t receive_one(int fd, double counted_from)
{
	uint8_t back[2048];
	ssize_t length = recv(fd, back, sizeof(back), MSG_DONTWAIT);
	double sent;

	if (length < (ssize_t)sizeof(frame))
		return 0;
	memcpy(&sent, back + length - sizeof(sent), sizeof(sent));
	if (sent >= counted_from && samples < MAX_SAMPLES)
		microseconds[samples++] = (seconds_now() - sent) * 1e6;
	return 1;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double percentile(uint32_t permille)
{
	return samples ? microseconds[(uint64_t)samples * permille / 1000] : 0;
}

int main(int argc, char **argv)
{
	uint32_t sent = 0, received = 0;
	double start, now, end, next, gap;
	int out, in;

	if (argc != 5 || sscanf(argv[2], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", frame, frame + 1, frame + 2, frame + 3, frame + 4, frame + 5) != 6) {
		fprintf(stderr, "usage: %s INTERFACE DESTINATION-MAC SECONDS PACKETS-PER-SECOND\n", argv[0]);
		return 1;
	}
	out = open_socket(argv[1], 0);
	in = open_socket(argv[1], ETH_P_IP);
	gap = 1 / atof(argv[4]);
	start = next = now = seconds_now();
	end = start + atof(argv[3]);
	for (; now < end + STRAGGLERS; now = seconds_now()) {
		if (now >= next && now < end) {
			send_one(out);
			sent++;
			next = now - next > LATE ? now + gap : next + gap;
		}
		received += receive_one(in, start + WARM_UP);
	}
	qsort(microseconds, samples, sizeof(*microseconds), compare);
	printf("{\"name\":\"paced round trip\",\"unit\":\"us\",\"value\":%.1f,\"n\":%u,\"p99\":%.1f,\"p999\":%.1f,\"lost\":%u,\"kpps\":%.1f}\n",
	       percentile(500), samples, percentile(990), percentile(999), sent - received, sent / (end - start) / 1e3);
	return 0;
}
