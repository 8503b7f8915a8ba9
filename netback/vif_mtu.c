// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Key "mtu" of the frontend's directory, by which the guest learns the MTU of its card.
 *
 * Theory of operation
 * -------------------
 * vif-bridge gives the tap the MTU that was configured, or the bridge's, and writes it
 * for the guest to a path that it makes of the tap's name: that is wrong if vifname= has
 * renamed it (tools/hotplug/Linux/xen-network-common.sh, set_mtu()). Other scripts write
 * none. So when a script is done, what the tap has is written where it belongs.
 */
#include "vif_mtu.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "link.h"
#include "tap.h"
#include "xenbus/keys.h"

#define MTU_DEFAULT 1500u /* without a key */

static bool is_plugged(struct xenbus_device *dev)
{
	char text[16];

	return !back_text(dev, "hotplug-status", text, sizeof(text)) && !strcmp(text, "connected");
}

void vif_mtu_key(struct xenbus_device *dev, int tap, const char *key)
{
	struct store *store = xenbus_store(dev->bus);
	char name[IFNAMSIZ], now[16] = "", right[16];
	unsigned int mtu;
	int ret;

	if (strcmp(key, "hotplug-status") != 0 || !is_plugged(dev) || tap_name(tap, name) ||
	    link_mtu(name, &mtu))
		return;
	snprintf(right, sizeof(right), "%u", mtu);
	ret = store_read(store, now, sizeof(now), "%s/mtu", dev->front);
	if (!strcmp(now, right) || (ret && mtu == MTU_DEFAULT))
		return;
	ret = store_write(store, right, "%s/mtu", dev->front);
	if (ret)
		log_warn(dev->name, "the guest will not know its MTU: cannot write %s/mtu: %s",
			 dev->front, strerror(-ret));
}
