// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A card with several queues, each with one or two event channels: frames go out
 * by each of them, and come in by whichever the backend chooses; then the guest's
 * driver starts anew with another number of queues.
 */
#include "net_case.h"

/* What a queue has sent comes out at the wire. */
static void says(struct netfront *queue, unsigned int number)
{
	static uint8_t buf[FRAME_MAX];
	struct netfront_frame f = { .data = buf };
	uint32_t mark;

	for (unsigned int i = 0; i < 3; i++) {
		f.len = net_ours(buf, 60 + 4000 * i, &mark);
		must(netfront_send(queue, &f, NULL));
		check(!netfront_tx_flush(queue, PATIENCE_MS), "queue %u does not answer", number);
		check(!netfront_fault(queue), "queue %u: %s", number, netfront_fault(queue));
		net_wire_expect(mark, f.len);
	}
}

/* Take what has come, on every queue; how many packets it was. */
static unsigned int take(struct netfront *nf, uint32_t len)
{
	unsigned int nr = 0;

	for (unsigned int i = 0; i < nf->conf.queues; i++) {
		struct netfront *queue = netfront_queue(nf, i);
		struct netfront_packet pkt;

		while (netfront_rx_next(queue, &pkt))
			nr += pkt.len == len;
		netfront_rx_post(queue);
		check(!netfront_fault(queue), "queue %u: %s", i, netfront_fault(queue));
	}
	return nr;
}

static void hears(struct net_guest *g)
{
	enum { FRAMES = 20, LEN = 1234 };
	static uint8_t buf[FRAME_MAX];
	int64_t end = netfront_now_ms() + PATIENCE_MS;
	unsigned int nr = 0;

	for (unsigned int i = 0; i < FRAMES; i++) {
		struct frame_how how = {
			.kind = FRAME_OURS, .mark = i, .from = frame_wire_mac, .payload = LEN - 14
		};

		frame_make(buf, &how);
		must(wire_send(&net_wire, NULL, buf, LEN));
	}
	while (nr < FRAMES && netfront_now_ms() < end) {
		nr += take(g->nf, LEN);
		sleep_ms(1);
	}
	check(nr == FRAMES, "%u frames of %u came", nr, FRAMES);
}

/* All queues' slots are answered; the counters of each are in the log. */
static void disconnect(struct net_guest *g)
{
	uint64_t tx = 0, rx = 0, tx_taken, rx_taken;

	must(netfront_disconnect(g->nf));
	take(g->nf, 0);
	for (unsigned int i = 0; i < g->nf->conf.queues; i++) {
		struct netfront *queue = netfront_queue(g->nf, i);

		netfront_tx_reap(queue);
		tx += queue->tx.answered;
		rx += queue->rx.answered;
	}
	g->tx_before += tx;
	g->rx_before += rx;
	tx_taken = net_guest_counter(g, "tx", "slots");
	rx_taken = net_guest_counter(g, "rx", "slots");
	check(tx_taken == g->tx_before && rx_taken == g->rx_before,
	      "taken %llu and %llu, answered %llu and %llu", (unsigned long long)tx_taken,
	      (unsigned long long)rx_taken, (unsigned long long)g->tx_before,
	      (unsigned long long)g->rx_before);
	netfront_free(g->nf);
	g->nf = NULL;
}

static void with_queues(struct net_guest *g, unsigned int queues, bool one_channel)
{
	struct netfront_conf conf = netfront_all;

	conf.queues = queues;
	conf.one_channel = one_channel;
	net_guest_connect(g, &conf);
	for (unsigned int i = 0; i < queues; i++)
		says(netfront_queue(g->nf, i), i);
	hears(g);
	disconnect(g);
}

static void run(void)
{
	struct net_guest g;

	net_guest_create(&g, "queues");
	with_queues(&g, 4, false);
	with_queues(&g, 2, true);
	with_queues(&g, 1, false);
	with_queues(&g, 3, false);
	net_guest_destroy(&g);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
