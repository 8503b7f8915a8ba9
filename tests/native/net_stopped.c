// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What comes for a guest that has stopped receiving is dropped, and counted, as it comes, be the frames
 * large or small: next to nothing waits in the worker and nothing in the tap. It is served again as soon as it goes on.
 */
#include <stdio.h>
#include <sys/mman.h>

#include "net_case.h"

#define FLOOD 100u /* fewer than a tap holds */
#define FLOODS 4u

struct kind {
	const char *name;
	uint32_t len;
	uint32_t kept_max; /* frames */
};

/* 128 KiB, or the slots of a ring; and what is read with the last call. */
static const struct kind kinds[] = {
	{ "large", 60000, 3 + 16 },
	{ "small", 64, 257 + 16 },
	{ "middle", 3000, 44 + 16 }, /* too few places for as many as there are slots */
};

struct wait {
	const struct net_stats *stats;
	uint64_t sent;
};

static uint64_t dropped(const struct net_stats *stats)
{
	return net_stats_sum(stats, false, "too_slow");
}

/* A read in vain more or less does not matter. */
static bool is_taken(void *ctx)
{
	const struct wait *w = ctx;

	return net_stats_sum(w->stats, false, "reads") + dropped(w->stats) >= w->sent;
}

static void flood(uint32_t len, unsigned int nr)
{
	static uint8_t buf[FRAME_MAX];
	uint32_t mark;

	for (unsigned int i = 0; i < nr; i++) {
		net_ours(buf, len, &mark);
		must(wire_send(&net_wire, NULL, buf, len));
	}
}

/* That the guest has stopped is noticed after a tenth of a second, and then its tap is emptied. */
static void stop(const struct kind *kind)
{
	struct netfront_conf conf = netfront_all;
	struct wait w = { 0 };
	struct net_guest g;

	conf.rx_none = true;
	net_guest_new(&g, kind->name, &conf);
	w.stats = net_guest_map_stats(&g);
	for (unsigned int i = 0; i < FLOODS; i++) {
		flood(kind->len, FLOOD);
		w.sent += FLOOD;
		check(wait_for(is_taken, &w, PATIENCE_MS), "%s frames are left in the tap",
		      kind->name);
	}
	printf("%s: %llu of %llu frames dropped\n", kind->name,
	       (unsigned long long)dropped(w.stats), (unsigned long long)w.sent);
	check(dropped(w.stats) + kind->kept_max >= w.sent, "too many are kept");
	check(net_guest_tap_count(&g, "tx_dropped") == 0, "the tap was full");
	g.nf->rx.target = NETFRONT_SLOTS;
	netfront_rx_post(g.nf);
	net_guest_works(&g);
	munmap((void *)(uintptr_t)w.stats, sizeof(*w.stats));
	net_guest_end(&g);
}

static void run(void)
{
	for (unsigned int i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		stop(&kinds[i]);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
