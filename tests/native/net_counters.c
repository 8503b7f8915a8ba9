// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The page of a card's counters: packets and bytes of each queue are in it, in both
 * directions, and each packet that is lost, with its reason; counting goes on over a
 * frontend that connects again and a restart of the daemon; the page is there
 * until the card is detached, and no longer.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "net_case.h"

static const struct net_stats *stats;
static char path[128];

static uint64_t sum(const char *way, const char *name)
{
	return net_stats_sum(stats, !strcmp(way, "tx"), name);
}

/* It is written at the end of a turn, which may be a moment after the answer. */
static void expect(const char *way, const char *name, uint64_t value)
{
	int64_t end = netfront_now_ms() + PATIENCE_MS;

	while (sum(way, name) != value) {
		check(netfront_now_ms() < end, "%s %s is %" PRIu64 ", not %" PRIu64, way, name,
		      sum(way, name), value);
		sleep_ms(1);
	}
}

/* A packet that cannot be fetched, and one whose sizes do not add up. */
static void lose_two(struct net_guest *g)
{
	union netfront_tx_slot slot = { 0 };
	uint16_t id;

	must(netfront_tx_id(g->nf, &id));
	slot.req = (struct netif_tx_request){ .gref = 4000, .id = id, .size = 60 };
	netfront_tx_put(g->nf, &slot, false);
	net_guest_flush(g);
	must(netfront_tx_id(g->nf, &id));
	slot.req = (struct netif_tx_request){ .gref = g->nf->tx.grefs[id], .id = id, .size = 5 };
	netfront_tx_put(g->nf, &slot, false);
	net_guest_flush(g);
}

static void some_traffic(struct net_guest *g)
{
	for (unsigned int i = 0; i < 5; i++)
		net_guest_says(g, 1000);
	for (unsigned int i = 0; i < 3; i++)
		net_guest_hears(g, 700);
	lose_two(g);
}

static void expect_times(unsigned int n)
{
	expect("tx", "packets", 5 * n);
	expect("tx", "bytes", 5000 * n);
	expect("tx", "bad_copy", n);
	expect("tx", "bad_chain", n);
	expect("tx", "slots", 7 * n);
	expect("rx", "packets", 3 * n);
	expect("rx", "bytes", 2100 * n);
	expect("rx", "too_large", 0);
}

static bool is_gone(void *ctx)
{
	return access(ctx, F_OK) < 0 && errno == ENOENT;
}

static void run(void)
{
	struct net_guest g;

	net_guest_new(&g, "counted", &netfront_all);
	stats = net_guest_map_stats(&g);
	snprintf(path, sizeof(path), "/run/pvback/stats/vif-%u-0", g.domid);
	expect_times(0);
	some_traffic(&g);
	expect_times(1);
	net_guest_disconnect(&g);
	net_guest_connect(&g, &netfront_all);
	some_traffic(&g);
	expect_times(2);
	netbackd_stop();
	netbackd_start();
	some_traffic(&g);
	expect_times(3);
	net_guest_end(&g);
	check(wait_for(is_gone, path, PATIENCE_MS), "%s is still there", path);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
