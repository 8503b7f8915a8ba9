// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A chain whose slots come one by one is waited for, answered as one when its
 * end is there, and does not hold back what was complete before it.
 */
#include "net_case.h"

static uint8_t buf[FRAME_MAX];

/* The frame in @nr slots, each pushed alone after a while. */
static void send_slowly(struct net_guest *g, unsigned int nr)
{
	uint32_t mark, len = net_ours(buf, 100 * nr, &mark);
	uint16_t first = 0;

	for (unsigned int i = 0; i < nr; i++) {
		union netfront_tx_slot s;
		uint16_t id;

		must(netfront_tx_id(g->nf, &id));
		first = i ? first : id;
		memcpy(netfront_tx_page(g->nf, id), buf + i * 100, 100);
		s.req = (struct netif_tx_request){ .gref = g->nf->tx.grefs[id],
						   .id = id,
						   .size = (uint16_t)(i ? 100 : len),
						   .flags = i + 1 < nr ? NETTXF_more_data : 0 };
		netfront_tx_put(g->nf, &s, false);
		netfront_tx_push(g->nf);
		if (i + 1 == nr)
			break;
		sleep_ms(3);
		check(!netfront_tx_reap(g->nf), "answered after %u of %u slots", i + 1, nr);
	}
	net_guest_flush(g);
	net_guest_answered(g, first, NETIF_RSP_OKAY);
	net_wire_expect(mark, len);
}

/* A whole frame and half of the next in one push. */
static void send_overlapping(struct net_guest *g)
{
	struct netfront_frame f = { .data = buf };
	union netfront_tx_slot s;
	uint32_t mark, next_mark;
	uint16_t whole, half[2];

	f.len = net_ours(buf, 500, &mark);
	must(netfront_send(g->nf, &f, &whole));
	net_ours(buf, 500, &next_mark);
	for (unsigned int i = 0; i < 2; i++) {
		must(netfront_tx_id(g->nf, &half[i]));
		memcpy(netfront_tx_page(g->nf, half[i]), buf + i * 400, i ? 100 : 400);
	}
	s.req = (struct netif_tx_request){ .gref = g->nf->tx.grefs[half[0]],
					   .id = half[0],
					   .size = 500,
					   .flags = NETTXF_more_data };
	netfront_tx_put(g->nf, &s, false);
	netfront_tx_push(g->nf);
	net_wire_expect(mark, 500);
	netfront_tx_reap(g->nf);
	net_guest_answered(g, whole, NETIF_RSP_OKAY);
	check(g->nf->tx.waiting[half[0]], "half a frame was answered");
	s.req = (struct netif_tx_request){ .gref = g->nf->tx.grefs[half[1]],
					   .id = half[1],
					   .size = 100 };
	netfront_tx_put(g->nf, &s, false);
	net_guest_flush(g);
	net_guest_answered(g, half[0], NETIF_RSP_OKAY);
	net_guest_answered(g, half[1], NETIF_RSP_OKAY);
	net_wire_expect(next_mark, 500);
}

static void run(void)
{
	struct net_guest g;

	net_guest_new(&g, "pieces", &netfront_all);
	for (unsigned int nr = 2; nr <= 18; nr++)
		send_slowly(&g, nr);
	for (unsigned int i = 0; i < 200; i++)
		send_overlapping(&g);
	net_guest_end(&g);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
