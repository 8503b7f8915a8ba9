/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Key "direct" of the backend's directory, an admin's: frames between the guests of cards with
 * the same value, bridge and VLAN go from worker to worker, past the taps.
 */
#ifndef PVBACK_NET_VIF_DIRECT_H
#define PVBACK_NET_VIF_DIRECT_H

#include "net_conf.h"
#include "net_pair.h"
#include "xenbus/xenbus.h"

#define VIF_DIRECT_NAME 32

struct vif_direct {
	bool on;
	bool able;  /* the worker has been made for it */
	bool stale; /* the key has been written, and not been looked at yet */
	int tap;
	char group[VIF_DIRECT_NAME];
	char bridge[64];
	int vlan; /* of frames without a tag; -1: no key says so, 0: none */
	uint8_t mac[6];
	bool full_told;
	struct xenbus_device *peers[NET_PAIR_PEERS]; /* NULL: room for one */
};

/* For a connection that is about to be: read the keys. What makes no sense is said. */
void vif_direct_read(struct xenbus_device *dev, int tap, struct vif_direct *direct);

bool vif_direct_is_key(const char *key);

/*
 * If the key has changed, end what was; a card that connected without it stays without. Then make
 * pairs with all whose workers serve, if this one's does, and with which there is none.
 */
void vif_direct_pair(struct xenbus_device *dev);

/* Its worker is gone, and with it the pairs. */
void vif_direct_forget(struct xenbus_device *dev);

/* In vif.c: a device's; NULL: it is not prepared. */
struct vif_direct *vif_direct_of(struct xenbus_device *dev);

#endif
