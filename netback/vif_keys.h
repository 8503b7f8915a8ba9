/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a network frontend says in XenStore: read, judged, told in xenbus_error(). */
#ifndef PVBACK_NET_VIF_KEYS_H
#define PVBACK_NET_VIF_KEYS_H

#include "net_conf.h"
#include "xenbus/xenbus.h"

/*
 * How many queues a vif may have: what an option said, else one for each of our
 * CPUs, and no more than Linux' netback.
 */
unsigned int vif_max_queues(void);
int vif_set_max_queues(const char *text); /* 0 or -EINVAL */

/* The keys of struct net_live, ending with NULL; and what they say now. */
extern const char *const vif_live_keys[];
int vif_read_live(struct xenbus_device *dev, struct net_live *live);

/* Fills all of @conf; @offered: how many queues were. */
int vif_read_keys(struct xenbus_device *dev, unsigned int offered, struct net_conf *conf);

#endif
