// SPDX-License-Identifier: GPL-2.0-or-later
#include "vif_vlan.h"

#include <errno.h>
#include <net/if.h>

#include "base/util.h"
#include "bridge.h"
#include "tap.h"
#include "xenbus/keys.h"

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

int vif_vlan_read(struct xenbus_device *dev, char text[VIF_VLAN_TEXT], struct net_vlans *vlans)
{
	int ret;

	text[0] = '\0';
	ret = back_text(dev, "vlan", text, VIF_VLAN_TEXT);
	if (ret)
		return ret;
	return text[0] ? vlan_parse(text, vlans) : -ENOENT;
}

int vif_vlan_apply(struct xenbus_device *dev, int tap)
{
	char text[VIF_VLAN_TEXT], name[IFNAMSIZ];
	struct net_vlans vlans;
	int ret = vif_vlan_read(dev, text, &vlans);

	if (ret == -ENOENT)
		return 0;
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
