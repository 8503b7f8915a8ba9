// SPDX-License-Identifier: GPL-2.0-or-later
/* A tap of the tests' own. See net_wire.h. */
#include "net_wire.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_bridge.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* An ioctl of network devices on @name; @ifr has the rest. */
static int device_ioctl(const char *name, unsigned long what, struct ifreq *ifr)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), ret;

	if (fd < 0)
		return -errno;
	snprintf(ifr->ifr_name, sizeof(ifr->ifr_name), "%s", name);
	ret = ioctl(fd, what, ifr) < 0 ? -errno : 0;
	close(fd);
	return ret;
}

int wire_link_up(const char *name, int up)
{
	struct ifreq ifr = { 0 };
	int ret = device_ioctl(name, SIOCGIFFLAGS, &ifr);

	if (ret)
		return ret;
	ifr.ifr_flags = (short)(up ? ifr.ifr_flags | IFF_UP : ifr.ifr_flags & ~IFF_UP);
	return device_ioctl(name, SIOCSIFFLAGS, &ifr);
}

int wire_link_mtu(const char *name, unsigned int mtu)
{
	struct ifreq ifr = { .ifr_mtu = (int)mtu };

	return device_ioctl(name, SIOCSIFMTU, &ifr);
}

int wire_set_mtu(const struct wire *w, unsigned int mtu)
{
	return wire_link_mtu(w->name, mtu);
}

static int set_mac(const char *name, const uint8_t *mac)
{
	struct ifreq ifr = { 0 };

	ifr.ifr_hwaddr.sa_family = ARPHRD_ETHER;
	memcpy(ifr.ifr_hwaddr.sa_data, mac, 6);
	return device_ioctl(name, SIOCSIFHWADDR, &ifr);
}

static int join_bridge(const char *bridge, const char *name)
{
	struct ifreq ifr = { .ifr_ifindex = (int)if_nametoindex(name) };

	return device_ioctl(bridge, SIOCBRADDIF, &ifr);
}

int wire_make_hub(const char *bridge)
{
	unsigned long args[4] = { BRCTL_SET_AGEING_TIME };
	struct ifreq ifr = { .ifr_data = (char *)args };

	return device_ioctl(bridge, SIOCDEVPRIVATE, &ifr);
}

static void write_sysctl(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, value, strlen(value)) < 0)
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	close(fd);
}

void wire_silence(void)
{
	write_sysctl("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1");
	write_sysctl("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
	write_sysctl("/proc/sys/net/ipv4/igmp_link_local_mcast_reports", "0");
}

#define TAP_FLAGS (IFF_TAP | IFF_NO_PI | IFF_VNET_HDR)

static int attach(const char *name, int flags, struct wire *w)
{
	struct ifreq ifr = { .ifr_flags = (short)flags };

	w->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (w->fd < 0)
		return -errno;
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if (ioctl(w->fd, TUNSETIFF, &ifr) < 0) {
		int ret = -errno;

		close(w->fd);
		return ret;
	}
	memcpy(w->name, ifr.ifr_name, sizeof(w->name));
	return 0;
}

int wire_more(const struct wire *w, struct wire *ret)
{
	*ret = (struct wire){ .fd = -1 };
	return attach(w->name, TAP_FLAGS | IFF_MULTI_QUEUE, ret);
}

static int make_tap(struct wire *w, const struct wire_how *how)
{
	unsigned int flags = 0;
	int ret = attach(how->name, TAP_FLAGS | (how->multi ? IFF_MULTI_QUEUE : 0), w);

	if (ret)
		return ret;
	flags |= how->offloads & WIRE_CSUM ? TUN_F_CSUM : 0;
	flags |= how->offloads & WIRE_TSO4 ? TUN_F_TSO4 : 0;
	flags |= how->offloads & WIRE_TSO6 ? TUN_F_TSO6 : 0;
	if (ioctl(w->fd, TUNSETOFFLOAD, flags) < 0) {
		ret = -errno;
		close(w->fd);
	}
	return ret;
}

static int dress_tap(struct wire *w, const struct wire_how *how)
{
	struct ifreq ifr = { .ifr_qlen = (int)(how->queue ? how->queue : 1000) };
	int ret = device_ioctl(w->name, SIOCSIFTXQLEN, &ifr);

	if (!ret && how->mac)
		ret = set_mac(w->name, how->mac);
	if (!ret && how->mtu)
		ret = wire_link_mtu(w->name, how->mtu);
	if (!ret && how->bridge)
		ret = join_bridge(how->bridge, w->name);
	return ret ? ret : wire_link_up(w->name, 1);
}

static int enter_netns(const char *netns)
{
	char path[256];
	int fd, ret;

	snprintf(path, sizeof(path), "%s%s", *netns == '/' ? "" : "/run/netns/", netns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = setns(fd, CLONE_NEWNET) < 0 ? -errno : 0;
	close(fd);
	return ret;
}

static int open_here(const struct wire_how *how, struct wire *w)
{
	int ret = make_tap(w, how);

	if (ret)
		return ret;
	ret = dress_tap(w, how);
	if (ret)
		close(w->fd);
	return ret;
}

int wire_open(const struct wire_how *how, struct wire *w)
{
	int home = -1, ret;

	*w = (struct wire){ .fd = -1 };
	if (!how->netns)
		return open_here(how, w);
	home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (home < 0)
		return -errno;
	ret = enter_netns(how->netns);
	if (!ret) {
		ret = open_here(how, w);
		if (setns(home, CLONE_NEWNET) < 0 && !ret)
			ret = -errno;
	}
	close(home);
	return ret;
}

void wire_close(struct wire *w)
{
	close(w->fd);
	w->fd = -1;
}

int wire_send(struct wire *w, const struct virtio_net_hdr *vh, const void *data, size_t len)
{
	struct virtio_net_hdr plain = { 0 };
	struct iovec iov[2] = {
		{ .iov_base = vh ? (void *)vh : &plain, .iov_len = sizeof(plain) },
		{ .iov_base = (void *)data, .iov_len = len },
	};

	if (writev(w->fd, iov, 2) < 0)
		return -errno;
	w->sent++;
	return 0;
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int wire_receive(struct wire *w, const uint8_t *from, void *buf, size_t size,
		 struct virtio_net_hdr *vh, int timeout_ms)
{
	struct virtio_net_hdr ignored = { 0 };
	struct iovec iov[2] = {
		{ .iov_base = vh ? vh : &ignored, .iov_len = sizeof(ignored) },
		{ .iov_base = buf, .iov_len = size },
	};
	int64_t end = now_ms() + timeout_ms;

	for (;;) {
		struct pollfd pfd = { .fd = w->fd, .events = POLLIN };
		ssize_t got = readv(w->fd, iov, 2);
		int64_t left;

		if (got >= (ssize_t)sizeof(ignored) + 14 &&
		    (!from || !memcmp((uint8_t *)buf + 6, from, 6))) {
			w->received++;
			return (int)(got - (ssize_t)sizeof(ignored));
		}
		if (got < 0 && errno != EAGAIN)
			return -errno;
		if (got >= 0)
			continue;
		left = end - now_ms();
		if (left <= 0)
			return 0;
		poll(&pfd, 1, (int)left);
	}
}
