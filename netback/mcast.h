/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The multicast addresses that a guest wants to hear (xen/io/netif.h,
 * "feature-multicast-control"). Pure.
 *
 * An address that was added twice stays until it is deleted twice, as in Linux'
 * netback: netif.h does not say, and what a frontend has not taken back it may
 * still want.
 */
#ifndef PVBACK_NET_MCAST_H
#define PVBACK_NET_MCAST_H

#include <stdbool.h>
#include <stdint.h>

#define NET_MCAST_MAX 1024u   /* different addresses; Linux' netback has 64 */
#define NET_MCAST_SLOTS 2048u /* power of two, at most half full */

struct net_mcast {
	uint32_t nr;
	uint64_t slots[NET_MCAST_SLOTS]; /* an address and how often it was added; 0 = free */
};

/* All zero is an empty list. -EINVAL: no multicast address; -ENOSPC: full. */
int net_mcast_add(struct net_mcast *m, const uint8_t addr[6]);
/* What is not in the list is gone already. */
void net_mcast_del(struct net_mcast *m, const uint8_t addr[6]);
bool net_mcast_has(const struct net_mcast *m, const uint8_t addr[6]);

/* Make @m of a list that somebody else may have written; false: it is none. */
bool net_mcast_load(struct net_mcast *m, const struct net_mcast *from);

/* May a frame to @addr be kept from the guest? Broadcasts may not. */
static inline bool net_mcast_is_group(const uint8_t addr[6])
{
	return (addr[0] & 1) && (addr[0] & addr[1] & addr[2] & addr[3] & addr[4] & addr[5]) != 0xff;
}

#endif
