/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A slow walk over a tx chain, by the words of xen/io/netif.h. */
#ifndef PVBACK_FUZZ_NET_CHAIN_H
#define PVBACK_FUZZ_NET_CHAIN_H

#include "fuzz.h"

#include "tx_parse.h"

struct chain {
	bool open; /* goes on behind the slots at hand */
	unsigned int nr_extras, nr_slots;
	bool bad_extra, multicast, bad_size, cross;
	uint16_t gso_size;
	uint8_t gso_type;
};

static inline void chain_extra(struct chain *c, const struct netif_extra_info *e)
{
	if (e->type == XEN_NETIF_EXTRA_TYPE_MCAST_ADD || e->type == XEN_NETIF_EXTRA_TYPE_MCAST_DEL)
		c->multicast = true;
	else if (e->type == XEN_NETIF_EXTRA_TYPE_GSO) {
		c->gso_size = e->u.gso.size;
		c->gso_type = e->u.gso.type;
		c->bad_extra |= c->gso_size == 0 || (c->gso_type != 1 && c->gso_type != 2);
	} else if (e->type != XEN_NETIF_EXTRA_TYPE_HASH)
		c->bad_extra = true;
}

static inline struct chain chain_walk(const union net_tx_slot *slots, unsigned int nr)
{
	bool extra = slots[0].req.flags & NETTXF_extra_info;
	bool more = slots[0].req.flags & NETTXF_more_data;
	struct chain c = { .nr_slots = 1 };
	uint64_t rest = 0, first;

	for (; extra; c.nr_extras++) {
		if (c.nr_slots == nr)
			return (struct chain){ .open = true };
		chain_extra(&c, &slots[c.nr_slots].extra);
		extra = slots[c.nr_slots++].extra.flags & XEN_NETIF_EXTRA_FLAG_MORE;
	}
	for (; more; c.nr_slots++) {
		const struct netif_tx_request *req = &slots[c.nr_slots].req;

		if (c.nr_slots == nr)
			return (struct chain){ .open = true };
		rest += req->size;
		c.cross |= req->offset + req->size > 4096;
		more = req->flags & NETTXF_more_data;
	}
	c.bad_size = slots[0].req.size < 14 || rest > slots[0].req.size;
	first = slots[0].req.size - rest;
	c.cross |= !c.bad_size && slots[0].req.offset + first > 4096;
	return c;
}

/* It is to be forwarded, if its grants and headers are good. */
static inline bool chain_is_packet(const struct chain *c)
{
	return !c->bad_extra && !c->multicast && !c->bad_size && !c->cross;
}

#endif
