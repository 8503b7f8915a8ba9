// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A card is taken down while its multicast list is in use (XSA-527): the guest adds and
 * deletes addresses, the key is switched, and multicasts come in all the time; the guest
 * lets go in order, or its driver is gone in the midst of it, or netbackd is restarted. The
 * next connection begins with an empty list.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "net_mcast_case.h"

static atomic_bool over;

static const uint8_t *address(unsigned int i)
{
	static _Thread_local uint8_t addr[6] = { 0x33, 0x33, 0, 0, 0, 0 };

	addr[5] = (uint8_t)i;
	return addr;
}

static void *flood(void *arg)
{
	for (unsigned int i = 0; !atomic_load(&over); i++) {
		mcast_wire_says(address(i % 64), i);
		if (i % 16 == 0)
			sleep_ms(1);
	}
	return arg;
}

/* Requests and answers, without a look at what becomes of each. */
static void churn(struct net_guest *g, unsigned int ms)
{
	int64_t end = netfront_now_ms() + ms;
	struct netfront_packet pkt;

	for (unsigned int i = 0; netfront_now_ms() < end; i++) {
		netfront_mcast(g->nf, i % 3 != 0, address(i * 7 % 64), NULL);
		if (i % 32 == 0)
			must(front_write(g->nf->front, "request-multicast-control", "%u",
					 i / 32 % 2));
		netfront_tx_push(g->nf);
		netfront_tx_reap(g->nf);
		while (netfront_rx_next(g->nf, &pkt))
			;
		netfront_rx_post(g->nf);
		check(!netfront_fault(g->nf), "%s: %s", g->dev, netfront_fault(g->nf));
	}
}

static void begins_empty(struct net_guest *g)
{
	mcast_connect(g);
	for (unsigned int i = 0; i < 64; i += 9)
		check(!mcast_hears(g, address(i)), "address %u is heard", i);
}

static void run(void)
{
	struct net_guest g;
	pthread_t thread;

	net_guest_create(&g, "churn");
	mcast_connect(&g);
	check(!pthread_create(&thread, NULL, flood, NULL), "no thread");
	churn(&g, 40);
	net_guest_disconnect(&g);
	mcast_connect(&g);
	churn(&g, 40);
	netbackd_stop();
	netbackd_start();
	churn(&g, 40);
	net_guest_disconnect(&g);
	atomic_store(&over, true);
	pthread_join(thread, NULL);
	begins_empty(&g);
	atomic_store(&over, false);
	check(!pthread_create(&thread, NULL, flood, NULL), "no thread");
	churn(&g, 40);
	net_guest_destroy(&g);
	atomic_store(&over, true);
	pthread_join(thread, NULL);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
