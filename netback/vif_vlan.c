// SPDX-License-Identifier: GPL-2.0-or-later
#include "vif_vlan.h"

#include <errno.h>
#include <net/if.h>

#include "base/util.h"
#include "bridge.h"
#include "tap.h"
#include "vlan.h"
#include "xenbus/keys.h"

#define TEXT_MAX 512

static int apply(struct xenbus_device *dev, const char *name, const struct net_vlans *vlans)
{
	int ret = bridge_set_vlans(name, vlans);

	switch (ret) {
	case 0:
		return 0;
	case -ENODEV: /* Open vSwitch, a router: its script may have done it */
		if (log_meter_pay(&dev->meter, dev->name))
			log_warn(dev->name,
				 "%s is in no bridge of Linux': key vlan is left to its "
				 "hotplug script",
				 name);
		return 0;
	case -EOPNOTSUPP:
		return xenbus_error(dev, ret,
				    "key vlan is set, and the bridge of %s does not filter VLANs "
				    "(ip link set dev BRIDGE type bridge vlan_filtering 1)",
				    name);
	default:
		return xenbus_error(dev, ret, "cannot set the VLANs of %s", name);
	}
}

int vif_vlan_apply(struct xenbus_device *dev, int tap)
{
	char text[TEXT_MAX] = "", name[IFNAMSIZ];
	struct net_vlans vlans;
	int ret = back_text(dev, "vlan", text, sizeof(text));

	if (ret == -ENOENT || (!ret && text[0] == '\0'))
		return 0;
	if (!ret)
		ret = vlan_parse(text, &vlans);
	if (ret) {
		make_printable(text);
		return xenbus_error(
			dev, ret,
			"key vlan is \"%.100s\", must be like \"10p/20/30-40\": numbers "
			"from 1 to %u and ranges, one with p for frames without a tag",
			text, VLAN_ID_MAX);
	}
	ret = tap_name(tap, name);
	return ret ? xenbus_error(dev, ret, "cannot name the tap") : apply(dev, name, &vlans);
}
