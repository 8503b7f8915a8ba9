// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest with several queues chooses over its control ring which of them a packet comes
 * by: as its mapping says for the packet's hash, or by the hash modulo their number; what
 * has no hash by the first entry's. The kernel does it before the packet is queued.
 * It stays so over a restart of netbackd, orderly or not, and ends with the connection.
 */
#include <signal.h>

#include "net_ctrl_case.h"

enum { QUEUES = 4, ENTRIES = 100 };

static uint32_t mapping[ENTRIES];

static unsigned int wanted(uint32_t hash)
{
	return mapping[0] == UINT32_MAX ? hash % QUEUES : mapping[hash % ENTRIES];
}

/* Several flows of each kind; each kind reaches more than one queue. */
static void flows(struct net_guest *g, enum frame_kind kind, bool with_ports)
{
	static uint16_t port = 10000;
	unsigned int seen = 0;

	for (unsigned int i = 0; i < 12; i++) {
		uint32_t hash = ctrl_wire_says(kind, ++port, with_ports);
		struct netfront_packet pkt;
		unsigned int queue = ctrl_receive(g->nf, port, &pkt);

		check(pkt.hashed && pkt.hash == hash, "hash %#x instead of %#x", pkt.hash, hash);
		check(queue == wanted(hash), "hash %#x came by queue %u instead of %u", hash, queue,
		      wanted(hash));
		seen |= 1u << queue;
	}
	check(!with_ports || seen & (seen - 1), "all flows come by one queue");
}

static void all_kinds(struct net_guest *g)
{
	flows(g, FRAME_TCP4, true);
	flows(g, FRAME_TCP6, true);
	flows(g, FRAME_UDP4, false);
	flows(g, FRAME_UDP6, false);
}

static void map(struct net_guest *g, uint32_t factor)
{
	for (uint32_t i = 0; i < ENTRIES; i++)
		mapping[i] = (3 + i * factor / 2) % QUEUES;
	ctrl_set_mapping(g->nf, mapping, ENTRIES);
}

static void no_hash(struct net_guest *g)
{
	static const uint8_t to[6] = { 2, 0, 0, 0, 0, 0x77 };
	static uint8_t buf[FRAME_MAX];
	const struct frame_how how = {
		.kind = FRAME_OURS, .to = to, .from = frame_wire_mac, .payload = 300, .mark = 77
	};
	uint32_t len = frame_make(buf, &how), mark = 0;
	struct netfront *queue = netfront_queue(g->nf, mapping[0]);
	int64_t end = netfront_now_ms() + PATIENCE_MS;
	struct netfront_packet pkt;

	must(wire_send(&net_wire, NULL, buf, len));
	while (mark != 77) {
		check(netfront_now_ms() < end, "what has no hash does not come by queue %u",
		      mapping[0]);
		while (netfront_rx_next(queue, &pkt)) {
			netfront_linear(&pkt, buf, sizeof(buf));
			if (!frame_mark(buf, pkt.len, &mark))
				mark = 0;
		}
		netfront_rx_post(queue);
		sleep_ms(1);
	}
	check(!pkt.hashed, "a hash of what has none");
}

/* Does anything come, on any queue, in a moment? */
static bool comes(struct netfront *nf)
{
	unsigned int nr = 0;

	for (unsigned int tries = 0; tries < 50 && nr == 0; tries++) {
		for (unsigned int i = 0; i < QUEUES; i++) {
			struct netfront_packet pkt;

			while (netfront_rx_next(netfront_queue(nf, i), &pkt))
				nr++;
			netfront_rx_post(netfront_queue(nf, i));
		}
		sleep_ms(1);
	}
	return nr > 0;
}

/* A successor of @before reads the tap: what is sent while it sets it up may be lost. */
static void wait_served(const struct net_guest *g, pid_t before)
{
	int64_t end = netfront_now_ms() + PATIENCE_MS;

	while (kill(before, 0) == 0) {
		check(netfront_now_ms() < end, "the worker does not end");
		sleep_ms(1);
	}
	comes(g->nf);
	do {
		check(netfront_now_ms() < end, "nobody serves it");
		ctrl_wire_says(FRAME_TCP4, 9999, true);
	} while (!comes(g->nf));
}

static void restart(struct net_guest *g, void (*end)(void))
{
	pid_t before = net_guest_worker(g);

	check(before > 0, "no worker");
	end();
	netbackd_start();
	wait_served(g, before);
}

static void run(void)
{
	const uint32_t all = 15;
	struct net_guest g;

	net_guest_create(&g, "steer");
	ctrl_connect(&g, QUEUES);
	if (netbackd_lines("no BPF", NULL))
		skip("the kernel does not let us load a BPF program");
	ctrl_hash_on(g.nf, all);
	mapping[0] = UINT32_MAX;
	all_kinds(&g);
	map(&g, 3);
	all_kinds(&g);
	no_hash(&g);
	restart(&g, netbackd_stop);
	all_kinds(&g);
	restart(&g, netbackd_kill);
	flows(&g, FRAME_TCP4, true);
	map(&g, 5);
	flows(&g, FRAME_TCP4, true);
	must(netfront_disconnect(g.nf));
	netfront_free(g.nf);
	g.nf = NULL;
	net_guest_new(&g, "plain", &netfront_all);
	net_guest_works(&g);
	net_guest_end(&g);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
