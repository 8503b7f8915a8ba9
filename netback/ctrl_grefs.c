// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Grants that a frontend wants to be kept mapped.
 *
 * A page that is mapped is copied to and from without the hypervisor; the frontend goes
 * on naming its grant in the slots. Which are mapped dies with the worker: after a
 * restart the same slots are served by grant copies, as the grants are there still, and
 * a frontend that deletes them is told that they were not mapped.
 */
#include "ctrl_grefs.h"

#include <errno.h>
#include <stdlib.h>

#include "xen/gmap.h"
#include "xen/gnttab.h"

int ctrl_grefs_new(const struct net_card *card, struct gnttab *gt, struct ctrl_grefs **ret)
{
	struct ctrl_grefs *g = calloc(1, sizeof(*g));
	int err;

	if (!g)
		return -ENOMEM;
	g->card = card;
	g->gt = gt;
	err = gcopy_new(gt, card->conf.domid, GCOPY_FROM_GUEST, 1, &g->from);
	if (!err)
		err = gcopy_new(gt, card->conf.domid, GCOPY_TO_GUEST, 1, &g->to);
	if (err)
		ctrl_grefs_free(g);
	else
		*ret = g;
	return err;
}

void ctrl_grefs_free(struct ctrl_grefs *g)
{
	if (!g)
		return;
	gcopy_free(g->from);
	gcopy_free(g->to);
	free(g);
}

static bool copy_list(struct gcopy *copy, const struct net_ctrl_step *step, void *list)
{
	gcopy_reset(copy);
	gcopy_add(copy, step->gref, 0, list, step->bytes);
	gcopy_run(copy);
	return gcopy_ok(copy, 0, 1);
}

static int add_one(struct ctrl_grefs *g, struct gmaps *maps, const struct xen_netif_gref *entry)
{
	if (entry->flags & ~XEN_NETIF_CTRLF_GREF_readonly)
		return -EINVAL;
	return gmaps_add(maps, g->gt, entry->ref, entry->flags & XEN_NETIF_CTRLF_GREF_readonly);
}

/* All or none. */
static uint32_t add(struct ctrl_grefs *g, struct gmaps *maps, unsigned int nr)
{
	unsigned int i = 0;

	while (i < nr && add_one(g, maps, &g->list[i]) == 0)
		i++;
	if (i == nr)
		return XEN_NETIF_CTRL_STATUS_SUCCESS;
	while (i > 0)
		gmaps_del(maps, g->gt, g->list[--i].ref);
	return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
}

/* Each by itself; how many it was. */
static uint32_t del(struct ctrl_grefs *g, struct gmaps *maps, unsigned int nr)
{
	uint32_t done = 0;

	for (unsigned int i = 0; i < nr; i++) {
		bool gone = gmaps_del(maps, g->gt, g->list[i].ref) == 0;

		g->list[i].status = gone ? XEN_NETIF_CTRL_STATUS_SUCCESS
					 : XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
		done += gone;
	}
	return done;
}

void ctrl_grefs_do(struct ctrl_grefs *g, const struct xen_netif_ctrl_request *req,
		   struct net_ctrl_step *step)
{
	struct gmaps *maps = g->card->maps[req->data[0]];
	unsigned int nr = step->bytes / sizeof(g->list[0]);
	struct net_ctrl_step result = { .status = XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER };

	if (copy_list(g->from, step, g->list)) {
		if (req->type == XEN_NETIF_CTRL_TYPE_ADD_GREF_MAPPING) {
			result.status = add(g, maps, nr);
		} else {
			result.data = del(g, maps, nr);
			if (copy_list(g->to, step, g->list))
				result.status = XEN_NETIF_CTRL_STATUS_SUCCESS;
		}
	}
	*step = result;
}
