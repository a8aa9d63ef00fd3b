#ifndef LBQ_INTERFACE_H
#define LBQ_INTERFACE_H

#include <stdint.h>

struct lbq_interface {
	char name[16];
	uint32_t index;
	uint32_t mtu;
	uint8_t mac[6];
};

/* Checks that a name from outside is terminated and not empty. */
int32_t lbq_interface_name(const char *name);

/* Looks `name` up in this thread's network namespace. */
int32_t lbq_interface_find(const char *name, struct lbq_interface *interface);

/* The MTU that interface `index` has now, by any socket of its network namespace, whatever its name is by now. 0: there is none. */
uint32_t lbq_interface_mtu(int fd, uint32_t index);

/* Sets the MTU of an interface and then the interface up. */
int32_t lbq_interface_up(const char *name, uint32_t mtu);

/* Switches generic receive offload; returns whether it was on before, or a negative error. */
int32_t lbq_interface_gro(const char *name, uint32_t on);

#endif
