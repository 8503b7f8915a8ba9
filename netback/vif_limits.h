/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Limits of a card: keys "rate" (what the guest sends; xl writes it for vif=rate=) and
 * "rate-rx" (what it gets; an admin's) in the backend's directory, also while the guest runs.
 */
#ifndef PVBACK_NET_VIF_LIMITS_H
#define PVBACK_NET_VIF_LIMITS_H

#include "net_conf.h"
#include "xenbus/xenbus.h"

struct vif_limits {
	struct net_limit of[NET_NR_WAYS];
	bool unsent; /* the worker does not know them all */
};

bool vif_limits_is_key(const char *key);

/*
 * Read them. A key that makes no sense is said, and what it was for stays as it is.
 * True: something is different now.
 */
bool vif_limits_read(struct xenbus_device *dev, struct vif_limits *limits);

/* Tell the worker, or note that it has to be told. */
void vif_limits_send(struct xenbus_device *dev, struct vif_limits *limits);

#endif
