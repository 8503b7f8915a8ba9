/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Grants that a frontend wants to be kept mapped (xen/io/netif.h, "Static Grants"):
 * the three requests of the control ring about them.
 */
#ifndef PVBACK_NET_CTRL_GREFS_H
#define PVBACK_NET_CTRL_GREFS_H

#include "card.h"
#include "ctrl_parse.h"

struct gcopy;
struct gnttab;

struct ctrl_grefs {
	const struct net_card *card;
	struct gnttab *gt; /* not owned */
	struct gcopy *from, *to;
	struct xen_netif_gref list[NET_GREFS_MAX];
};

int ctrl_grefs_new(const struct net_card *card, struct gnttab *gt, struct ctrl_grefs **ret);
void ctrl_grefs_free(struct ctrl_grefs *g); /* NULL is fine */

/* One that net_gref_judge() has judged: do it and fill in the response. */
void ctrl_grefs_do(struct ctrl_grefs *g, const struct xen_netif_ctrl_request *req,
		   struct net_ctrl_step *step);

#endif
