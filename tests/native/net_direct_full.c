// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest that does not receive: what others send to it past the taps is bounded, dropped and
 * counted; their slots are answered all the same, and what they send to another gets there. When
 * it receives again, it gets what was kept, in order, and then all.
 */
#include "net_direct_case.h"

#define FRAMES 1000u
#define LEN 2000u

static void send_many(struct net_guest *a, const struct net_guest *b)
{
	for (uint32_t put = 0; put < FRAMES;) {
		for (unsigned int i = 0; i < 50; i++)
			direct_put(a, b, put++, LEN);
		net_guest_flush(a);
	}
}

static bool all_counted(void *ctx)
{
	return direct_count(ctx, true, "direct_packets") + direct_count(ctx, true, "direct_full") ==
	       FRAMES;
}

/* Marks only grow; returns how many came. */
static unsigned int receive_all(struct net_guest *b)
{
	static uint8_t buf[FRAME_MAX];
	struct netfront_packet pkt;
	unsigned int nr = 0;
	uint32_t mark, last = 0;

	while (net_guest_receive(b, &pkt, 100)) {
		check(netfront_linear(&pkt, buf, sizeof(buf)) == LEN, "%u bytes came", pkt.len);
		netfront_rx_post(b->nf);
		check(frame_mark(buf, LEN, &mark), "a frame that is not whole");
		check(!nr || mark > last, "frame %u after %u", mark, last);
		last = mark;
		nr++;
	}
	return nr;
}

static void run(void)
{
	struct netfront_conf deaf = netfront_all;
	struct net_guest a, b, c;
	uint64_t full, late;
	unsigned int got;
	long kib;

	deaf.rx_none = true;
	direct_new(&a, "one", "group", &netfront_all);
	direct_new(&b, "deaf", "group", &deaf);
	direct_new(&c, "three", "group", &netfront_all);
	direct_wait(&a, &b, 1);
	direct_wait(&a, &c, 1);
	kib = process_kib(net_guest_worker(&b));
	send_many(&a, &b);
	check(wait_for(all_counted, &a, PATIENCE_MS), "%s: %llu went, %llu were too many", a.dev,
	      (unsigned long long)direct_count(&a, true, "direct_packets"),
	      (unsigned long long)direct_count(&a, true, "direct_full"));
	full = direct_count(&a, true, "direct_full");
	check(full > FRAMES / 4, "%llu were too many", (unsigned long long)full);
	check(process_kib(net_guest_worker(&b)) - kib < 12 << 10, "memory is not bounded");
	direct_says(&a, &c, 77, LEN);
	direct_expect(&a, true, "packets", FRAMES + 1 - full);
	b.nf->rx.target = NETFRONT_SLOTS;
	netfront_rx_post(b.nf);
	got = receive_all(&b);
	late = direct_count(&b, false, "too_slow") + direct_count(&b, false, "expired");
	direct_expect(&b, false, "packets", got);
	check(got > 50 && got + late == direct_count(&a, true, "direct_packets") - 1,
	      "%u came, %llu were dropped", got, (unsigned long long)late);
	for (uint32_t i = 0; i < 300; i++)
		direct_says(&a, &b, i, 60 + i * 100);
	net_guest_end(&a);
	net_guest_end(&b);
	net_guest_end(&c);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
