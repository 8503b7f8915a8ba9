// SPDX-License-Identifier: GPL-2.0-or-later
#include "bridge.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_bridge.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <unistd.h>

#include <netlink/msg.h>
#include <netlink/netlink.h>

/* 0: its bridge filters VLANs. */
static int check_filtering(const char *port)
{
	char path[64 + IFNAMSIZ], on = '0';
	int fd, ret = 0;

	snprintf(path, sizeof(path), "/sys/class/net/%s/master/bridge", port);
	if (access(path, F_OK) < 0)
		return -ENODEV;
	snprintf(path, sizeof(path), "/sys/class/net/%s/master/bridge/vlan_filtering", port);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) /* a kernel without it */
		return -EOPNOTSUPP;
	if (read(fd, &on, 1) != 1 || on != '1')
		ret = -EOPNOTSUPP;
	close(fd);
	return ret;
}

static void put_vlan(struct nl_msg *msg, uint16_t id, unsigned int flags)
{
	struct bridge_vlan_info info = { .flags = (uint16_t)flags, .vid = id };

	nla_put(msg, IFLA_BRIDGE_VLAN_INFO, sizeof(info), &info);
}

static void put_range(struct nl_msg *msg, uint16_t first, uint16_t last)
{
	if (first == last) {
		put_vlan(msg, first, 0);
		return;
	}
	put_vlan(msg, first, BRIDGE_VLAN_INFO_RANGE_BEGIN);
	put_vlan(msg, last, BRIDGE_VLAN_INFO_RANGE_END);
}

static void put_all(struct nl_msg *msg, const struct net_vlans *vlans)
{
	for (unsigned int i = 0; i < vlans->nr; i++)
		put_range(msg, vlans->range[i].first, vlans->range[i].last);
	/* Last, as a range that has it too would give it tags. */
	if (vlans->untagged)
		put_vlan(msg, vlans->untagged, BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED);
}

/* RTM_SETLINK adds @vlans to the port, RTM_DELLINK takes all away: those it has not are no error. */
static int change(struct nl_sock *sock, unsigned int index, int type, const struct net_vlans *vlans)
{
	struct ifinfomsg ifi = { .ifi_family = AF_BRIDGE, .ifi_index = (int)index };
	struct nl_msg *msg = nlmsg_alloc_simple(type, NLM_F_REQUEST | NLM_F_ACK);
	struct nlattr *spec;
	int ret;

	if (!msg)
		return -ENOMEM;
	nlmsg_append(msg, &ifi, sizeof(ifi), NLMSG_ALIGNTO);
	spec = nla_nest_start(msg, IFLA_AF_SPEC);
	if (type == RTM_SETLINK)
		put_all(msg, vlans);
	else
		put_range(msg, 1, VLAN_ID_MAX);
	nla_nest_end(msg, spec);
	ret = nl_send_sync(sock, msg); /* which frees it */
	return ret < 0 ? -EIO : 0;
}

int bridge_set_vlans(const char *port, const struct net_vlans *vlans)
{
	unsigned int index = if_nametoindex(port);
	struct nl_sock *sock;
	int ret = check_filtering(port);

	if (ret)
		return ret;
	sock = nl_socket_alloc();
	if (!sock)
		return -ENOMEM;
	ret = nl_connect(sock, NETLINK_ROUTE) ? -EIO : 0;
	if (!ret)
		ret = change(sock, index, RTM_DELLINK, vlans);
	if (!ret)
		ret = change(sock, index, RTM_SETLINK, vlans);
	nl_socket_free(sock);
	return ret;
}
