// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A frame of 1 to 18 slots, which every backend takes, and of more up to a full
 * ring, which ours takes as well, reaches the wire whole, whatever lies in each slot.
 */
#include "net_case.h"

#define MAX_LEN 65535u

/* @nr slots: @each bytes in all but the last, at @offset of each page. */
static void send_chain(struct net_guest *g, unsigned int nr, uint16_t first, uint16_t each,
		       uint32_t last, uint16_t offset)
{
	static uint8_t buf[FRAME_MAX];
	uint16_t cuts[NETFRONT_SLOTS], id;
	struct netfront_frame f = {
		.data = buf, .cuts = cuts, .nr_cuts = nr - 1, .offset = offset
	};
	uint32_t len = nr > 1 ? first + (nr - 2u) * each + last : last, mark;

	for (unsigned int i = 0; i + 1 < nr; i++)
		cuts[i] = i ? each : first;
	check(len <= MAX_LEN, "%u slots are too much", nr);
	f.len = net_ours(buf, len, &mark);
	must(netfront_send(g->nf, &f, &id));
	net_guest_flush(g);
	net_guest_answered(g, id, NETIF_RSP_OKAY);
	net_wire_expect(mark, len);
}

static void send_corners(struct net_guest *g, unsigned int nr)
{
	uint32_t full = (MAX_LEN - 1) / nr;

	full = full > 4096 ? 4096 : full;
	send_chain(g, nr, 18, 1, nr > 1 ? 1 : 18, 0);		    /* as little as can be */
	send_chain(g, nr, 1, 1, 18, 4096 - 18);			    /* ends with the page */
	send_chain(g, nr, 14, 7, 33, 1);			    /* odd sizes at odd places */
	send_chain(g, nr, (uint16_t)full, (uint16_t)full, full, 0); /* as much as can be */
	send_chain(g, nr, 1, (uint16_t)full, full, 0);
}

static void run(void)
{
	static const unsigned int beyond[] = { 19, 20, 21, 22, 64, 128, 255, 256 };
	struct net_guest g;

	net_guest_new(&g, "slots", &netfront_all);
	for (unsigned int nr = 1; nr <= 18; nr++)
		send_corners(&g, nr);
	send_chain(&g, 16, 4096, 4096, MAX_LEN - 15 * 4096, 0);
	send_chain(&g, 17, 4095, 4096, MAX_LEN - 4095 - 15 * 4096, 0);
	for (size_t i = 0; i < sizeof(beyond) / sizeof(beyond[0]); i++)
		send_corners(&g, beyond[i]);
	net_guest_end(&g);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
