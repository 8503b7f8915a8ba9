// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A bad grant in any place of a chain: an error for each of its slots, nothing on
 * the wire, and the chains around it in the same batch are not touched.
 */
#include "net_case.h"

struct bad {
	const char *what;
	uint32_t gref; /* 0 = an entry of ours with the rest */
	uint16_t flags, domid;
	uint32_t frame; /* 0 = a good one */
};

static const struct bad bads[] = {
	{ "outside of the table", 32768, 0, 0, 0 },
	{ "far outside", 0xffffffff, 0, 0, 0 },
	{ "of nobody", 30000, 0, 0, 0 },
	{ "withdrawn", 0, GTF_invalid, 0, 0 },
	{ "of another kind", 0, GTF_accept_transfer, 0, 0 },
	{ "to another domain", 0, GTF_permit_access, 77, 0 },
	{ "to the guest itself", 0, GTF_permit_access, DOMID_SELF, 0 },
	{ "of a frame that is not there", 0, GTF_permit_access, 0, 0xfffffff0 },
};

static uint8_t buf[FRAME_MAX];

/* An entry as @b says; the frame that it would show is full of secrets. */
static uint32_t make_entry(struct net_guest *g, const struct bad *b)
{
	static uint8_t *page;
	grant_entry_v1_t *e;
	uint32_t gref;

	if (b->gref)
		return b->gref;
	if (!page)
		page = guest_pages_alloc(g->nf->guest, 1);
	must(guest_grant(g->nf->guest, g->nf->back, page, false, &gref));
	e = guest_grant_entry(g->nf->guest, gref);
	e->domid = b->domid == DOMID_SELF ? g->domid : b->domid;
	if (b->frame)
		e->frame = b->frame;
	e->flags = b->flags;
	return gref;
}

static void put_good(struct net_guest *g, uint32_t *mark, uint16_t *id)
{
	struct netfront_frame f = { .data = buf, .len = net_ours(buf, 9000, mark) };

	must(netfront_send(g->nf, &f, id));
}

static void refuse(struct net_guest *g, uint32_t gref, unsigned int at, unsigned int nr)
{
	uint32_t mark[2], real = 0;
	uint16_t good[2], ids[20] = { 0 }, cuts[20];
	struct netfront_frame f = { .data = buf, .cuts = cuts, .nr_cuts = nr - 1, .len = nr * 100 };

	put_good(g, &mark[0], &good[0]);
	for (unsigned int i = 0; i < nr; i++) {
		cuts[i] = 100;
		must(netfront_tx_id(g->nf, &ids[i]));
	}
	real = g->nf->tx.grefs[ids[at]];
	g->nf->tx.grefs[ids[at]] = gref;
	must(netfront_send_ids(g->nf, &f, ids, nr));
	g->nf->tx.grefs[ids[at]] = real;
	put_good(g, &mark[1], &good[1]);
	net_guest_flush(g);
	for (unsigned int i = 0; i < nr; i++)
		net_guest_answered(g, ids[i], NETIF_RSP_ERROR);
	for (unsigned int i = 0; i < 2; i++) {
		net_guest_answered(g, good[i], NETIF_RSP_OKAY);
		net_wire_expect(mark[i], 9000);
	}
}

static void run(void)
{
	struct net_guest g;
	uint64_t nr = 0, counted;

	net_guest_new(&g, "grants", &netfront_all);
	for (size_t b = 0; b < sizeof(bads) / sizeof(bads[0]); b++) {
		uint32_t gref = make_entry(&g, &bads[b]);

		for (unsigned int len = 1; len <= 18; len += len < 3 ? 1 : 15)
			for (unsigned int at = 0; at < len; at++, nr++)
				refuse(&g, gref, at, len);
		if (!bads[b].gref) {
			guest_grant_entry(g.nf->guest, gref)->flags = 0;
			guest_grant_end(g.nf->guest, gref);
		}
	}
	net_guest_works(&g);
	net_guest_disconnect(&g);
	counted = net_guest_counter(&g, "tx", "bad_copy");
	check(counted == nr, "%llu bad chains, %llu counted", (unsigned long long)nr,
	      (unsigned long long)counted);
	net_guest_destroy(&g);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
