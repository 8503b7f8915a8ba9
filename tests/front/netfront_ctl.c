// SPDX-License-Identifier: GPL-2.0-or-later
/* A network frontend: what it asks of its card besides frames. See netfront.h. */
#include <errno.h>
#include <string.h>

#include "netfront.h"

/* A request without data, and one extra. */
int netfront_mcast(struct netfront *nf, bool add, const uint8_t addr[6], uint16_t *ret_id)
{
	union netfront_tx_slot slot;
	uint16_t id;
	int ret;

	if (netfront_tx_room(nf) < 2)
		return -ENOSPC;
	ret = netfront_tx_id(nf, &id);
	if (ret)
		return ret;
	memset(&slot, 0, sizeof(slot));
	slot.req.id = id;
	slot.req.gref = nf->tx.grefs[id];
	slot.req.flags = NETTXF_extra_info;
	netfront_tx_put(nf, &slot, false);
	memset(&slot, 0, sizeof(slot));
	slot.extra.type = add ? XEN_NETIF_EXTRA_TYPE_MCAST_ADD : XEN_NETIF_EXTRA_TYPE_MCAST_DEL;
	memcpy(slot.extra.u.mcast.addr, addr, 6);
	netfront_tx_put(nf, &slot, true);
	if (ret_id)
		*ret_id = id;
	return 0;
}
