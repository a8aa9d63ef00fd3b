/* Gives each generated packet a random source port below the number of flows and sends it out. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#define SOURCE_PORT 34 /* behind Ethernet and IPv4 without options */

const volatile __u32 flows = 1024;

SEC("xdp")
int blast(struct xdp_md *context)
{
	__u8 *data = (__u8 *)(long)context->data;
	__u32 flow = bpf_get_prandom_u32() % flows;

	if (data + SOURCE_PORT + 2 > (__u8 *)(long)context->data_end)
		return XDP_DROP;
	data[SOURCE_PORT] = flow >> 8;
	data[SOURCE_PORT + 1] = flow;
	return XDP_TX;
}

char blast_license[] SEC("license") = "Dual MIT/GPL";
