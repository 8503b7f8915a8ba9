/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key "vlan" of the backend's directory: which VLANs of its bridge a card is in. */
#ifndef PVBACK_NET_VIF_VLAN_H
#define PVBACK_NET_VIF_VLAN_H

#include "vlan.h"
#include "xenbus/xenbus.h"

#define VIF_VLAN_TEXT 512

/* What the key says; @text: as it is written. -ENOENT: nothing. */
int vif_vlan_read(struct xenbus_device *dev, char text[VIF_VLAN_TEXT], struct net_vlans *vlans);

/*
 * After the hotplug script, which has put the tap into a bridge. A card that cannot be
 * kept to its VLANs is not served; the error has been told.
 */
int vif_vlan_apply(struct xenbus_device *dev, int tap);

#endif
