/* One packet at a time to a reflector and back, at random moments: what each waits when there is no load.
 * Usage: round_trip INTERFACE DESTINATION-MAC SECONDS */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>

#include "bench.h"

#define MAX_SAMPLES 100000

/* As in blast.c. */
static uint8_t frame[60] = { 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 99, 8, 0, 0x45, 0, 0, 46, 0, 0, 0, 0, 64, 17, 0x8a, 0x77,
			     198, 18, 0, 1, 198, 51, 100, 1, 0, 1, 0, 9, 0, 26, 0, 0 };

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	static double microseconds[MAX_SAMPLES];
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP) };
	int fd = socket(AF_PACKET, SOCK_RAW, 0), yes = 1;
	uint8_t back[2048];
	uint32_t n = 0, lost = 0;
	double end;

	if (argc != 4 || sscanf(argv[2], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", frame, frame + 1, frame + 2, frame + 3, frame + 4, frame + 5) != 6) {
		fprintf(stderr, "usage: %s INTERFACE DESTINATION-MAC SECONDS\n", argv[0]);
		return 1;
	}
	address.sll_ifindex = (int)if_nametoindex(argv[1]);
	if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof(yes)) || bind(fd, (struct sockaddr *)&address, sizeof(address)))
		die("AF_PACKET");
	end = seconds_now() + atof(argv[3]);
	while (seconds_now() < end && n < MAX_SAMPLES) {
		double start = seconds_now();

		if (send(fd, frame, sizeof(frame), 0) < 0)
			die("send");
		/* The first ones may find no reflector yet. */
		if (poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, 100) == 0) {
			lost++;
			continue;
		}
		if (recv(fd, back, sizeof(back), 0) < 0)
			die("recv");
		microseconds[n++] = (seconds_now() - start) * 1e6;
		nanosleep(&(struct timespec){ 0, 500000 + rand() % 3000000 }, NULL);
	}
	qsort(microseconds, n, sizeof(*microseconds), compare);
	printf("{\"name\":\"round trip\",\"unit\":\"us\",\"value\":%.0f,\"n\":%u,\"p99\":%.0f,\"lost\":%u}\n", n ? microseconds[n / 2] : 0, n,
	       n ? microseconds[n * 99 / 100] : 0, lost);
	return 0;
}
