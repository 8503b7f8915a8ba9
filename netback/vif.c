/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a vif is in XenStore, and its tap.
 *
 * Theory of operation
 * -------------------
 * The hotplug script wants a network device "vif<domid>.<devid>" when it runs,
 * and libxl runs it as soon as the backend's state is 2: so the tap is made
 * before that. It may be renamed by the script (vifname=); we keep to its
 * descriptor and, after a restart, to its alias. It is persistent, so that a
 * restart does not take it out of its bridge; the price is that one whose
 * backend directory vanished while nobody watched has to be swept up.
 *
 * Its carrier tells the bridge whether a worker serves it.
 */
#include "vif.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xen/io/xenbus.h>

#include "base/log.h"
#include "base/num.h"
#include "link.h"
#include "tap.h"
#include "stats/statfile.h"
#include "vif_direct.h"
#include "vif_filter.h"
#include "vif_keys.h"
#include "vif_limits.h"
#include "vif_memory.h"
#include "vif_mtu.h"
#include "vif_patience.h"
#include "vif_stats.h"
#include "vif_steer.h"
#include "vif_vlan.h"
#include "xenbus/keys.h"

#define KEY_COMPLETE "complete-csum"

struct vif {
	int tap;
	bool multi;			/* the tap may have several queues */
	bool adopted;			/* and nobody connected since */
	struct net_conf conf;		/* what the worker has been told */
	bool telling;			/* of a change, and it has not said yet that it is so */
	bool admins_changed;		/* the admin's keys, and they have not been looked at yet */
	bool admins_wrong, front_wrong; /* what was written last; told in the error node */
	struct vif_limits limits;
	struct vif_direct direct;
};

struct vif_direct *vif_direct_of(struct xenbus_device *dev)
{
	struct vif *vif = dev->priv;

	return vif ? &vif->direct : NULL;
}

static enum xenbus_state back_state(struct xenbus_device *dev)
{
	char text[16];
	uint32_t state;

	if (store_read(xenbus_store(dev->bus), text, sizeof(text), "%s/state", dev->back) ||
	    num_u32(text, 0, XenbusStateReconfigured, &state))
		return XenbusStateUnknown;
	return (enum xenbus_state)state;
}

/* Also while a frontend changes what it wants of it. */
static bool is_connected(struct xenbus_device *dev)
{
	enum xenbus_state state = back_state(dev);

	return state == XenbusStateConnected || state == XenbusStateReconfigured;
}

static void set_carrier(struct xenbus_device *dev, int tap, bool on)
{
	int ret = tap_set_carrier(tap, on);

	if (ret)
		log_warn(dev->name, "cannot switch the carrier %s: %s", on ? "on" : "off",
			 strerror(-ret));
}

static int report(struct xenbus_device *dev, int err, const char *name)
{
	switch (err) {
	case -EEXIST:
		return xenbus_error(dev, err, "network device %s exists already and is not ours",
				    name);
	case -ENOENT:
	case -ENXIO:
	case -ENODEV:
		return xenbus_error(dev, err, "no /dev/net/tun: is the module tun loaded?");
	default:
		return xenbus_error(dev, err, "cannot make tap %s", name);
	}
}

/* Attaching switches the carrier on; a device that is not connected has none. */
static int adopt(struct xenbus_device *dev, const char *name, struct vif *vif)
{
	int ret = tap_adopt(name, &vif->multi, &vif->tap);

	if (ret)
		return xenbus_error(dev, ret, "cannot take over tap %s", name);
	if (!is_connected(dev))
		set_carrier(dev, vif->tap, false);
	vif->adopted = true;
	log_info(dev->name, "took over tap %s", name);
	return 0;
}

static int create(struct xenbus_device *dev, const char *name, struct vif *vif)
{
	int ret = tap_create(name, &vif->tap);

	if (ret)
		return report(dev, ret, name);
	vif->multi = true;
	ret = link_dress(name, dev->name);
	if (!ret)
		ret = tap_keep(vif->tap);
	if (!ret)
		return 0;
	close(vif->tap);
	return xenbus_error(dev, ret, "cannot set up tap %s", name);
}

static int open_tap(struct xenbus_device *dev, struct vif *vif)
{
	char name[IFNAMSIZ], now[IFNAMSIZ];
	int len = snprintf(name, sizeof(name), "vif%u.%u", dev->domid, dev->devid);

	if (len >= (int)sizeof(name))
		return xenbus_error(dev, -ENAMETOOLONG, "no network device can be named vif%u.%u",
				    dev->domid, dev->devid);
	/* Past state 1 the script may have renamed what a predecessor made. */
	if (back_state(dev) != XenbusStateInitialising && !link_find(dev->name, now))
		return adopt(dev, now, vif);
	if (!link_check(name, dev->name))
		return adopt(dev, name, vif);
	return create(dev, name, vif);
}

static int vif_prepare(struct xenbus_device *dev)
{
	struct vif *vif = calloc(1, sizeof(*vif));
	int ret;

	if (!vif)
		return xenbus_error(dev, -ENOMEM, "no memory");
	ret = open_tap(dev, vif);
	if (ret) {
		free(vif);
		return ret;
	}
	dev->priv = vif;
	return 0;
}

static unsigned int queues_max(const struct vif *vif)
{
	return vif->multi ? vif_max_queues() : 1;
}

/* What Linux' netback offers. */
static int vif_write_transport(struct xenbus_device *dev)
{
	const struct {
		const char *key;
		uint64_t value;
	} keys[] = {
		{ "feature-sg", 1 },
		{ "feature-gso-tcpv4", 1 },
		{ "feature-gso-tcpv6", 1 },
		{ "feature-ipv6-csum-offload", 1 },
		{ "feature-rx-copy", 1 },
		{ "feature-rx-flip", 0 },
		{ "feature-split-event-channels", 1 },
		{ "feature-multicast-control", 1 },
		{ "feature-dynamic-multicast-control", 1 },
		{ "feature-ctrl-ring", 1 },
		{ "feature-xdp-headroom", 1 },
		{ "multi-queue-max-queues", queues_max(dev->priv) },
	};
	int ret;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		ret = back_write_u64(dev, keys[i].key, keys[i].value);
		if (ret)
			return ret;
	}
	return 0;
}

/* The queue that we keep is the first one's too, so the tap never loses its last. */
static int open_queues(struct xenbus_device *dev, const struct net_conf *conf, int *fds)
{
	struct vif *vif = dev->priv;
	unsigned int i;
	int ret;

	fds[0] = dup(vif->tap);
	if (fds[0] < 0)
		return xenbus_error(dev, -errno, "cannot pass on the tap");
	for (i = 1; i < conf->nr_queues; i++) {
		ret = tap_add_queue(vif->tap, &fds[i]);
		if (!ret)
			continue;
		while (i > 0)
			close(fds[--i]);
		return xenbus_error(dev, ret, "cannot add a queue to the tap");
	}
	return 0;
}

/* For a guest that may ask for it over its control ring. Without it the kernel chooses. */
static void open_steering(struct xenbus_device *dev, struct net_conf *conf, int *fds,
			  unsigned int *nr_fds)
{
	static bool told;
	struct vif *vif = dev->priv;
	int ret;

	if (!conf->ctrl || conf->nr_queues == 1)
		return;
	ret = vif_steer_open(&fds[*nr_fds], &fds[*nr_fds + 1]);
	if (ret && !told)
		log_info(dev->name, "guests cannot choose the queues of their packets: no BPF: %s",
			 strerror(-ret));
	told |= ret != 0;
	if (ret)
		return;
	*nr_fds += 2;
	conf->steer = true;
	conf->sort_queues = vif->adopted;
}

/*
 * Which addresses it may use; and, for guests that pass packets on and leave open what was
 * open, that nothing comes to them that is not complete.
 */
static int read_admins(struct xenbus_device *dev, struct net_live *live)
{
	const struct vif *vif = dev->priv;
	int ret = vif_filter_read(dev, vif->direct.on, &live->filter);

	return ret ? ret : back_bool(dev, KEY_COMPLETE, false, &live->complete_csum);
}

static int vif_connect(struct xenbus_device *dev, struct worker_msg *msg, int *fds,
		       unsigned int *nr_fds)
{
	bool taken_over = is_connected(dev);
	struct vif *vif = dev->priv;
	int ret = vif_read_keys(dev, queues_max(vif), &msg->net);

	if (ret)
		return ret;
	vif_patience(&msg->net);
	vif_direct_read(dev, vif->tap, &vif->direct);
	msg->net.direct = vif->direct.on;
	if ((ret = read_admins(dev, &msg->net.live)) ||
	    (!taken_over && (ret = vif_vlan_apply(dev, vif->tap))))
		return ret;
	vif_limits_read(dev, &vif->limits);
	vif->limits.unsent = false;
	memcpy(msg->net.limits, vif->limits.of, sizeof(msg->net.limits));
	ret = tap_set_offload(vif->tap, &msg->net);
	if (ret)
		return xenbus_error(dev, ret, "cannot set the tap's offloads");
	ret = vif_stats_open(dev->name, &fds[NET_FD_STATS]);
	if (ret)
		return xenbus_error(dev, ret, "cannot make room for its counters");
	*nr_fds = NET_FD_STATS + 1;
	ret = vif_memory_open(dev->name, !taken_over, &fds[NET_FD_MEMORY]);
	if (ret)
		return xenbus_error(dev, ret, "cannot make room for what the frontend sets");
	*nr_fds = NET_FD_MEMORY + 1;
	ret = open_queues(dev, &msg->net, fds + NET_FD_TAP);
	if (ret)
		return ret;
	vif->conf = msg->net;
	vif->telling = vif->admins_changed = false;
	vif->front_wrong = vif->admins_wrong = false;
	*nr_fds = NET_FD_TAP + msg->net.nr_queues;
	open_steering(dev, &msg->net, fds, nr_fds);
	vif->adopted = false;
	/* A frontend that starts anew has no use for what the last one left. */
	if (!taken_over) {
		tap_drain(vif->tap);
		tap_unsteer(vif->tap);
	}
	set_carrier(dev, vif->tap, true);
	return 0;
}

static bool vif_changed(struct xenbus_device *dev, struct worker_msg *msg)
{
	struct vif *vif = dev->priv;

	if (vif->limits.unsent)
		vif_limits_send(dev, &vif->limits);
	vif_direct_pair(dev);
	return false;
}

static bool is_same(const struct net_live *a, const struct net_live *b)
{
	return a->mcast_filter == b->mcast_filter && a->headroom == b->headroom &&
	       a->complete_csum == b->complete_csum &&
	       !memcmp(&a->filter, &b->filter, sizeof(a->filter));
}

/* What is wrong is told, and what was right before stays in force. */
static void read_wanted(struct xenbus_device *dev, struct net_live *ret)
{
	struct vif *vif = dev->priv;
	struct net_live front = vif->conf.live, admins = vif->conf.live;
	bool was_wrong = vif->front_wrong || vif->admins_wrong;

	*ret = vif->conf.live;
	vif->front_wrong = vif_read_live(dev, &front) != 0;
	if (!vif->front_wrong) {
		ret->mcast_filter = front.mcast_filter;
		ret->headroom = front.headroom;
	}
	if (vif->admins_changed)
		vif->admins_wrong = read_admins(dev, &admins) != 0;
	if (vif->admins_changed && !vif->admins_wrong) {
		ret->complete_csum = admins.complete_csum;
		ret->filter = admins.filter;
	}
	vif->admins_changed = false;
	if (was_wrong && !vif->front_wrong && !vif->admins_wrong)
		xenbus_error_over(dev);
}

/*
 * Keys may change faster than the worker follows: one change is on its way at a
 * time, and what is wanted when that is done is the next.
 */
static void vif_front_changed(struct xenbus_device *dev)
{
	struct worker_msg msg = { .type = WORKER_MSG_NET_LIVE };
	struct vif *vif = dev->priv;
	int ret;

	vif_direct_pair(dev);
	if (dev->worker_state != XENBUS_WORKER_SERVING || vif->telling)
		return;
	read_wanted(dev, &msg.net.live);
	if (is_same(&msg.net.live, &vif->conf.live))
		return;
	ret = xenbus_tell(dev, &msg);
	if (ret) {
		log_warn(dev->name, "cannot tell the worker what is wanted of it now: %s",
			 strerror(-ret));
		return;
	}
	vif->conf.live = msg.net.live;
	vif->telling = true;
	/* What is on its way meanwhile the worker completes in any case. */
	ret = tap_set_offload(vif->tap, &vif->conf);
	if (ret)
		log_warn(dev->name, "cannot set the tap's offloads: %s", strerror(-ret));
}

static void vif_key(struct xenbus *bus, uint16_t domid, struct xenbus_device *dev, const char *key)
{
	struct vif *vif = dev ? dev->priv : NULL;

	if (vif)
		vif_mtu_key(dev, vif->tap, key);
	if (vif && vif_limits_is_key(key) && vif_limits_read(dev, &vif->limits))
		vif_limits_send(dev, &vif->limits);
	if (vif &&
	    (vif_filter_is_key(key) || vif_direct_is_key(key) || !strcmp(key, KEY_COMPLETE))) {
		vif->admins_changed = true;
		vif->direct.stale |= vif_direct_is_key(key);
		vif_front_changed(dev);
	}
}

/*
 * Linux' netfront writes 7 first and then its key: if that comes after we have read it, it
 * is heard of as a change of the key, a moment later.
 */
static bool vif_settled(struct xenbus_device *dev)
{
	struct vif *vif = dev->priv;

	vif_front_changed(dev);
	return !vif->telling;
}

static bool vif_message(struct xenbus_device *dev, const struct worker_msg *msg)
{
	struct vif *vif = dev->priv;

	if (msg->type != WORKER_MSG_NET_LIVE_DONE)
		return false;
	vif->telling = false;
	vif_front_changed(dev);
	return true;
}

static void vif_disconnected(struct xenbus_device *dev)
{
	struct vif *vif = dev->priv;

	vif_direct_forget(dev);
	set_carrier(dev, vif->tap, false);
}

static void vif_release(struct xenbus_device *dev)
{
	struct vif *vif = dev->priv;
	char name[IFNAMSIZ];

	if (!tap_name(vif->tap, name))
		log_debug(dev->name, "deleting tap %s", name);
	statfile_remove(dev->name);
	vif_memory_remove(dev->name);
	tap_forsake(vif->tap);
	close(vif->tap);
	free(vif);
	dev->priv = NULL;
}

/*
 * @name: "vif/<domid>/<devid>", as in our aliases. A device that waits for its
 * frontend is not prepared after a restart; its tap is taken over all the same,
 * so that it is deleted with the device.
 */
static bool take_over(void *ctx, const char *name)
{
	struct xenbus_device *dev;
	unsigned int domid, devid;
	int end = 0;

	/* An alias that reads otherwise was not written by us. */
	if (sscanf(name, "vif/%5u/%10u%n", &domid, &devid, &end) != 2 || name[end])
		return true;
	dev = xenbus_find(ctx, (uint16_t)domid, devid);
	if (!dev)
		return false;
	if (!dev->prepared && !vif_prepare(dev))
		dev->prepared = true;
	return true;
}

static void vif_scanned(struct xenbus *bus)
{
	int ret = link_sweep(take_over, bus);

	if (ret)
		log_warn(NULL, "cannot look for taps left over: %s", strerror(-ret));
	statfile_sweep("vif", xenbus_has, bus);
	vif_memory_sweep(xenbus_has, bus);
}

const struct xenbus_driver vif_driver = {
	.kind = "vif",
	.worker = "netback-worker",
	.prepare = vif_prepare,
	.write_transport = vif_write_transport,
	.connect = vif_connect,
	.changed = vif_changed,
	.key = vif_key,
	.front_keys = vif_live_keys,
	.front_changed = vif_front_changed,
	.settled = vif_settled,
	.message = vif_message,
	.disconnected = vif_disconnected,
	.release = vif_release,
	.scanned = vif_scanned,
};
