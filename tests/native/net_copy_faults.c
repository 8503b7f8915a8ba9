// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * When grant copies fail, by the call or by status, or leave the status unwritten
 * (XSA-316, XSA-318), no frame is made of what was not copied: towards the wire
 * the chain is answered with an error, towards the guest the slot is. Afterwards
 * the card goes on.
 */
#include <errno.h>

#include "net_case.h"

#define FRAMES 12u
#define LEN 6000u /* two slots */

static struct standin_world *world;
static uint8_t buf[FRAME_MAX];

struct fault {
	const char *what;
	enum standin_copy_fault kind;
	int32_t value;
};

static const struct fault faults[] = {
	{ "the call fails with EFAULT", COPY_CALL_FAILS, EFAULT },
	{ "the call fails with ENOMEM", COPY_CALL_FAILS, ENOMEM },
	{ "the call fails without errno", COPY_CALL_FAILS, 0 },
	{ "status general error", COPY_STATUS, GNTST_general_error },
	{ "status bad page", COPY_STATUS, GNTST_bad_page },
	{ "status try again", COPY_STATUS, GNTST_eagain },
	{ "status positive", COPY_STATUS, 1 },
	{ "status large", COPY_STATUS, 0x7fff },
	{ "status unwritten", COPY_UNWRITTEN, 0 },
};

static void set_fault(const struct fault *f, unsigned int every)
{
	world->fault.copies_seen = 0;
	world->fault.copy_every = every;
	world->fault.copy_value = f ? f->value : 0;
	world->fault.copy = f ? f->kind : COPY_FINE;
}

/* Each chain is either answered OK and on the wire whole, or neither. */
static unsigned int send_some(struct net_guest *g, const char *what)
{
	uint32_t marks[FRAMES];
	uint16_t ids[FRAMES];
	unsigned int refused = 0;

	for (unsigned int i = 0; i < FRAMES; i++) {
		struct netfront_frame f = { .data = buf, .len = net_ours(buf, LEN, &marks[i]) };

		must(netfront_send(g->nf, &f, &ids[i]));
	}
	net_guest_flush(g);
	for (unsigned int i = 0; i < FRAMES; i++) {
		if (g->nf->tx.status[ids[i]] == NETIF_RSP_OKAY) {
			net_wire_expect(marks[i], LEN);
			continue;
		}
		check(g->nf->tx.status[ids[i]] == NETIF_RSP_ERROR, "%s: status %d", what,
		      g->nf->tx.status[ids[i]]);
		refused++;
	}
	return refused;
}

static unsigned int receive_some(struct net_guest *g, const char *what)
{
	struct frame_how how = { .kind = FRAME_OURS, .from = frame_wire_mac, .payload = LEN - 14 };
	static uint32_t mark;
	unsigned int lost = 0;

	for (unsigned int i = 0; i < FRAMES; i++) {
		how.mark = mark + i;
		frame_make(buf, &how);
		must(wire_send(&net_wire, NULL, buf, LEN));
	}
	for (unsigned int i = 0; i < FRAMES; i++, mark++) {
		struct netfront_packet pkt;
		uint32_t got = 0;

		check(net_guest_receive(g, &pkt, PATIENCE_MS), "%s: frame %u did not come", what,
		      i);
		check(pkt.nr_slots == 2, "%s: a frame of %u slots", what, pkt.nr_slots);
		lost += pkt.lost;
		if (pkt.lost)
			continue;
		netfront_linear(&pkt, buf, sizeof(buf));
		check(frame_mark(buf, pkt.len, &got) && got == mark,
		      "%s: a frame not sent like that", what);
		memset(pkt.parts[0].data, 0, 100);
	}
	netfront_rx_post(g->nf);
	return lost;
}

static void suffer(struct net_guest *g, const struct fault *f)
{
	for (unsigned int every = 1; every <= 7; every += 2) {
		unsigned int refused, lost;

		set_fault(f, every);
		refused = send_some(g, f->what);
		lost = receive_some(g, f->what);
		set_fault(NULL, 1);
		if (every == 1)
			check(refused == FRAMES && lost == FRAMES, "%s: %u refused, %u lost",
			      f->what, refused, lost);
		check(f->kind == COPY_CALL_FAILS || refused + lost, "%s: no copy failed", f->what);
		check(!send_some(g, "after"), "%s: it lasts", f->what);
		check(!receive_some(g, "after"), "%s: it lasts", f->what);
	}
}

static void run(void)
{
	struct net_guest g;

	world = net_world();
	net_guest_new(&g, "faults", &netfront_all);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		suffer(&g, &faults[i]);
	check(world->copies_failed, "the stand-in made no copy fail");
	net_guest_works(&g);
	net_guest_end(&g);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
