/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tap of a vif: /dev/net/tun and its ioctls. */
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/util.h"
#include "net_conf.h"

#define TUN_PATH "/dev/net/tun"
#define TAP_FLAGS (IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | IFF_MULTI_QUEUE)

#define BUSY_TRIES 100
#define BUSY_WAIT_NS (20 * NS_PER_MS)

#define DRAIN_MAX 4096 /* frames; more than any queue of ours holds */

/* Headers of 12 bytes, little-endian on any host: see offload.c. */
static int set_header(int fd)
{
	int len = sizeof(struct virtio_net_hdr_mrg_rxbuf), little = 1;

	if (ioctl(fd, TUNSETVNETHDRSZ, &len) < 0 || ioctl(fd, TUNSETVNETLE, &little) < 0)
		return -errno;
	return 0;
}

static int set_iff(int fd, const char *name, short flags)
{
	struct ifreq ifr = { .ifr_flags = flags };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	return ioctl(fd, TUNSETIFF, &ifr) < 0 ? -errno : 0;
}

static int open_tun(int *ret_fd)
{
	int fd = open(TUN_PATH, O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

int tap_create(const char *name, int *ret_fd)
{
	int fd = -1, ret = open_tun(&fd);

	if (ret)
		return ret;
	ret = set_iff(fd, name, (short)(TAP_FLAGS | IFF_TUN_EXCL));
	if (ret == -EBUSY || ret == -EINVAL)
		ret = -EEXIST;
	if (!ret)
		ret = set_header(fd);
	if (!ret)
		ret = tap_set_carrier(fd, false);
	if (ret)
		close(fd);
	else
		*ret_fd = fd;
	return ret;
}

int tap_keep(int fd)
{
	return ioctl(fd, TUNSETPERSIST, 1) < 0 ? -errno : 0;
}

int tap_adopt(const char *name, bool *ret_multi, int *ret_fd)
{
	const struct timespec wait = { .tv_nsec = BUSY_WAIT_NS };
	int fd = -1, i, ret = open_tun(&fd);

	if (ret)
		return ret;
	ret = set_iff(fd, name, TAP_FLAGS);
	*ret_multi = !ret;
	/* One of the days when a vif had one queue: then a second waits for the first. */
	for (i = 0; i < BUSY_TRIES && (ret == -EINVAL || ret == -EBUSY); i++) {
		ret = set_iff(fd, name, TAP_FLAGS & ~IFF_MULTI_QUEUE);
		if (ret == -EBUSY)
			nanosleep(&wait, NULL);
		else
			break;
	}
	if (!ret)
		ret = set_header(fd);
	if (ret)
		close(fd);
	else
		*ret_fd = fd;
	return ret;
}

/* What is set of the device, as the headers, holds for all of its queues. */
int tap_add_queue(int fd, int *ret_fd)
{
	char name[IFNAMSIZ];
	int queue = -1, ret = tap_name(fd, name);

	if (!ret)
		ret = open_tun(&queue);
	if (ret)
		return ret;
	ret = set_iff(queue, name, TAP_FLAGS);
	if (ret)
		close(queue);
	else
		*ret_fd = queue;
	return ret;
}

int tap_forsake(int fd)
{
	return ioctl(fd, TUNSETPERSIST, 0) < 0 ? -errno : 0;
}

int tap_name(int fd, char name[IFNAMSIZ])
{
	struct ifreq ifr = { 0 };

	if (ioctl(fd, TUNGETIFF, &ifr) < 0)
		return -errno;
	memcpy(name, ifr.ifr_name, IFNAMSIZ);
	name[IFNAMSIZ - 1] = '\0';
	return 0;
}

int tap_set_carrier(int fd, bool on)
{
	int value = on;

	return ioctl(fd, TUNSETCARRIER, &value) < 0 ? -errno : 0;
}

/*
 * ECN is not offered: netif has no word for it, and the kernel then cuts such
 * frames itself. Linux' netback does the same.
 */
int tap_set_offload(int fd, const struct net_conf *conf)
{
	unsigned long flags = 0;

	if (conf->live.complete_csum)
		return ioctl(fd, TUNSETOFFLOAD, flags) < 0 ? -errno : 0;
	if (conf->csum_ipv4 || conf->csum_ipv6)
		flags |= TUN_F_CSUM;
	if (conf->sg && conf->csum_ipv4 && conf->gso_tcpv4)
		flags |= TUN_F_TSO4;
	if (conf->sg && conf->csum_ipv6 && conf->gso_tcpv6)
		flags |= TUN_F_TSO6;
	return ioctl(fd, TUNSETOFFLOAD, flags) < 0 ? -errno : 0;
}

void tap_unsteer(int fd)
{
	int none = -1;

	/* A kernel that cannot do it has no program either. */
	if (ioctl(fd, TUNSETSTEERINGEBPF, &none) < 0)
		errno = 0;
}

void tap_drain(int fd)
{
	char byte;
	int i;

	/* A short read takes the whole frame. */
	for (i = 0; i < DRAIN_MAX; i++)
		if (read(fd, &byte, sizeof(byte)) < 0 && errno != EINVAL)
			break;
}
