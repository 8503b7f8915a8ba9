/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Network devices by netlink (libnl). */
#include "link.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <netlink/cache.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <netlink/route/qdisc.h>
#include <netlink/route/tc.h>

#include "base/log.h"

#define ALIAS_PREFIX "pvback:"

/* The address all of Xen's backend devices have, so that no bridge takes it. */
#define BACKEND_MAC "fe:ff:ff:ff:ff:ff"

/*
 * Frames that wait in each queue of the tap while the guest has no room: enough for a
 * burst of small ones, 16 MiB of large ones. An admin may set another number.
 */
#define QUEUE_FRAMES 256

static struct nl_sock *sock;

/* libnl has numbers of its own. */
static int to_errno(int err)
{
	switch (-err) {
	case 0:
		return 0;
	case NLE_OBJ_NOTFOUND:
	case NLE_NODEV:
		return -ENOENT;
	case NLE_EXIST:
		return -EEXIST;
	case NLE_PERM:
	case NLE_NOACCESS:
		return -EPERM;
	case NLE_NOMEM:
		return -ENOMEM;
	default:
		return -EIO;
	}
}

int link_init(void)
{
	int err;

	sock = nl_socket_alloc();
	if (!sock)
		return -ENOMEM;
	err = nl_connect(sock, NETLINK_ROUTE);
	if (!err)
		return 0;
	nl_socket_free(sock);
	sock = NULL;
	return to_errno(err);
}

void link_fini(void)
{
	nl_socket_free(sock);
	sock = NULL;
}

static void make_alias(const char *dev, char *buf, size_t size)
{
	snprintf(buf, size, ALIAS_PREFIX "%s", dev);
}

/* The device an alias of ours stands for, or NULL. */
static const char *owner(struct rtnl_link *link)
{
	const char *alias = rtnl_link_get_ifalias(link);
	size_t len = strlen(ALIAS_PREFIX);

	return alias && !strncmp(alias, ALIAS_PREFIX, len) ? alias + len : NULL;
}

static int get(const char *name, struct rtnl_link **ret)
{
	return to_errno(rtnl_link_get_kernel(sock, 0, name, ret));
}

static int change(struct rtnl_link *link, const char *dev)
{
	struct rtnl_link *wish = rtnl_link_alloc();
	struct nl_addr *mac;
	char alias[64];
	int err;

	if (!wish)
		return -ENOMEM;
	err = nl_addr_parse(BACKEND_MAC, AF_LLC, &mac);
	if (err)
		goto out;
	make_alias(dev, alias, sizeof(alias));
	rtnl_link_set_ifalias(wish, alias);
	rtnl_link_set_txqlen(wish, QUEUE_FRAMES);
	rtnl_link_set_addr(wish, mac);
	err = rtnl_link_change(sock, link, wish, 0);
	nl_addr_put(mac);
out:
	rtnl_link_put(wish);
	return to_errno(err);
}

/*
 * A tap queues by itself, and drops what is too much; before it a queueing
 * discipline would never see a reason to act. By default there would be one for
 * each of the 256 queues that a tap may have: 2 MiB, and a millisecond of
 * everybody's time when the link goes up. An admin may set another.
 */
static int no_queueing(struct rtnl_link *link)
{
	struct rtnl_qdisc *qdisc = rtnl_qdisc_alloc();
	int err;

	if (!qdisc)
		return -ENOMEM;
	rtnl_tc_set_ifindex(TC_CAST(qdisc), rtnl_link_get_ifindex(link));
	rtnl_tc_set_parent(TC_CAST(qdisc), TC_H_ROOT);
	err = rtnl_tc_set_kind(TC_CAST(qdisc), "noqueue");
	if (!err)
		err = rtnl_qdisc_add(sock, qdisc, NLM_F_CREATE | NLM_F_REPLACE);
	rtnl_qdisc_put(qdisc);
	return to_errno(err);
}

int link_dress(const char *name, const char *dev)
{
	struct rtnl_link *link;
	int ret = get(name, &link);

	if (ret)
		return ret;
	ret = change(link, dev);
	if (!ret && no_queueing(link))
		log_debug(dev, "%s keeps its queueing discipline", name);
	rtnl_link_put(link);
	return ret;
}

int link_check(const char *name, const char *dev)
{
	struct rtnl_link *link;
	const char *of;
	int ret = get(name, &link);

	if (ret)
		return ret;
	of = owner(link);
	if (!of || strcmp(of, dev) != 0)
		ret = -EEXIST;
	rtnl_link_put(link);
	return ret;
}

int link_mtu(const char *name, unsigned int *ret_mtu)
{
	struct rtnl_link *link;
	int ret = get(name, &link);

	if (ret)
		return ret;
	*ret_mtu = rtnl_link_get_mtu(link);
	rtnl_link_put(link);
	return 0;
}

int link_find(const char *dev, char name[IFNAMSIZ])
{
	struct nl_cache *cache;
	struct nl_object *obj;
	int ret = to_errno(rtnl_link_alloc_cache(sock, AF_UNSPEC, &cache));

	if (ret)
		return ret;
	ret = -ENOENT;
	for (obj = nl_cache_get_first(cache); obj; obj = nl_cache_get_next(obj)) {
		struct rtnl_link *link = (struct rtnl_link *)obj;
		const char *of = owner(link);

		if (!of || strcmp(of, dev) != 0)
			continue;
		snprintf(name, IFNAMSIZ, "%s", rtnl_link_get_name(link));
		ret = 0;
		break;
	}
	nl_cache_free(cache);
	return ret;
}

int link_sweep(bool (*keep)(void *ctx, const char *dev), void *ctx)
{
	struct nl_cache *cache;
	struct nl_object *obj;
	int ret = to_errno(rtnl_link_alloc_cache(sock, AF_UNSPEC, &cache));

	if (ret)
		return ret;
	for (obj = nl_cache_get_first(cache); obj; obj = nl_cache_get_next(obj)) {
		struct rtnl_link *link = (struct rtnl_link *)obj;
		const char *of = owner(link);

		if (!of || keep(ctx, of))
			continue;
		log_info(of, "nobody's any more, deleting %s", rtnl_link_get_name(link));
		rtnl_link_delete(sock, link);
	}
	nl_cache_free(cache);
	return 0;
}
