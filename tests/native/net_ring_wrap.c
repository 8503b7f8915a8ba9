// SPDX-License-Identifier: GPL-2.0-or-later
/* Ring indices run over the end of 32 bits without a slot lost, and with either kind of event channels. */
#include "net_case.h"

static void cross(const char *name, uint32_t first, bool one_channel)
{
	struct netfront_conf conf = netfront_all;
	struct net_guest g;

	conf.first_index = first;
	conf.one_channel = one_channel;
	net_guest_new(&g, name, &conf);
	for (unsigned int i = 0; i < 220; i++) {
		net_guest_says(&g, 18 + i * 61);
		net_guest_hears(&g, 18 + i * 61);
	}
	check(g.nf->tx.req_prod < first || first < 0x80000000, "the index did not wrap");
	check(g.nf->rx.rsp_cons < first || first < 0x80000000, "the index did not wrap");
	net_guest_end(&g);
}

static void run(void)
{
	cross("wrap", 0xffffff00, false);
	cross("wrap-one", 0xfffffff1, true);
	cross("half", 0x7fffffc0, false);
	cross("odd", 12345, true);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
