// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Numbers of queues that are none, more than were offered, and a queue without its
 * keys: the card is refused with the name of the key, and serves a driver that does
 * better.
 */
#include <stdio.h>

#include "net_case.h"
#include "toolstack.h"
#include "xenbus.h"

/* Publish two queues, spoil one key, and go on. */
static void refused(struct net_guest *g, const char *key, const char *value, const char *reason)
{
	struct netfront_conf conf = netfront_all;

	conf.queues = 2;
	must(netfront_open(g->domid, 0, &conf, &g->nf));
	if (front_backend_state(g->nf->front) == XenbusStateClosed)
		must(front_set_state(g->nf->front, XenbusStateInitialising));
	must(front_wait_backend(g->nf->front, FRONT_STATE(XenbusStateInitWait), PATIENCE_MS));
	must(netfront_publish(g->nf));
	if (value)
		must(front_write(g->nf->front, key, "%s", value));
	else
		must(front_rm(g->nf->front, key));
	check(netfront_go(g->nf) != 0, "%s = %s: it was accepted", key, value ? value : "(none)");
	netbackd_wait_line(g->dev, reason);
	check(!net_guest_worker(g), "%s = %s: it has a worker", key, value ? value : "(none)");
	must(netfront_disconnect(g->nf));
	netfront_free(g->nf);
	g->nf = NULL;
}

static void run(void)
{
	struct net_guest g;

	/* Two, as no device may fill the log. */
	net_guest_create(&g, "numbers");
	refused(&g, "multi-queue-num-queues", "0", "multi-queue-num-queues");
	refused(&g, "multi-queue-num-queues", "5", "multi-queue-num-queues");
	refused(&g, "multi-queue-num-queues", "4294967297", "multi-queue-num-queues");
	net_guest_destroy(&g);
	net_guest_create(&g, "keys");
	refused(&g, "multi-queue-num-queues", "1", "tx-ring-ref");
	refused(&g, "queue-1/rx-ring-ref", NULL, "queue-1/rx-ring-ref");
	refused(&g, "queue-0/event-channel-tx", NULL, "queue-0/event-channel");
	net_guest_connect(&g, &netfront_all);
	net_guest_works(&g);
	net_guest_end(&g);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
