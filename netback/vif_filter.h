/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which addresses a guest may send under: keys "mac" and "ip" of the backend's directory,
 * which the guest cannot write, if key "antispoof" or the option says so.
 */
#ifndef PVBACK_NET_VIF_FILTER_H
#define PVBACK_NET_VIF_FILTER_H

#include "net_conf.h"
#include "xenbus/xenbus.h"

int vif_set_antispoof(const char *text); /* "on" or "off"; 0 or -EINVAL */

bool vif_filter_is_key(const char *key);

/* What cannot be read stops a card that connects: nothing would be filtered. The error has been told. */
int vif_filter_read(struct xenbus_device *dev, bool always, struct net_filter *ret);

#endif
