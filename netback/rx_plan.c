/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a frame lies in slots of the rx ring. Pure.
 *
 * Only the first slot has headroom: that is where an XDP program looks (Linux'
 * netfront runs it on packets of one slot), and a frame of 64 KiB has 17 slots still,
 * which is what Linux' frontends can take.
 */
#include "rx_plan.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"

int net_rx_plan(const struct net_rx_pkt *rx, bool sg, struct net_rx_plan *plan)
{
	uint32_t nr_data = (rx->headroom + rx->len + XEN_PAGE_SIZE - 1) / XEN_PAGE_SIZE;

	if (rx->len > NET_RX_MAX_FRAME || (nr_data > 1 && !sg))
		return -E2BIG;
	plan->headroom = rx->headroom;
	plan->nr_extras = (uint16_t)((rx->gso_size != 0) + (rx->headroom != 0) + rx->hashed);
	plan->nr_slots = (uint16_t)(nr_data + plan->nr_extras);
	return 0;
}

/* Extras come directly behind the first slot and hold no data. */
uint32_t net_rx_slot_off(const struct net_rx_plan *plan, unsigned int i)
{
	return i ? (i - plan->nr_extras) * XEN_PAGE_SIZE - plan->headroom : 0;
}

uint16_t net_rx_slot_len(const struct net_rx_pkt *rx, const struct net_rx_plan *plan,
			 unsigned int i)
{
	return (uint16_t)MIN(rx->len - net_rx_slot_off(plan, i),
			     XEN_PAGE_SIZE - net_rx_slot_place(plan, i));
}

static void put_gso(const struct net_rx_pkt *rx, struct netif_extra_info *extra)
{
	extra->type = XEN_NETIF_EXTRA_TYPE_GSO;
	extra->u.gso.type = rx->gso_type;
	extra->u.gso.size = rx->gso_size;
}

static void put_headroom(const struct net_rx_pkt *rx, struct netif_extra_info *extra)
{
	extra->type = NET_EXTRA_TYPE_XDP;
	memcpy(&extra->u, &rx->headroom, sizeof(rx->headroom));
}

/* The value's least significant byte is first (netif.h). */
static void put_hash(const struct net_rx_pkt *rx, struct netif_extra_info *extra)
{
	extra->type = XEN_NETIF_EXTRA_TYPE_HASH;
	extra->u.hash.type = rx->hash.type;
	extra->u.hash.algorithm = XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ;
	for (unsigned int i = 0; i < 4; i++)
		extra->u.hash.value[i] = (uint8_t)(rx->hash.value >> 8 * i);
}

/* The @i-th of those that the packet has, counted from 1. */
static void put_extra(const struct net_rx_pkt *rx, const struct net_rx_plan *plan, unsigned int i,
		      struct netif_extra_info *extra)
{
	unsigned int left = i;

	*extra = (struct netif_extra_info){
		.flags = i < plan->nr_extras ? XEN_NETIF_EXTRA_FLAG_MORE : 0,
	};
	if (rx->gso_size && --left == 0)
		put_gso(rx, extra);
	else if (plan->headroom && --left == 0)
		put_headroom(rx, extra);
	else
		put_hash(rx, extra);
}

void net_rx_response(const struct net_rx_pkt *rx, const struct net_rx_plan *plan, unsigned int i,
		     uint16_t id, bool ok, union net_rx_slot *slot)
{
	*slot = (union net_rx_slot){ .rsp = { .id = id } };
	if (net_rx_is_extra(plan, i)) {
		put_extra(rx, plan, i, &slot->extra);
		return;
	}
	slot->rsp.status = ok ? (int16_t)net_rx_slot_len(rx, plan, i) : (int16_t)NETIF_RSP_ERROR;
	slot->rsp.offset = net_rx_slot_place(plan, i);
	if (!i)
		slot->rsp.flags = (uint16_t)(rx->flags | (plan->nr_extras ? NETRXF_extra_info : 0));
	/* The last data slot ends the frame; extras do not count. */
	if (i + 1 < plan->nr_slots && !(i == 0 && plan->nr_slots == 1 + plan->nr_extras))
		slot->rsp.flags |= NETRXF_more_data;
}
