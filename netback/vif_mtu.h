/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key "mtu" of the frontend's directory. */
#ifndef PVBACK_NET_VIF_MTU_H
#define PVBACK_NET_VIF_MTU_H

#include "xenbus/xenbus.h"

/* @key below the backend's directory has changed: when the hotplug script is done, see to the MTU. */
void vif_mtu_key(struct xenbus_device *dev, int tap, const char *key);

#endif
