/*
 * Pushes or pops VLAN tags at the traffic control hooks of an interface, for kernels without VLAN devices.
 * Sections: tc/push (802.1Q, id 100), tc/push_two (802.1ad, id 200, around 802.1Q, id 100), tc/pop, tc/pop_two.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define TPID_CUSTOMER 0x8100
#define TPID_SERVICE 0x88a8

SEC("tc/push")
int push(struct __sk_buff *frame)
{
	return bpf_skb_vlan_push(frame, bpf_htons(TPID_CUSTOMER), 100) ? TC_ACT_SHOT : TC_ACT_OK;
}

SEC("tc/push_two")
int push_two(struct __sk_buff *frame)
{
	if (bpf_skb_vlan_push(frame, bpf_htons(TPID_CUSTOMER), 100))
		return TC_ACT_SHOT;
	return bpf_skb_vlan_push(frame, bpf_htons(TPID_SERVICE), 200) ? TC_ACT_SHOT : TC_ACT_OK;
}

SEC("tc/pop")
int pop(struct __sk_buff *frame)
{
	return bpf_skb_vlan_pop(frame) ? TC_ACT_SHOT : TC_ACT_OK;
}

SEC("tc/pop_two")
int pop_two(struct __sk_buff *frame)
{
	if (bpf_skb_vlan_pop(frame))
		return TC_ACT_SHOT;
	return bpf_skb_vlan_pop(frame) ? TC_ACT_SHOT : TC_ACT_OK;
}

char licence_text[] SEC("license") = "Dual BSD/GPL";
