// SPDX-License-Identifier: GPL-2.0-or-later
/* A network frontend: what it asks of its card besides frames. See netfront.h. */
#include <errno.h>
#include <poll.h>
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

#define PATIENCE_MS 10000

static int wait_response(struct netfront *nf)
{
	struct netfront_ctrl *c = &nf->ctrl;
	int64_t end = netfront_now_ms() + PATIENCE_MS;
	struct pollfd pfd = { .fd = guest_events_fd(nf->events), .events = POLLIN };

	while (__atomic_load_n(&c->sring->rsp_prod, __ATOMIC_ACQUIRE) == c->rsp_cons) {
		int64_t left = end - netfront_now_ms();

		__atomic_store_n(&c->sring->rsp_event, c->rsp_cons + 1, __ATOMIC_RELAXED);
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		if (__atomic_load_n(&c->sring->rsp_prod, __ATOMIC_ACQUIRE) != c->rsp_cons)
			break;
		if (left <= 0)
			return -ETIMEDOUT;
		poll(&pfd, 1, (int)left);
		netfront_woken(nf);
	}
	return 0;
}

int netfront_ctrl(struct netfront *nf, uint16_t type, const uint32_t data[3],
		  struct xen_netif_ctrl_response *rsp)
{
	struct netfront_ctrl *c = &nf->ctrl;
	const unsigned int slots = __CONST_RING_SIZE(xen_netif_ctrl, GUEST_PAGE_SIZE);
	struct xen_netif_ctrl_request req = { .id = ++c->next_id, .type = type };
	uint32_t old = c->req_prod;
	int ret;

	if (data)
		memcpy(req.data, data, sizeof(req.data));
	c->sring->ring[c->req_prod++ % slots].req = req;
	__atomic_store_n(&c->sring->req_prod, c->req_prod, __ATOMIC_RELEASE);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (c->req_prod - __atomic_load_n(&c->sring->req_event, __ATOMIC_RELAXED) <
	    c->req_prod - old)
		guest_notify(nf->events, c->port);
	ret = wait_response(nf);
	if (ret)
		return ret;
	*rsp = c->sring->ring[c->rsp_cons++ % slots].rsp;
	return rsp->id == req.id && rsp->type == type ? 0 : -EPROTO;
}
