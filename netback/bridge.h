/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ports of Linux' bridge, by netlink. Supervisor only. */
#ifndef PVBACK_NET_BRIDGE_H
#define PVBACK_NET_BRIDGE_H

#include "vlan.h"

/*
 * Port @port is in these VLANs, and in no other. -ENODEV: it is in no bridge of Linux';
 * -EOPNOTSUPP: its bridge does not filter VLANs.
 */
int bridge_set_vlans(const char *port, const struct net_vlans *vlans);

#endif
