/* Gives each generated packet a random flow below the number of flows and sends it out: the low 16 bits are the source port,
 * the others the low half of the source address. */
#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/* Bytes into the frame: Ethernet, then IPv4 without options. */
#define CHECKSUM 24
#define SOURCE_LOW 28
#define SOURCE_PORT 34

const volatile __u32 flows = 1024;
/* Sum of the other words of the IPv4 header, not folded. */
const volatile __u32 header_sum = 0;
/* Of 65,536 packets so many are sent, by chance. */
const volatile __u32 share = 65536;
/* XDP_TX out of the interface, or XDP_PASS: as if it had received them. */
const volatile __u32 action = XDP_TX;

static __always_inline void put(__u8 *at, __u16 value)
{
	*(__u16 *)at = bpf_htons(value);
}

SEC("xdp")
int blast(struct xdp_md *context)
{
	__u8 *data = (__u8 *)(long)context->data;
	__u32 flow = bpf_get_prandom_u32() % flows, high = flow >> 16, sum = header_sum + high;

	if (data + SOURCE_PORT + 2 > (__u8 *)(long)context->data_end)
		return XDP_DROP;
	if ((bpf_get_prandom_u32() & 0xffff) >= share)
		return XDP_DROP;
	sum = (sum & 0xffff) + (sum >> 16);
	sum += sum >> 16;
	put(data + CHECKSUM, ~sum);
	put(data + SOURCE_LOW, high);
	put(data + SOURCE_PORT, flow);
	return action;
}

char blast_license[] SEC("license") = "Dual MIT/GPL";
