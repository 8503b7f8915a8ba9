// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One guest does all it can against its backend, another one's traffic does
 * not notice: all of its frames come, none is late by more than half a second.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "net_case.h"

#define RUN_MS 1500
#define LATE_MS 500

static atomic_bool over;

static uint32_t lottery(void)
{
	static uint32_t x = 4711;

	x = x * 1664525 + 1013904223;
	return x >> 8;
}

/* Any slot at all; chains end now and then, as one that fills the ring would end it all. */
static void put_garbage(struct netfront *nf, unsigned int i)
{
	union netfront_tx_slot s = {
		.req = { .gref = lottery() % 3 ? nf->tx.grefs[lottery() % NETFRONT_SLOTS]
					       : lottery(),
			 .offset = (uint16_t)(lottery() % 3 ? 0 : lottery()),
			 .flags = (uint16_t)(i % 8 == 7 ? lottery() & 3 : lottery() & 15),
			 .id = (uint16_t)(lottery() % NETFRONT_SLOTS),
			 .size = (uint16_t)(lottery() % 2 ? lottery() % 2000 : lottery()) },
	};

	nf->tx.sring->ring[nf->tx.req_prod++ % NETFRONT_SLOTS].req = s.req;
}

static void *rage(void *arg)
{
	struct net_guest *g = arg;
	struct netfront *nf = g->nf;

	while (!atomic_load(&over)) {
		uint32_t done = __atomic_load_n(&nf->tx.sring->rsp_prod, __ATOMIC_ACQUIRE);

		for (unsigned int i = 0; i < 8 && nf->tx.req_prod - done <= NETFRONT_SLOTS - 8; i++)
			put_garbage(nf, i);
		__atomic_store_n(&nf->tx.sring->req_prod, nf->tx.req_prod, __ATOMIC_RELEASE);
		/* Events for nothing as well, on both channels. */
		guest_notify(nf->events, nf->tx_port);
		guest_notify(nf->events, nf->rx_port);
		/* And rx buffers that are none. */
		nf->rx.grefs[lottery() % NETFRONT_SLOTS] = lottery();
		nf->rx.rsp_cons = __atomic_load_n(&nf->rx.sring->rsp_prod, __ATOMIC_ACQUIRE);
		netfront_rx_post(nf);
	}
	return NULL;
}

/* The wire gets the quiet guest's frame; those of the other one may be before it. */
static void expect_among_garbage(uint32_t mark)
{
	static uint8_t buf[FRAME_MAX];
	int64_t end = netfront_now_ms() + LATE_MS;

	for (;;) {
		int64_t left = end - netfront_now_ms();
		uint32_t got;
		int len = wire_receive(&net_wire, frame_guest_mac, buf, sizeof(buf), NULL,
				       left > 0 ? (int)left : 0);

		check(len > 0, "a frame came late, or not at all");
		if (frame_mark(buf, (size_t)len, &got) && got == mark)
			return;
	}
}

static void live(struct net_guest *g)
{
	int64_t end = netfront_now_ms() + RUN_MS;
	static uint8_t buf[FRAME_MAX];
	unsigned int nr = 0;

	for (; netfront_now_ms() < end; nr++) {
		struct netfront_frame f = { .data = buf };
		uint32_t mark;
		uint16_t id;

		f.len = net_ours(buf, 18 + nr % 9000, &mark);
		must(netfront_send(g->nf, &f, &id));
		net_guest_flush(g);
		net_guest_answered(g, id, NETIF_RSP_OKAY);
		expect_among_garbage(mark);
		if (nr % 10 == 0)
			net_guest_hears(g, 18 + nr % 9000);
	}
	check(nr > 100, "only %u frames in %d ms", nr, RUN_MS);
}

static void run(void)
{
	struct net_guest quiet, hostile;
	pthread_t thread;

	net_guest_new(&quiet, "quiet", &netfront_all);
	net_guest_new(&hostile, "hostile", &netfront_all);
	/* What of its garbage is a frame is not the quiet one's. */
	memset(hostile.nf->tx.pages, 0x42, (size_t)NETFRONT_SLOTS * GUEST_PAGE_SIZE);
	check(!pthread_create(&thread, NULL, rage, &hostile), "no thread");
	live(&quiet);
	check(net_guest_worker(&hostile), "the hostile guest's card has stopped, it was to go on");
	atomic_store(&over, true);
	pthread_join(thread, NULL);
	check(hostile.nf->tx.sring->rsp_prod > 10000, "not much rage: %u slots",
	      hostile.nf->tx.sring->rsp_prod);
	net_guest_end(&quiet);
	net_guest_destroy(&hostile);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
