// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A request index that no ring can have (more than a ring ahead, or
 * backwards) stops the card with its error node, while it runs and when it is
 * to be connected (XSA-39); a full ring is none. Another guest's card goes on.
 */
#include "net_case.h"
#include "toolstack.h"

static struct net_guest other;

static void poke(struct net_guest *g, bool rx, uint32_t ahead)
{
	struct netfront *nf = g->nf;

	if (rx)
		__atomic_store_n(&nf->rx.sring->req_prod, nf->rx.sring->rsp_prod + ahead,
				 __ATOMIC_RELEASE);
	else
		__atomic_store_n(&nf->tx.sring->req_prod, nf->tx.sring->rsp_prod + ahead,
				 __ATOMIC_RELEASE);
	guest_notify(nf->events, rx ? nf->rx_port : nf->tx_port);
}

/* The card has worked, then the index jumps. */
static void jump(bool rx, uint32_t ahead)
{
	struct netfront_conf conf = netfront_all;
	struct net_guest g;

	conf.rx_none = rx;
	net_guest_new(&g, rx ? "rxjump" : "txjump", &conf);
	net_guest_says(&g, 60);
	poke(&g, rx, ahead);
	net_guest_wait_broken(&g);
	net_wire_silent(0);
	net_guest_works(&other);
	net_guest_destroy(&g);
}

/* The index is wrong before there is a worker. */
static void connect_wrong(bool rx, uint32_t ahead)
{
	struct net_guest g;
	char path[96];

	net_guest_create(&g, rx ? "rxwrong" : "txwrong");
	must(netfront_open(g.domid, 0, &netfront_all, &g.nf));
	must(netfront_publish(g.nf));
	poke(&g, rx, ahead);
	must(front_set_state(g.nf->front, XenbusStateConnected));
	snprintf(path, sizeof(path), "/local/domain/0/error/backend/vif/%u/0/error", g.domid);
	{
		int64_t end = netfront_now_ms() + PATIENCE_MS;
		char text[256] = "";

		while (toolstack_read(path, text, sizeof(text)) && netfront_now_ms() < end)
			sleep_ms(5);
		check(strstr(text, "ring"), "%s: error node: \"%s\"", g.dev, text);
	}
	check(front_backend_state(g.nf->front) != XenbusStateConnected, "%s is connected", g.dev);
	net_guest_works(&other);
	net_guest_destroy(&g);
}

/* All 256 slots at once, again and again: nothing is wrong with that. */
static void full_ring(void)
{
	static uint8_t buf[FRAME_MAX];
	uint32_t marks[NETFRONT_SLOTS];
	struct net_guest g;

	net_guest_new(&g, "full", &netfront_all);
	for (unsigned int round = 0; round < 20; round++) {
		for (unsigned int i = 0; i < NETFRONT_SLOTS; i++) {
			struct netfront_frame f = { .data = buf,
						    .len = net_ours(buf, 64, &marks[i]) };

			must(netfront_send(g.nf, &f, NULL));
		}
		net_guest_flush(&g);
		for (unsigned int i = 0; i < NETFRONT_SLOTS; i++)
			net_wire_expect(marks[i], 64);
	}
	net_guest_end(&g);
}

static void run(void)
{
	static const uint32_t aheads[] = { 257,	       258,	   512,	      0x10000,
					   0x7fffffff, 0x80000000, 0xffffffff };

	net_guest_new(&other, "other", &netfront_all);
	full_ring();
	for (size_t i = 0; i < sizeof(aheads) / sizeof(aheads[0]); i++) {
		jump(false, aheads[i]);
		jump(true, aheads[i]);
	}
	connect_wrong(false, 257);
	connect_wrong(true, 0xffffff00);
	net_guest_works(&other);
	net_guest_end(&other);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
