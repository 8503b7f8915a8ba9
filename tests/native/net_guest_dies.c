// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest that dies, at any step of its card's life and with traffic both ways, leaves
 * nothing: its worker ends, its tap is gone, nothing of it stays mapped; another
 * guest's card goes on.
 */
#include <net/if.h>
#include <pthread.h>
#include <stdatomic.h>

#include "net_case.h"
#include "toolstack.h"

static atomic_bool over;
static struct net_guest other;

/* Until the guest is gone: whatever is in the ring is never looked at. */
static void *send_all_the_time(void *arg)
{
	struct net_guest *g = arg;
	static uint8_t buf[FRAME_MAX];
	struct netfront_frame f = { .data = buf };
	uint32_t mark;

	f.len = net_ours(buf, 9000, &mark);
	while (!atomic_load(&over)) {
		struct netfront_packet pkt;

		netfront_tx_reap(g->nf);
		while (!netfront_send(g->nf, &f, NULL))
			;
		netfront_tx_push(g->nf);
		while (netfront_rx_next(g->nf, &pkt))
			;
		netfront_rx_post(g->nf);
	}
	return NULL;
}

static void *flood_all_the_time(void *arg)
{
	static uint8_t buf[1514];
	const struct frame_how how = { .kind = FRAME_OURS,
				       .from = frame_wire_mac,
				       .payload = 1500 };

	frame_make(buf, &how);
	while (!atomic_load(&over))
		wire_send(&net_wire, NULL, buf, sizeof(buf));
	return arg;
}

static bool all_gone(void *ctx)
{
	const struct net_guest *g = ctx;

	return !net_guest_worker(g) && !if_nametoindex(g->tap);
}

static void drain_wire(void)
{
	static uint8_t buf[FRAME_MAX];

	while (wire_receive(&net_wire, NULL, buf, sizeof(buf), NULL, 0) > 0)
		;
}

/* The flood came to the other one as well, and nobody was there to take it. */
static void drain_other(void)
{
	struct netfront_packet pkt;

	while (net_guest_receive(&other, &pkt, 50))
		netfront_rx_post(other.nf);
}

/* Its grants are free again, so nothing of it is mapped. */
static void check_unmapped(const struct net_guest *g)
{
	check(!guest_grant_in_use(g->nf->guest, g->nf->tx.ring_gref), "%s: the tx ring is mapped",
	      g->dev);
	check(!guest_grant_in_use(g->nf->guest, g->nf->rx.ring_gref), "%s: the rx ring is mapped",
	      g->dev);
}

static void kill_it(struct net_guest *g)
{
	must(toolstack_destroy(g->domid));
	check(wait_for(all_gone, g, PATIENCE_MS), "%s: worker %d and tap %s stay", g->dev,
	      net_guest_worker(g), g->tap);
	if (g->nf) {
		check_unmapped(g);
		netfront_free(g->nf);
	}
	g->nf = NULL;
	drain_wire();
	net_guest_works(&other);
}

static void before_connecting(void)
{
	struct net_guest g;

	net_guest_create(&g, "step1");
	kill_it(&g);

	net_guest_create(&g, "step2");
	must(netfront_open(g.domid, 0, &netfront_all, &g.nf));
	must(netfront_publish(g.nf));
	kill_it(&g);

	/* The worker is about to start, or has, or has just connected. */
	for (unsigned int wait = 0; wait < 8; wait += 2) {
		net_guest_create(&g, "step3");
		must(netfront_open(g.domid, 0, &netfront_all, &g.nf));
		must(netfront_publish(g.nf));
		must(front_set_state(g.nf->front, XenbusStateConnected));
		sleep_ms(wait);
		kill_it(&g);
	}
}

static void idle_or_closing(void)
{
	struct net_guest g;

	net_guest_new(&g, "step4", &netfront_all);
	kill_it(&g);

	net_guest_new(&g, "step5", &netfront_all);
	must(front_set_state(g.nf->front, XenbusStateClosing));
	kill_it(&g);

	net_guest_new(&g, "step6", &netfront_all);
	must(front_set_state(g.nf->front, XenbusStateClosed));
	kill_it(&g);
}

static void under_traffic(unsigned int after_ms)
{
	pthread_t threads[2];
	struct net_guest g;

	atomic_store(&over, false);
	net_guest_new(&g, "busy", &netfront_all);
	check(!pthread_create(&threads[0], NULL, send_all_the_time, &g), "no thread");
	check(!pthread_create(&threads[1], NULL, flood_all_the_time, NULL), "no thread");
	sleep_ms(after_ms);
	must(toolstack_destroy(g.domid));
	check(wait_for(all_gone, &g, PATIENCE_MS), "%s: worker %d and tap %s stay", g.dev,
	      net_guest_worker(&g), g.tap);
	check_unmapped(&g);
	atomic_store(&over, true);
	for (unsigned int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	netfront_free(g.nf);
	drain_wire();
	drain_other();
	net_guest_works(&other);
}

static void run(void)
{
	net_guest_new(&other, "other", &netfront_all);
	before_connecting();
	idle_or_closing();
	for (unsigned int ms = 0; ms < 60; ms += 15)
		under_traffic(ms);
	net_guest_destroy(&other);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
