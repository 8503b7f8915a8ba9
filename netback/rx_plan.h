/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a frame lies in slots of the rx ring (xen/io/netif.h, "Guest receive").
 * Pure.
 */
#ifndef PVBACK_NET_RX_PLAN_H
#define PVBACK_NET_RX_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xen/io/netif.h>

#include "offload.h"

/* What stands in a slot towards the guest; which it is depends on its place. */
union net_rx_slot {
	struct netif_rx_request req;
	struct netif_rx_response rsp;
	struct netif_extra_info extra;
};

/* A frame of a tap: 64 KiB of IP, Ethernet, two tags; and the GSO extra. */
#define NET_RX_MAX_FRAME (65535u + 14u + 8u)
#define NET_RX_MAX_SLOTS (17u + 3u)

/*
 * Room in front of a packet for XDP programs is told by an extra of this type, which
 * xen/io/netif.h does not have: Linux, include/xen/interface/io/netif.h, "feature-xdp-headroom".
 * Its first field is the number of bytes.
 */
#define NET_EXTRA_TYPE_XDP 5

struct net_rx_plan {
	uint16_t nr_slots;  /* data and extras */
	uint16_t nr_extras; /* slots 1..nr_extras */
	uint16_t headroom;  /* bytes of slot 0 that stay free */
};

/* -E2BIG: the frontend cannot take a frame of that size. */
int net_rx_plan(const struct net_rx_pkt *rx, bool sg, struct net_rx_plan *plan);

/* Is slot @i an extra? */
static inline bool net_rx_is_extra(const struct net_rx_plan *plan, unsigned int i)
{
	return i && i <= plan->nr_extras;
}

/* Where in its page the bytes of slot @i start. */
static inline uint16_t net_rx_slot_place(const struct net_rx_plan *plan, unsigned int i)
{
	return i ? 0 : plan->headroom;
}

/* Where the bytes of data slot @i start in the frame, and how many they are. */
uint32_t net_rx_slot_off(const struct net_rx_plan *plan, unsigned int i);
uint16_t net_rx_slot_len(const struct net_rx_pkt *rx, const struct net_rx_plan *plan,
			 unsigned int i);

/*
 * The response in slot @i. @id: of the request that was in this slot; @ok: its
 * data are there. A slot whose copy failed says so for itself; the chain stays
 * whole, and the guest drops the frame.
 */
void net_rx_response(const struct net_rx_pkt *rx, const struct net_rx_plan *plan, unsigned int i,
		     uint16_t id, bool ok, union net_rx_slot *slot);

#endif
