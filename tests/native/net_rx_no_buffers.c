// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest that posts no buffers, or one when two are needed, costs a bounded
 * amount of memory, however much comes for it (XSA-392); what cannot be kept is
 * dropped and counted; as soon as there are buffers the card goes on.
 */
#include "net_case.h"

#define FLOOD 4000u
#define BOUND_KIB 6144 /* the staging area of 2 MiB, and what a first use costs */

static uint8_t buf[FRAME_MAX];

static void flood(uint32_t len)
{
	struct frame_how how = { .kind = FRAME_OURS, .from = frame_wire_mac, .payload = len - 14 };

	frame_make(buf, &how);
	for (unsigned int i = 0; i < FLOOD; i++)
		must(wire_send(&net_wire, NULL, buf, len));
}

static void check_memory(const struct net_guest *g, long before, const char *when)
{
	long now = process_kib(net_guest_worker(g));

	check(now > 0, "%s: the worker is gone", when);
	check(now - before < BOUND_KIB, "%s: %ld KiB more than before", when, now - before);
}

static void take_all(struct net_guest *g, unsigned int buffers)
{
	struct netfront_packet pkt;

	g->nf->rx.target = buffers;
	netfront_rx_post(g->nf);
	while (net_guest_receive(g, &pkt, 100))
		netfront_rx_post(g->nf);
}

/* With feature-rx-notify the head packet waits ten seconds, without it 30 ms. */
static void starve(const char *name, bool rx_notify, uint64_t *ret_expired)
{
	struct netfront_conf conf = netfront_all;
	struct net_guest g;
	uint64_t dropped;
	long before;

	conf.rx_notify = rx_notify;
	conf.rx_none = true;
	net_guest_new(&g, name, &conf);
	before = process_kib(net_guest_worker(&g));
	dropped = net_guest_tap_count(&g, "tx_dropped");
	flood(1514);
	flood(60000);
	sleep_ms(200);
	check_memory(&g, before, "no buffer");
	check(!g.nf->rx.answered, "answers without a buffer");
	check(net_guest_tap_count(&g, "tx_dropped") - dropped > FLOOD, "only %llu frames dropped",
	      (unsigned long long)(net_guest_tap_count(&g, "tx_dropped") - dropped));

	/* One free slot is no sign of life when the head packet needs two. */
	g.nf->rx.target = 1;
	netfront_rx_post(g.nf);
	flood(60000);
	sleep_ms(200);
	check_memory(&g, before, "one buffer");
	net_guest_says(&g, 1514);

	take_all(&g, 1);
	take_all(&g, 17);
	take_all(&g, NETFRONT_SLOTS);
	net_guest_works(&g);
	net_guest_hears(&g, 65000);
	check_memory(&g, before, "afterwards");
	net_guest_disconnect(&g);
	*ret_expired = net_guest_counter(&g, "rx", "expired");
	net_guest_destroy(&g);
}

static void run(void)
{
	uint64_t expired;

	starve("notifies", true, &expired);
	starve("polled", false, &expired);
	check(expired > 0, "nothing was dropped for a guest that posts nothing");
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
