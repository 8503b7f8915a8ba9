/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From raw slots of the tx ring to packets. Pure.
 *
 * Theory of operation
 * -------------------
 * A chain is: first request (its size is that of the whole frame), extras if
 * the first one says so (each says whether another follows), then further
 * requests as long as the one before says more_data; the extras do not count
 * as "the one before". The length of the first part is what the others leave.
 *
 * Xen's kernel driver stops a device for several of the faults found here. We
 * answer the chain with an error and go on: as the data are copied, not
 * mapped, no fault of a chain reaches beyond its own buffer, and a chain of
 * any number of slots that fits the ring is as good as a short one. What
 * cannot be judged is a chain without an end; the caller stops at a full ring
 * of it.
 */
#include "tx_parse.h"

#include "base/util.h"

#define NET_MIN_FRAME 14 /* an Ethernet header */

struct extras {
	bool bad;
	bool dummy;
	uint8_t gso_type;
	uint16_t gso_size;
};

static void judge_gso(const struct netif_extra_info *extra, struct extras *x)
{
	switch (extra->u.gso.type) {
	case XEN_NETIF_GSO_TYPE_TCPV4:
	case XEN_NETIF_GSO_TYPE_TCPV6:
		x->gso_type = extra->u.gso.type;
		x->gso_size = extra->u.gso.size;
		x->bad |= !x->gso_size;
		break;
	default:
		x->bad = true;
	}
}

static void judge_extra(const struct netif_extra_info *extra, struct extras *x)
{
	switch (extra->type) {
	case XEN_NETIF_EXTRA_TYPE_GSO:
		judge_gso(extra, x);
		break;
	case XEN_NETIF_EXTRA_TYPE_MCAST_ADD:
	case XEN_NETIF_EXTRA_TYPE_MCAST_DEL:
		x->dummy = true;
		break;
	case XEN_NETIF_EXTRA_TYPE_HASH:
		break; /* a hint */
	default:
		x->bad = true;
	}
}

/* How many extras follow slots[0]; -1 if their end is not at hand. */
static int walk_extras(const union net_tx_slot *slots, unsigned int nr, struct extras *x)
{
	unsigned int i = 0;

	if (!(slots[0].req.flags & NETTXF_extra_info))
		return 0;
	do {
		if (++i == nr)
			return -1;
		judge_extra(&slots[i].extra, x);
	} while (slots[i].extra.flags & XEN_NETIF_EXTRA_FLAG_MORE);
	return (int)i;
}

static bool in_page(const struct netif_tx_request *req, uint32_t len)
{
	return (uint32_t)req->offset + len <= XEN_PAGE_SIZE;
}

void net_tx_parse(const union net_tx_slot *slots, unsigned int nr, struct net_tx_pkt *pkt)
{
	const struct netif_tx_request *first = &slots[0].req, *req = first;
	struct extras x = { 0 };
	int nr_extras = walk_extras(slots, nr, &x);
	unsigned int i = (unsigned int)nr_extras;
	bool cross = false;
	uint32_t rest = 0;

	*pkt = (struct net_tx_pkt){ .verdict = NET_TX_INCOMPLETE };
	if (nr_extras < 0)
		return;
	while (req->flags & NETTXF_more_data) {
		if (++i == nr)
			return;
		req = &slots[i].req;
		rest += req->size;
		cross |= !in_page(req, req->size);
	}

	pkt->nr_slots = (uint16_t)(i + 1);
	pkt->nr_extras = (uint16_t)nr_extras;
	if (x.bad)
		pkt->verdict = NET_TX_BAD_EXTRA;
	else if (x.dummy)
		pkt->verdict = NET_TX_DUMMY;
	else if (first->size < NET_MIN_FRAME || rest > first->size)
		pkt->verdict = NET_TX_BAD_SIZE;
	else if (cross || !in_page(first, first->size - rest))
		pkt->verdict = NET_TX_CROSS_PAGE;
	else
		pkt->verdict = NET_TX_OK;
	if (pkt->verdict != NET_TX_OK)
		return;
	pkt->size = first->size;
	pkt->first_len = (uint16_t)(first->size - rest);
	pkt->gso_type = x.gso_type;
	pkt->gso_size = x.gso_size;
	pkt->csum_blank = first->flags & NETTXF_csum_blank;
}

const char *net_tx_verdict_text(enum net_tx_verdict verdict)
{
	switch (verdict) {
	case NET_TX_OK:
		return "good";
	case NET_TX_DUMMY:
		return "multicast request";
	case NET_TX_CROSS_PAGE:
		return "data reaches over the end of its page";
	case NET_TX_BAD_SIZE:
		return "sizes do not add up";
	case NET_TX_BAD_EXTRA:
		return "unknown extra info";
	case NET_TX_INCOMPLETE:
		return "chain without an end";
	}
	return "?";
}
