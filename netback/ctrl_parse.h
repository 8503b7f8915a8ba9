/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests of the control ring (xen/io/netif.h, "Control messages"): private copies
 * in, what is to be done and the response out. Pure.
 */
#ifndef PVBACK_NET_CTRL_PARSE_H
#define PVBACK_NET_CTRL_PARSE_H

#include "hash.h"

/* What a request needs, or its end. */
struct net_ctrl_step {
	bool fetch;	 /* copy @bytes from the start of @gref and call net_ctrl_fetched() */
	uint32_t gref;	 /* with fetch */
	uint16_t bytes;	 /* 1..NET_CTRL_FETCH_MAX */
	uint32_t status; /* without: XEN_NETIF_CTRL_STATUS_* */
	uint32_t data;
};

#define NET_GREFS_MAX 512u /* of a queue, and in a list: a page of them */

#define NET_CTRL_FETCH_MAX (NET_HASH_MAPPING_MAX * 4)

/* Judge @req; what it sets goes into @h. */
void net_ctrl_judge(const struct xen_netif_ctrl_request *req, struct net_hash *h,
		    struct net_ctrl_step *step);

/*
 * Requests about grants that stay mapped. True: @req is one of them; with step->fetch it is for
 * ctrl_grefs_do(), and the list has step->bytes.
 */
bool net_gref_judge(const struct xen_netif_ctrl_request *req, unsigned int nr_queues,
		    struct net_ctrl_step *step);

/*
 * The second half of one that needed a copy: @from has step->bytes, or is NULL if they
 * cannot be had. Nothing is set unless all of it is good.
 */
void net_ctrl_fetched(const struct xen_netif_ctrl_request *req, const void *from,
		      unsigned int nr_queues, struct net_hash *h, struct net_ctrl_step *step);

#endif
