#include "interface.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "error.h"
#include "lbqueue.h"

int32_t lbq_interface_name(const char *name)
{
	if (!name || name[0] == 0 || strnlen(name, IFNAMSIZ) == IFNAMSIZ)
		return lbq_fail(LBQ_E_ARGUMENT, "interface name: 1 to 15 characters are accepted");
	return 0;
}

static int32_t request(int fd, unsigned long what, const char *call, const char *name, struct ifreq *ifr)
{
	memcpy(ifr->ifr_name, name, strlen(name) + 1);
	return ioctl(fd, what, ifr) < 0 ? lbq_fail_errno(errno, call, name) : 0;
}

static int32_t find(int fd, const char *name, struct lbq_interface *interface)
{
	struct ifreq ifr = { 0 };
	int32_t result = request(fd, SIOCGIFINDEX, "ioctl SIOCGIFINDEX", name, &ifr);

	if (result < 0)
		return result;
	interface->index = (uint32_t)ifr.ifr_ifindex;
	result = request(fd, SIOCGIFMTU, "ioctl SIOCGIFMTU", name, &ifr);
	if (result < 0)
		return result;
	interface->mtu = (uint32_t)ifr.ifr_mtu;
	result = request(fd, SIOCGIFHWADDR, "ioctl SIOCGIFHWADDR", name, &ifr);
	if (result < 0)
		return result;
	memcpy(interface->mac, ifr.ifr_hwaddr.sa_data, sizeof(interface->mac));
	memcpy(interface->name, name, strlen(name) + 1);
	return 0;
}

static int32_t with_socket(int *fd)
{
	*fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return *fd < 0 ? lbq_fail_errno(errno, "socket", "") : 0;
}

int32_t lbq_interface_find(const char *name, struct lbq_interface *interface)
{
	int fd;
	int32_t result = lbq_interface_name(name);

	if (result < 0 || (result = with_socket(&fd)) < 0)
		return result;
	result = find(fd, name, interface);
	close(fd);
	return result;
}

uint32_t lbq_interface_mtu(int fd, uint32_t index)
{
	struct ifreq ifr = { .ifr_ifindex = (int)index };

	return ioctl(fd, SIOCGIFNAME, &ifr) == 0 && ioctl(fd, SIOCGIFMTU, &ifr) == 0 ? (uint32_t)ifr.ifr_mtu : 0;
}

int32_t lbq_interface_up(const char *name, uint32_t mtu)
{
	struct ifreq ifr = { .ifr_mtu = (int)mtu };
	int fd;
	int32_t result = with_socket(&fd);

	if (result < 0)
		return result;
	result = request(fd, SIOCSIFMTU, "ioctl SIOCSIFMTU", name, &ifr);
	if (result == 0)
		result = request(fd, SIOCGIFFLAGS, "ioctl SIOCGIFFLAGS", name, &ifr);
	ifr.ifr_flags |= IFF_UP;
	if (result == 0)
		result = request(fd, SIOCSIFFLAGS, "ioctl SIOCSIFFLAGS", name, &ifr);
	close(fd);
	return result;
}

int32_t lbq_interface_gro(const char *name, uint32_t on)
{
	struct ethtool_value value = { .cmd = ETHTOOL_GGRO };
	struct ifreq ifr = { .ifr_data = (char *)&value };
	int32_t was_on;
	int fd;
	int32_t result = with_socket(&fd);

	if (result < 0)
		return result;
	result = request(fd, SIOCETHTOOL, "ioctl ETHTOOL_GGRO", name, &ifr);
	was_on = value.data != 0;
	if (result == 0 && was_on != (int32_t)on) {
		value = (struct ethtool_value){ .cmd = ETHTOOL_SGRO, .data = on };
		result = request(fd, SIOCETHTOOL, "ioctl ETHTOOL_SGRO", name, &ifr);
	}
	close(fd);
	return result < 0 ? result : was_on;
}
