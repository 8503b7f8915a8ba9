// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A chain that fills the ring and says that it goes on can never end: that
 * card stops with its error node, be it a chain of data or of extras; one slot less
 * is waited for. Another guest's card goes on.
 */
#include "net_case.h"

static void put(struct net_guest *g, uint16_t flags)
{
	union netfront_tx_slot s;
	uint16_t id;

	must(netfront_tx_id(g->nf, &id));
	s.req = (struct netif_tx_request){
		.gref = g->nf->tx.grefs[id], .id = id, .size = 4000, .flags = flags
	};
	netfront_tx_put(g->nf, &s, false);
}

static void put_extra(struct net_guest *g)
{
	union netfront_tx_slot s;

	memset(&s, 0, sizeof(s));
	s.extra.type = XEN_NETIF_EXTRA_TYPE_HASH;
	s.extra.flags = XEN_NETIF_EXTRA_FLAG_MORE;
	netfront_tx_put(g->nf, &s, true);
}

static void stop(struct net_guest *other, const char *name, bool extras, bool trickle)
{
	struct net_guest g;

	net_guest_new(&g, name, &netfront_all);
	put(&g, extras ? NETTXF_extra_info : NETTXF_more_data);
	for (unsigned int i = 1; i < NETFRONT_SLOTS; i++) {
		if (trickle && i >= NETFRONT_SLOTS - 3) {
			netfront_tx_push(g.nf);
			sleep_ms(20);
			check(net_guest_worker(&g), "%s: stopped after %u slots", name, i);
			check(!netfront_tx_reap(g.nf), "%s: answered before the end", name);
		}
		if (extras)
			put_extra(&g);
		else
			put(&g, NETTXF_more_data);
	}
	netfront_tx_push(g.nf);
	net_guest_wait_broken(&g);
	check(!netfront_tx_reap(g.nf), "%s: answered without an end", name);
	net_wire_silent(0);
	net_guest_works(other);
	net_guest_destroy(&g);
}

static void run(void)
{
	struct net_guest other;

	net_guest_new(&other, "other", &netfront_all);
	stop(&other, "data", false, false);
	stop(&other, "data-slowly", false, true);
	stop(&other, "extras", true, false);
	stop(&other, "extras-slowly", true, true);
	net_guest_works(&other);
	net_guest_end(&other);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
