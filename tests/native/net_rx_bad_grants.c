// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A bad grant in any place of the rx ring costs the frame that meets it and
 * no other: that slot's answer is an error, the frame's other slots are whole, so
 * that the guest can find the next one.
 */
#include "net_case.h"

#define PARTS 4u /* slots of each frame */
#define FRAMES 8u
#define LEN (PARTS * GUEST_PAGE_SIZE)

static uint8_t buf[FRAME_MAX];

struct bad {
	const char *what;
	uint32_t gref; /* 0 = make an entry */
	uint16_t flags, domid;
};

static const struct bad bads[] = {
	{ "read-only", 0, GTF_permit_access | GTF_readonly, 0 },
	{ "withdrawn", 0, GTF_invalid, 0 },
	{ "to another domain", 0, GTF_permit_access, 77 },
	{ "outside of the table", 0xffffffff, 0, 0 },
	{ "of nobody", 30000, 0, 0 },
};

static uint32_t make_entry(struct net_guest *g, const struct bad *b, uint8_t **ret_page)
{
	grant_entry_v1_t *e;
	uint32_t gref;

	*ret_page = guest_pages_alloc(g->nf->guest, 1);
	if (b->gref)
		return b->gref;
	must(guest_grant(g->nf->guest, g->nf->back, *ret_page, false, &gref));
	e = guest_grant_entry(g->nf->guest, gref);
	e->domid = b->domid;
	e->flags = b->flags;
	return gref;
}

static void send_frames(uint32_t *marks)
{
	struct frame_how how = { .kind = FRAME_OURS, .from = frame_wire_mac, .payload = LEN - 14 };
	static uint32_t mark;

	for (unsigned int i = 0; i < FRAMES; i++) {
		how.mark = marks[i] = ++mark;
		frame_make(buf, &how);
		must(wire_send(&net_wire, NULL, buf, LEN));
	}
}

/* Place @at of the next frames' slots is bad. */
static void lose_one(struct net_guest *g, const struct bad *b, unsigned int at)
{
	uint32_t marks[FRAMES], got, real, gref;
	unsigned int first = g->nf->rx.req_prod % NETFRONT_SLOTS, place;
	uint64_t errors = g->nf->rx.errors;
	struct netfront_packet pkt;
	uint8_t *page;

	place = (first + at) % NETFRONT_SLOTS;
	gref = make_entry(g, b, &page);
	real = g->nf->rx.grefs[place];
	g->nf->rx.grefs[place] = gref;
	g->nf->rx.target = FRAMES * PARTS;
	netfront_rx_post(g->nf);
	g->nf->rx.grefs[place] = real;
	g->nf->rx.target = 0;
	send_frames(marks);
	for (unsigned int i = 0; i < FRAMES; i++) {
		check(net_guest_receive(g, &pkt, PATIENCE_MS), "%s: frame %u did not come", b->what,
		      i);
		check(pkt.nr_slots == PARTS, "%s: frame %u of %u slots", b->what, i, pkt.nr_slots);
		check(pkt.lost == (i == at / PARTS), "%s at %u: frame %u is %s", b->what, at, i,
		      pkt.lost ? "lost" : "whole");
		if (pkt.lost)
			continue;
		netfront_linear(&pkt, buf, sizeof(buf));
		check(frame_mark(buf, pkt.len, &got) && got == marks[i], "%s: frame %u is another",
		      b->what, i);
	}
	check(g->nf->rx.errors == errors + 1, "%s: not one error", b->what);
	for (unsigned int i = 0; i < GUEST_PAGE_SIZE; i++)
		check(!page[i], "%s: its page was written to", b->what);
	if (b->gref)
		return;
	guest_grant_entry(g->nf->guest, gref)->flags = 0;
	guest_grant_end(g->nf->guest, gref);
	guest_pages_free(g->nf->guest, page, 1);
}

static void run(void)
{
	struct netfront_conf conf = netfront_all;
	uint64_t nr = 0, counted;
	struct net_guest g;

	conf.rx_none = true;
	net_guest_new(&g, "rxgrants", &conf);
	for (size_t b = 0; b < sizeof(bads) / sizeof(bads[0]); b++)
		for (unsigned int at = 0; at < FRAMES * PARTS; at++, nr++)
			lose_one(&g, &bads[b], at);
	g.nf->rx.target = NETFRONT_SLOTS;
	netfront_rx_post(g.nf);
	net_guest_works(&g);
	net_guest_disconnect(&g);
	counted = net_guest_counter(&g, "rx", "bad_copy");
	check(counted == nr, "%llu frames lost, %llu counted", (unsigned long long)nr,
	      (unsigned long long)counted);
	net_guest_destroy(&g);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
