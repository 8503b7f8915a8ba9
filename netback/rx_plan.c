/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a frame lies in slots of the rx ring. Pure. */
#include "rx_plan.h"

#include <errno.h>

#include "base/util.h"

int net_rx_plan(const struct net_rx_pkt *rx, bool sg, struct net_rx_plan *plan)
{
	uint32_t nr_data = (rx->len + XEN_PAGE_SIZE - 1) / XEN_PAGE_SIZE;

	if (rx->len > NET_RX_MAX_FRAME || (nr_data > 1 && !sg))
		return -E2BIG;
	plan->nr_extras = rx->gso_size ? 1 : 0;
	plan->nr_slots = (uint16_t)(nr_data + plan->nr_extras);
	return 0;
}

/* Extras come directly behind the first slot and hold no data. */
uint32_t net_rx_slot_off(const struct net_rx_plan *plan, unsigned int i)
{
	return i ? (i - plan->nr_extras) * XEN_PAGE_SIZE : 0;
}

uint16_t net_rx_slot_len(const struct net_rx_pkt *rx, const struct net_rx_plan *plan,
			 unsigned int i)
{
	return (uint16_t)MIN(rx->len - net_rx_slot_off(plan, i), XEN_PAGE_SIZE);
}

void net_rx_response(const struct net_rx_pkt *rx, const struct net_rx_plan *plan, unsigned int i,
		     uint16_t id, bool ok, union net_rx_slot *slot)
{
	*slot = (union net_rx_slot){ .rsp = { .id = id } };
	if (net_rx_is_extra(plan, i)) {
		slot->extra = (struct netif_extra_info){
			.type = XEN_NETIF_EXTRA_TYPE_GSO,
		};
		slot->extra.u.gso.type = rx->gso_type;
		slot->extra.u.gso.size = rx->gso_size;
		return;
	}
	slot->rsp.status = ok ? (int16_t)net_rx_slot_len(rx, plan, i) : (int16_t)NETIF_RSP_ERROR;
	if (!i)
		slot->rsp.flags = (uint16_t)(rx->flags | (plan->nr_extras ? NETRXF_extra_info : 0));
	/* The last data slot ends the frame; extras do not count. */
	if (i + 1 < plan->nr_slots && !(i == 0 && plan->nr_slots == 1 + plan->nr_extras))
		slot->rsp.flags |= NETRXF_more_data;
}
