// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest may ask for 1024 multicast addresses; one more, and one that is no multicast,
 * is answered with an error and changes nothing. All queues go by the one list,
 * whichever of them the requests came by.
 */
#include "net_mcast_case.h"

enum { MANY = 1024 };

static const uint8_t *address(unsigned int i)
{
	static uint8_t addr[6] = { 0x33, 0x33 };

	addr[2] = (uint8_t)(i * 7);
	addr[4] = (uint8_t)(i >> 8);
	addr[5] = (uint8_t)i;
	return addr;
}

static void add_many(struct net_guest *g)
{
	for (unsigned int i = 0; i < MANY; i++) {
		if (netfront_mcast(g->nf, true, address(i), NULL) == 0)
			continue;
		net_guest_flush(g);
		must(netfront_mcast(g->nf, true, address(i), NULL));
	}
	net_guest_flush(g);
	check(g->nf->tx.ok == MANY && !g->nf->tx.errors, "%llu of them were added",
	      (unsigned long long)g->nf->tx.ok);
}

static void one_list(struct net_guest *g)
{
	static const uint8_t unicast[6] = { 2, 0, 0, 0, 0, 1 };

	add_many(g);
	for (unsigned int i = 0; i < MANY; i += 93)
		check(mcast_hears(g, address(i)), "address %u of %u is not heard", i, MANY);
	mcast_request(g, true, address(MANY), NETIF_RSP_ERROR);
	mcast_request(g, true, unicast, NETIF_RSP_ERROR);
	check(!mcast_hears(g, address(MANY)), "one too many is heard");
	mcast_request(g, false, address(5), NETIF_RSP_OKAY);
	mcast_request(g, true, address(MANY), NETIF_RSP_OKAY);
	check(mcast_hears(g, address(MANY)), "there is no room after one was deleted");
	check(!mcast_hears(g, address(5)), "what was deleted is heard");
}

static unsigned int count(struct netfront *nf, uint32_t mark)
{
	static uint8_t buf[FRAME_MAX];
	unsigned int nr = 0;
	uint32_t got;

	for (unsigned int i = 0; i < nf->conf.queues; i++) {
		struct netfront *queue = netfront_queue(nf, i);
		struct netfront_packet pkt;

		while (netfront_rx_next(queue, &pkt)) {
			netfront_linear(&pkt, buf, sizeof(buf));
			nr += frame_mark(buf, pkt.len, &got) && got == mark;
		}
		netfront_rx_post(queue);
		check(!netfront_fault(queue), "queue %u: %s", i, netfront_fault(queue));
	}
	return nr;
}

/* Whichever queue the kernel has chosen for it. */
static bool any_hears(struct net_guest *g, const uint8_t *to, int ms)
{
	static uint32_t mark = 0x3e000000;
	int64_t end = netfront_now_ms() + ms;
	bool heard = false;

	mcast_wire_says(to, ++mark);
	while (!heard && netfront_now_ms() < end) {
		heard = count(g->nf, mark) > 0;
		sleep_ms(1);
	}
	return heard;
}

static void of_all_queues(struct net_guest *g)
{
	struct netfront_conf conf = netfront_all;

	conf.queues = 4;
	must(netfront_open(g->domid, 0, &conf, &g->nf));
	must(front_write(g->nf->front, "request-multicast-control", "1"));
	must(netfront_connect(g->nf));
	net_wait_forwarding(g->tap);
	check(!any_hears(g, address(1), 50), "the list of the connection before is there still");
	for (unsigned int i = 0; i < 4; i++) {
		struct netfront *queue = netfront_queue(g->nf, i);

		must(netfront_mcast(queue, true, address(i), NULL));
		check(!netfront_tx_flush(queue, PATIENCE_MS), "queue %u does not answer", i);
	}
	for (unsigned int i = 0; i < 4; i++)
		check(any_hears(g, address(i), PATIENCE_MS), "what queue %u added is not heard", i);
	must(netfront_disconnect(g->nf));
}

static void run(void)
{
	struct net_guest g;

	net_guest_create(&g, "many");
	mcast_connect(&g);
	one_list(&g);
	net_guest_disconnect(&g);
	of_all_queues(&g);
	net_guest_destroy(&g);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
