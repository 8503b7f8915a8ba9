// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest has pages kept mapped, by grant, over its control ring ("staging grants"): frames
 * in them go out and come in without grant copies, and the bytes are right. What is only
 * granted for reading is mapped for that alone. A list with one that is no good adds none; each
 * that is deleted is told by itself. After a restart the same slots are copied.
 */
#include "net_ctrl_case.h"

#define ADD XEN_NETIF_CTRL_TYPE_ADD_GREF_MAPPING
#define DEL XEN_NETIF_CTRL_TYPE_DEL_GREF_MAPPING
#define GET XEN_NETIF_CTRL_TYPE_GET_GREF_MAPPING_SIZE
#define INVALID XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER

static struct xen_netif_gref *list(struct net_guest *g)
{
	return (struct xen_netif_gref *)g->nf->ctrl.page;
}

static void put_list(struct net_guest *g, const uint32_t *grefs, unsigned int nr, uint16_t flags)
{
	for (unsigned int i = 0; i < nr; i++)
		list(g)[i] =
			(struct xen_netif_gref){ .ref = grefs[i], .flags = flags, .status = 99 };
}

static void add(struct net_guest *g, unsigned int nr, uint32_t status)
{
	ctrl_expect(g->nf, ADD, 0, g->nf->ctrl.page_gref, nr, status);
}

static void del(struct net_guest *g, unsigned int nr, unsigned int gone)
{
	uint32_t data = ctrl_expect(g->nf, DEL, 0, g->nf->ctrl.page_gref, nr, CTRL_OKAY);
	unsigned int okay = 0;

	check(data == gone, "%u deleted instead of %u", data, gone);
	for (unsigned int i = 0; i < nr; i++) {
		check(list(g)[i].status == CTRL_OKAY || list(g)[i].status == INVALID,
		      "entry %u: status %u", i, list(g)[i].status);
		okay += list(g)[i].status == CTRL_OKAY;
	}
	check(okay == gone, "%u entries say so instead of %u", okay, gone);
}

/* Copies that frames both ways take: those of the control ring's lists do not count. */
static uint64_t copies_of_frames(struct net_guest *g)
{
	uint64_t before = atomic_load(&net_world()->copies);

	for (unsigned int i = 0; i < 5; i++) {
		net_guest_says(g, 60 + 3000 * i);
		net_guest_hears(g, 60 + 3000 * i);
	}
	return atomic_load(&net_world()->copies) - before;
}

static void map_all(struct net_guest *g)
{
	put_list(g, g->nf->tx.grefs, NETFRONT_SLOTS, XEN_NETIF_CTRLF_GREF_readonly);
	add(g, NETFRONT_SLOTS, CTRL_OKAY);
	put_list(g, g->nf->rx.grefs, NETFRONT_SLOTS, 0);
	add(g, NETFRONT_SLOTS, CTRL_OKAY);
}

static void saves_copies(struct net_guest *g)
{
	check(copies_of_frames(g) > 10, "frames come and go without copies already");
	map_all(g);
	check(copies_of_frames(g) == 0, "frames take copies still");
	put_list(g, g->nf->tx.grefs, NETFRONT_SLOTS, 0);
	del(g, NETFRONT_SLOTS, NETFRONT_SLOTS);
	del(g, NETFRONT_SLOTS, 0);
	check(copies_of_frames(g) > 5, "what was deleted is mapped still");
	put_list(g, g->nf->rx.grefs, NETFRONT_SLOTS, 0);
	del(g, NETFRONT_SLOTS, NETFRONT_SLOTS);
}

/* Mapped to be read, it is written by grant copies still. */
static void read_only(struct net_guest *g)
{
	put_list(g, g->nf->rx.grefs, NETFRONT_SLOTS, XEN_NETIF_CTRLF_GREF_readonly);
	add(g, NETFRONT_SLOTS, CTRL_OKAY);
	check(copies_of_frames(g) > 10, "a page mapped to be read was written");
	del(g, NETFRONT_SLOTS, NETFRONT_SLOTS);
}

static void refused(struct net_guest *g)
{
	struct netfront *nf = g->nf;
	uint32_t gref = nf->ctrl.page_gref;

	check(ctrl_expect(nf, GET, 0, 0, 0, CTRL_OKAY) == 512, "another number of pages");
	ctrl_expect(nf, GET, 1, 0, 0, INVALID);
	ctrl_expect(nf, GET, UINT32_MAX, 0, 0, INVALID);
	ctrl_expect(nf, ADD, 1, gref, 1, INVALID);
	ctrl_expect(nf, ADD, 0, gref, 513, INVALID);
	ctrl_expect(nf, ADD, 0, gref, UINT32_MAX, INVALID);
	ctrl_expect(nf, ADD, 0, 0xfffffff0, 1, INVALID);
	ctrl_expect(nf, DEL, 0, 0xfffffff0, 1, INVALID);
	ctrl_expect(nf, ADD, 0, gref, 0, CTRL_OKAY);
	put_list(g, nf->tx.grefs, 10, 0); /* granted to be read only */
	add(g, 10, INVALID);
	put_list(g, nf->tx.grefs, 10, 2); /* no such flag */
	add(g, 10, INVALID);
	put_list(g, nf->tx.grefs, 10, XEN_NETIF_CTRLF_GREF_readonly);
	list(g)[9].ref = 0xfffffff0;
	add(g, 10, INVALID);
	list(g)[9].ref = nf->tx.grefs[0]; /* twice */
	add(g, 10, INVALID);
	del(g, 10, 0); /* none of them is */
	net_guest_works(g);
}

/* As many as there may be, and no more. */
static void full(struct net_guest *g)
{
	map_all(g);
	list(g)[0] = (struct xen_netif_gref){ .ref = g->nf->ctrl.page_gref };
	add(g, 1, INVALID);
	net_guest_works(g);
}

static void restart(struct net_guest *g)
{
	netbackd_stop();
	netbackd_start();
	net_guest_works(g);
	check(copies_of_frames(g) > 10, "the successor knows what was mapped");
	put_list(g, g->nf->tx.grefs, NETFRONT_SLOTS, 0);
	del(g, NETFRONT_SLOTS, 0);
	map_all(g);
	check(copies_of_frames(g) == 0, "it cannot be mapped again");
}

/* Pages of all guests that are mapped now; xenstored has some, too. */
static uint64_t mapped(void)
{
	const struct standin_world *w = net_world();

	return atomic_load(&w->maps) - atomic_load(&w->unmaps);
}

static void run(void)
{
	struct net_guest g;
	uint64_t before;

	net_guest_create(&g, "staging");
	before = mapped();
	ctrl_connect(&g, 1);
	saves_copies(&g);
	read_only(&g);
	refused(&g);
	full(&g);
	restart(&g);
	net_guest_disconnect(&g);
	check(mapped() == before, "%llu pages are mapped still",
	      (unsigned long long)(mapped() - before));
	net_guest_destroy(&g);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
