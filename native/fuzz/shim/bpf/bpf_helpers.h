/* Stands in for libbpf's header, so that the filter program runs as an ordinary function: its maps are a few fixed entries. */
#ifndef LBQ_FUZZ_BPF_HELPERS_H
#define LBQ_FUZZ_BPF_HELPERS_H

#include <linux/bpf.h>

#define SEC(name)
#define __uint(name, value) int(*name)[value]
#define __type(name, value) __typeof__(value) *name

void *bpf_map_lookup_elem(void *map, const void *key);
long bpf_redirect_map(void *map, __u64 key, __u64 flags);
long bpf_xdp_adjust_head(struct xdp_md *context, int bytes);

#endif
