// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Slots without a byte are no harm, wherever they stand and however many they
 * are (XSA-448); nor are many slots with few bytes in them (XSA-432): each number
 * of slots up to 20 with each number of bytes up to 192.
 */
#include "net_case.h"

static void send_cut(struct net_guest *g, const uint16_t *cuts, unsigned int nr_cuts, uint32_t len)
{
	static uint8_t buf[FRAME_MAX];
	struct netfront_frame f = { .data = buf, .cuts = cuts, .nr_cuts = nr_cuts };
	uint32_t mark;
	uint16_t id;

	f.len = net_ours(buf, len, &mark);
	must(netfront_send(g->nf, &f, &id));
	net_guest_flush(g);
	net_guest_answered(g, id, NETIF_RSP_OKAY);
	net_wire_expect(mark, len);
}

/* One empty slot in each place, the first and the last included. */
static void one_empty(struct net_guest *g, unsigned int nr)
{
	for (unsigned int empty = 0; empty < nr; empty++) {
		uint16_t cuts[NETFRONT_SLOTS];
		uint32_t sum = 0;

		for (unsigned int i = 0; i + 1 < nr; i++) {
			cuts[i] = i == empty ? 0 : 30;
			sum += cuts[i];
		}
		send_cut(g, cuts, nr - 1, sum + (empty == nr - 1 ? 0 : 30));
	}
}

/* All bytes in one slot, all others empty. */
static void all_empty_but(struct net_guest *g, unsigned int nr, unsigned int full)
{
	uint16_t cuts[NETFRONT_SLOTS];

	for (unsigned int i = 0; i + 1 < nr; i++)
		cuts[i] = i == full ? 60 : 0;
	send_cut(g, cuts, nr - 1, 60);
}

/* @total bytes spread over @nr slots as evenly as can be. */
static void spread(struct net_guest *g, unsigned int nr, uint32_t total)
{
	uint16_t cuts[NETFRONT_SLOTS];

	for (unsigned int i = 0; i + 1 < nr; i++)
		cuts[i] = (uint16_t)(total / nr + (i < total % nr));
	send_cut(g, cuts, nr - 1, total);
}

static void run(void)
{
	struct net_guest g;

	net_guest_new(&g, "empty", &netfront_all);
	for (unsigned int nr = 1; nr <= 20; nr++) {
		if (nr > 1) {
			one_empty(&g, nr);
			all_empty_but(&g, nr, 0);
			all_empty_but(&g, nr, nr - 1);
		}
		for (uint32_t total = 18; total <= 192; total++)
			spread(&g, nr, total);
	}
	net_guest_end(&g);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
